# frozen_string_literal: true

# The scenario of ../../scenario/README.md.
require 'smsmux'

include Smsmux::V1 # rubocop:disable Style/MixinUsage -- a program of one file

ADDRESS = ENV.fetch('SMSMUX_ADDRESS')
METADATA = { authorization: "Bearer #{ENV.fetch('SMSMUX_KEY')}" }.freeze
TESTDATA = ENV.fetch('SMSMUX_TESTDATA')
SMSEND = 'accounts/smsend'

# A stub whose calls bring the key and end after ten seconds, unless they say otherwise.
class Client
  def initialize(service)
    @stub = service::Stub.new(ADDRESS, :this_channel_is_insecure)
  end

  def method_missing(name, request, metadata: METADATA, deadline: Time.now + 10, **options)
    @stub.public_send(name, request, metadata:, deadline:, **options)
  end

  def respond_to_missing?(name, include_private = false) = @stub.respond_to?(name, include_private) || super
end

ACCOUNTS = Client.new(AccountService)
MESSAGES = Client.new(MessageService)
GROUPS = Client.new(GroupService)
CONTACTS = Client.new(ContactService)
INBOX = Client.new(InboxService)

def step(name)
  yield
  puts "ok #{name}"
rescue StandardError => e
  abort "#{name}: #{e.full_message(highlight: false)}"
end

def check(what, actual, expected)
  raise "#{what}: #{actual.inspect} instead of #{expected.inspect}" unless actual == expected
end

# Anything but nil and false will do: has_...? says 0 for true in google-protobuf 3.21.
def check_that(what, condition)
  raise "not so: #{what}" unless condition
end

# The status that the block fails with.
def failure
  yield
rescue GRPC::BadStatus => e
  e
else
  raise 'the call succeeded'
end

# The detail of a type, as an object of it.
def detail(status, type)
  status.to_rpc_status.details.filter_map { |any| any.unpack(type) }.first or raise "no #{type} in #{status.message}"
end

def new_id = "ruby-#{Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond)}"

def send_message(recipient, **fields)
  MESSAGES.send_message(SendMessageRequest.new(parent: SMSEND, recipients: [recipient], text: 'Ciao!', **fields)).message
end

def get_message(name, **options) = MESSAGES.get_message(GetMessageRequest.new(name:), **options).message

$stdout.sync = true
puts "version ruby #{RUBY_VERSION}, grpc #{GRPC::VERSION}, google-protobuf #{Gem.loaded_specs['google-protobuf'].version}"

step 'accounts' do
  accounts = ACCOUNTS.list_accounts(ListAccountsRequest.new).accounts
  account = accounts.find { |each| each.name == SMSEND } or raise "no #{SMSEND}"
  # By its name in brackets, for every object in Ruby has a method called methods.
  check_that 'it sends', account['methods'].include?('smsmux.v1.MessageService/SendMessage')
end

sent = nil
step 'send' do
  id = new_id
  sent = send_message('+393471234567', message_id: id)
  check_that 'name ends in the id', sent.name.end_with?(id)
  check 'states', sent.recipients.map(&:state), [:DELIVERY_STATE_QUEUED]
end

step 'status' do
  recipient = nil
  10.times do
    recipient = get_message(sent.name).recipients.first
    break if recipient.state == :DELIVERY_STATE_DELIVERED
  end
  check 'state', recipient.state, :DELIVERY_STATE_DELIVERED
  check 'vendor_code', recipient.vendor_code, 'DLVRD'
end

step 'pages' do
  second = send_message('+393471234567', message_id: new_id)
  names = []
  token = ''
  loop do
    page = MESSAGES.list_vendor_messages(ListVendorMessagesRequest.new(parent: SMSEND, page_size: 1, page_token: token))
    names.concat(page.messages.map(&:name))
    token = page.next_page_token
    break if token.empty?
  end
  check 'names that come twice', names.tally.select { |_, count| count > 1 }, {}
  check 'sent names that are missing', [sent.name, second.name] - names, []
