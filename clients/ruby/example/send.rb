# frozen_string_literal: true

# Sends a message and reads its state: ruby send.rb [ADDRESS [KEY]]
require 'smsmux'

address, key = ARGV
metadata = key ? { authorization: "Bearer #{key}" } : {}
messages = Smsmux::V1::MessageService::Stub.new(address || 'localhost:50051', :this_channel_is_insecure)

begin
  sent = messages.send_message(
    Smsmux::V1::SendMessageRequest.new(
      parent: 'accounts/smsend', recipients: ['+393471234567'], text: 'Ciao!',
      # Named here, so that the message can be looked up even when the answer is lost.
      message_id: "ruby-#{Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond)}"
    ),
    metadata:, deadline: Time.now + 10
  ).message
  read = messages.get_message(Smsmux::V1::GetMessageRequest.new(name: sent.name), metadata:, deadline: Time.now + 10)
  puts "#{sent.name} #{read.message.recipients.first.state}"
rescue GRPC::BadStatus => e
  info = e.to_rpc_status&.details&.filter_map { |detail| detail.unpack(Google::Rpc::ErrorInfo) }&.first
  abort "#{e.details} (#{info&.reason || e.class})"
end
