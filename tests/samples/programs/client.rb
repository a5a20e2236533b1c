# Sends with Net::HTTP what it reads, a request a line, and writes the answers.
require 'net/http'
require 'uri'

$stdout.sync = true
$stdin.each_line do |line|
  method, url, body, *headers = line.split.map { |part| URI.decode_www_form_component(part) }
  uri = URI.parse(url)
  request = Net::HTTP.const_get(method.capitalize).new(uri.request_uri)
  headers.each do |header|
    name, value = header.split(': ', 2)
    request[name] = value
  end
  request.body = body[1..] unless body == '-'
  answer = Net::HTTP.new(uri.host, uri.port).request(request)
  parts = ["=#{answer['location']}", "=#{answer.body}"].map { |part| URI.encode_www_form_component(part) }
  puts [answer.code, *parts].join(' ')
end