end

step 'group' do
  group = GROUPS.create_group(
    CreateGroupRequest.new(parent: SMSEND, group: Group.new(display_name: 'Ruby', description: 'd'))
  ).group
  GROUPS.delete_group(DeleteGroupRequest.new(name: group.name))
end

step 'watch' do
  start_time = Google::Protobuf::Timestamp.from_time(Time.utc(2016, 5, 3))
  # As an operation, for only that can be cancelled.
  watch = INBOX.watch_received_messages(WatchReceivedMessagesRequest.new(parent: SMSEND, start_time:), return_op: true)
  received = watch.execute.first(2)
  watch.cancel
  check 'messages', received.size, 2
  received.each do |each|
    check 'fields that are empty', [each.message.name, each.message.to, each.resume_token].count(&:empty?), 0
  end
end

step 'bad-number' do
  status = failure { send_message('12') }
  check 'code', status.code, GRPC::Core::StatusCodes::INVALID_ARGUMENT
  info = detail(status, Google::Rpc::ErrorInfo)
  check 'ErrorInfo', [info.reason, info.domain, info.metadata['outcome']], %w[INVALID_REQUEST smsmux NOT_SENT]
  violations = detail(status, Google::Rpc::BadRequest).field_violations
  check 'fields', violations.map(&:field), ['recipients[0]']
end

step 'deadline' do
  status = failure { get_message('accounts/slow/messages/x', deadline: Time.now + 0.3) }
  check 'code', status.code, GRPC::Core::StatusCodes::DEADLINE_EXCEEDED
end

step 'no-key' do
  status = failure { ACCOUNTS.list_accounts(ListAccountsRequest.new, metadata: {}) }
  check 'code', status.code, GRPC::Core::StatusCodes::UNAUTHENTICATED
  check 'reason', detail(status, Google::Rpc::ErrorInfo).reason, 'CALLER_NOT_AUTHENTICATED'
end

step 'unicode' do
  text = 'Perché Ж 😀'
  message = send_message('+4915123456789', parent: 'accounts/lox24', sender: 'smsmux', text:)
  check 'text', get_message("accounts/lox24/messages/#{message.recipients.first.vendor_message_id}").text, text
  send = SendMessageRequest.new(parent: 'accounts/lox24', recipients: ['+4915123456789'], sender: 'smsmux', text:)
  analysis = MESSAGES.analyze_message(AnalyzeMessageRequest.new(message: send))
  check 'ucs_2_characters', analysis.ucs_2_characters.to_a, %w[Ж 😀]
end

step 'int64' do
  with = send_message('+393471234567', smsend: SmSendOptions.new(return_remaining: true), message_id: new_id)
  check_that 'credits_remaining is present', with.has_credits_remaining?
  check_that 'credits_remaining is above 0', with.credits_remaining.is_a?(Integer) && with.credits_remaining.positive?
  check_that 'credits_remaining is absent', !send_message('+393471234567', message_id: new_id).has_credits_remaining?
end

step 'optional' do
  contact = Contact.new(email: "#{new_id}@example.com", given_name: 'Ruby')
  name = CONTACTS.create_contact(CreateContactRequest.new(parent: SMSEND, contact:)).contact.name
  contact = CONTACTS.get_contact(GetContactRequest.new(name:)).contact
  check_that 'given_name is present', contact.has_given_name?
  check 'given_name', contact.given_name, 'Ruby'
  check_that 'fax is absent', !contact.has_fax?
end

step 'golden' do
  files = Dir[File.join(TESTDATA, '*.binpb')]
  check_that 'there are vectors', files.any?
  files.each do |file|
    type = Smsmux::V1.const_get(File.basename(file, '.binpb'))
    bytes = File.binread(file)
    check file, type.encode(type.decode(bytes)), bytes
    json = file.sub(/binpb\z/, 'json')
    check json, type.encode(type.decode_json(File.read(json, encoding: 'UTF-8'))), bytes
  end
end

require_relative 'client'
