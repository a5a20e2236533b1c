# frozen_string_literal: true

# The steps of ../../scenario/README.md with the client.
require 'base64'
require 'erb'
require 'json'
require 'net/http'
require 'openssl'

PARENT = 'accounts/harness'
TO = '+4915123456789'

# The answer of the harness.
def harness(command)
  uri = URI("#{ENV.fetch('SMSMUX_HARNESS')}/#{command}")
  Net::HTTP.start(uri.host, uri.port, nil, read_timeout: 300) { |http| http.get(uri.path) }
end

HARNESS = Smsmux::Client.new(address: "https://#{harness('server').body}", ca: ENV.fetch('SMSMUX_HARNESS_CA'))

def send_text(text, client: HARNESS, recipient: TO)
  client.messages.send_message(SendMessageRequest.new(parent: PARENT, recipients: [recipient], sender: 'smsmux', text:))
end

def times_sent(text) = harness("sent/#{ERB::Util.url_encode(text)}").body.to_i

# The error that the block raises.
def client_error
  yield
rescue Smsmux::Error => e
  e
else
  raise 'the call succeeded'
end

# The place of an answer in the log.
def sequence(answer) = (answer.event || answer.progress).sequence

# Verifies by Standard Webhooks, whose library is no package of Debian's.
def verified?(secret, body, headers)
  signed = "#{headers['webhook-id']}.#{headers['webhook-timestamp']}.#{body}"
  key = Base64.strict_decode64(secret.delete_prefix('whsec_'))
  signature = "v1,#{Base64.strict_encode64(OpenSSL::HMAC.digest('SHA256', key, signed))}"
  age = (Time.now.to_i - headers['webhook-timestamp'].to_i).abs
  age < 300 && headers['webhook-signature'].split.any? { |given| OpenSSL.secure_compare(given, signature) }
end

step 'rate-limited' do
  text = "busy #{new_id}"
  send_text(text)
  check 'times', times_sent(text), 2
end

step 'cut' do
  text = "cut #{new_id}"
  client = Smsmux::Client.new(address: harness("cut/#{ADDRESS}").body)
  send_text(text, client:)
  client.close
  check 'times', times_sent(text), 1
end

step 'unknown' do
  text = "unknown #{new_id}"
  error = client_error { send_text(text) }
  check 'error', [error.reason, error.outcome], %w[OUTCOME_UNKNOWN UNKNOWN]
  check_that 'a resource', error.resource.start_with?("#{PARENT}/messages/")
  check_that 'a request id', !error.request_id.empty?
  check 'times', times_sent(text), 1
end

step 'violations' do
  error = client_error { send_text('Ciao!', recipient: '12') }
  check 'error', [error.reason, error.outcome], %w[INVALID_REQUEST NOT_SENT]
  check 'fields', error.violations.map(&:field), ['recipients[0]']
end

step 'plain-text' do
  Smsmux::Client.new(address: 'http://192.0.2.1:50051')
  raise 'the key would be sent in plain text'
rescue ArgumentError
  nil
end

step 'pager' do
  send_text("pager #{new_id}")
  request = ListMessagesRequest.new(parent: PARENT, page_size: 1)
  pages = HARNESS.pages(HARNESS.messages.method(:list_messages), request).to_a
  names = pages.flat_map { |page| page.messages.map(&:name) }
  check_that 'two pages', pages.size >= 2
  check 'names', names, names.uniq
end

step 'restart' do
  watch = HARNESS.watch(HARNESS.events.method(:watch_events), WatchEventsRequest.new(parent: PARENT))
  answer = watch.next
  [true, false].each do |restart|
    send_text("watch #{new_id}")
    loop do
      place = sequence(answer)
      answer = watch.next
      check 'previous_sequence', answer.previous_sequence, place
      break if answer.event
    end
    harness('restart') if restart
  end
end

step 'webhook' do
  id = new_id
  request = CreateEventSubscriptionRequest.new(parent: PARENT, event_subscription_id: id)
  name = HARNESS.events.create_event_subscription(request).event_subscription.name
  request = SetEventWebhookRequest.new(name:, url: "#{ENV.fetch('SMSMUX_HARNESS')}/hooks/#{id}")
  secret = HARNESS.events.set_event_webhook(request).signing_secret
  send_text("webhook #{new_id}")
  delivered = harness("hooks/#{id}")
  check_that 'it is verified', verified?(secret, delivered.body, delivered)
  check_that 'another body is not', !verified?(secret, "#{delivered.body} ", delivered)
  check_that 'it tells of a message', JSON.parse(delivered.body)['type'].start_with?('smsmux.message.')
  HARNESS.events.delete_event_subscription(DeleteEventSubscriptionRequest.new(name:))
end
