# frozen_string_literal: true

require 'ipaddr'
require 'securerandom'

module Smsmux
  # A connection to smsmux, with all its services: make one and share it.
  #
  # Without arguments it takes +$SMSMUX_ADDRESS+ (+127.0.0.1:50051+), +$SMSMUX_KEY+ and +$SMSMUX_CA+, a PEM file with the authorities
  # to trust. The connection is TLS unless the address is of this machine and there is no such file; +http://+ or +https://+ before the
  # address decides otherwise. A key is never sent to another machine in plain text.
  #
  # A call ends after +timeout+ seconds with all its repeats, unless it brings a +deadline+, and carries an +idempotency-key+: that of its
  # +metadata+ or a random one. It is repeated, at most five times, when the reason of the error says that nothing was accepted, after the
  # time in RetryInfo where there is one, and when the connection was lost: with the key nothing is sent twice. OUTCOME_UNKNOWN is
  # not repeated. Whatever a call fails with is raised as Smsmux::Error.
  class Client
    SERVICES = {
      accounts: V1::AccountService, aliases: V1::AliasService, auth: V1::AuthService, campaigns: V1::CampaignService,
      consents: V1::ConsentService, contacts: V1::ContactService, events: V1::EventService, groups: V1::GroupService,
      inbox: V1::InboxService, messages: V1::MessageService, numbers: V1::NumberService, server: V1::ServerService,
      stop_list: V1::StopListService, subaccounts: V1::SubaccountService
    }.freeze
    # So that a watch notices a connection that died without a word.
    KEEPALIVE = {
      'grpc.keepalive_time_ms' => 30_000, 'grpc.keepalive_timeout_ms' => 10_000,
      'grpc.http2.max_pings_without_data' => 0
    }.freeze
    private_constant :SERVICES, :KEEPALIVE

    attr_reader(*SERVICES.keys)

    # It connects when the first call is made.
    def initialize(address: ENV.fetch('SMSMUX_ADDRESS', nil), key: ENV.fetch('SMSMUX_KEY', nil),
                   ca: ENV.fetch('SMSMUX_CA', nil), timeout: 30)
      target, plain = self.class.send(:target, address || '127.0.0.1:50051', key, ca)
      credentials = :this_channel_is_insecure
      credentials = GRPC::Core::ChannelCredentials.new(*(ca && File.read(ca))) unless plain
      @channel = GRPC::Core::Channel.new(target, KEEPALIVE, credentials)
      metadata = key ? { 'authorization' => "Bearer #{key}" } : {}
      SERVICES.each do |name, service|
        stub = service::Stub.new(target, credentials, channel_override: @channel)
        instance_variable_set("@#{name}", Calls.new(service, stub, metadata, timeout))
      end
    end

    # Ends the connection and all calls.
    def close = @channel.close

    # The pages of a list, one call for each: <tt>client.pages(client.messages.method(:list_messages), request)</tt>.
    def pages(method, request)
      return to_enum(:pages, method, request) unless block_given?

      request = request.dup
      loop do
        page = method.call(request)
        yield page
        return if page.next_page_token.empty?

        request.page_token = page.next_page_token
      end
    end

    # The answers of a stream, which comes back by its last +resume_token+ when the server restarts or the connection is lost:
    # <tt>client.watch(client.events.method(:watch_events), request)</tt>. Store the token of the last answer that you have processed.
    def watch(method, request)
      return to_enum(:watch, method, request) unless block_given?

      request = request.dup
      attempt = 0
      begin
        stream = method.call(request, return_op: true)
        stream.execute.each do |answer|
          attempt = 0
          request.resume_token = answer.resume_token
          yield answer
        end
      rescue GRPC::BadStatus => e
        error = Error.new(e)
        raise error unless error.may_repeat?

        sleep error.pause(attempt += 1)
        retry
      ensure
        stream&.cancel
      end
    end

    # Where to connect to, and whether in plain text.
    def self.target(address, key, ca)
      scheme, target = address.match(%r{\A(?:(\w+)://)?(.*)\z}).captures
      unless [nil, 'http', 'https'].include?(scheme)
        raise ArgumentError, "invalid address #{address}: expected HOST:PORT, after http:// or https:// if at all"
      end

      local = loopback?(target.sub(/:\d+\z/, '').delete('[]'))
      plain = scheme == 'http' || (scheme.nil? && local && !ca)
      raise ArgumentError, "the key is not sent to #{target} in plain text: use TLS" if plain && key && !local

      [target, plain]
    end
    private_class_method :target

    def self.loopback?(host)
      host == 'localhost' || IPAddr.new(host).loopback?
    rescue IPAddr::Error
      false
    end
    private_class_method :loopback?
  end

  # The methods of a service: each call with its key, idempotency key and deadline, and repeated.
  class Calls
    # How often a call is made at most.
    ATTEMPTS = 5

    def initialize(service, stub, metadata, timeout)
      @stub = stub
      @metadata = metadata
      @timeout = timeout
      service::Service.rpc_descs.each do |name, description|
        name = GRPC::GenericService.underscore(name.to_s)
        call = description.server_streamer? ? :stream : :unary
        define_singleton_method(name) { |request, **options| send(call, name, request, **options) }
      end
    end

    private

    def unary(name, request, metadata: {}, deadline: Time.now + @timeout, **options)
      metadata = { **@metadata, 'idempotency-key' => SecureRandom.uuid, **metadata.transform_keys(&:to_s) }
      attempt = 0
      begin
        attempt += 1
        @stub.public_send(name, request, metadata:, deadline:, **options)
      rescue GRPC::BadStatus => e
        error = Error.new(e)
        pause = error.pause(attempt)
        raise error unless error.may_repeat? && attempt < ATTEMPTS && Time.now + pause < deadline

        sleep pause
        retry
      end
    end

    def stream(name, request, metadata: {}, **options)
      @stub.public_send(name, request, metadata: { **@metadata, **metadata.transform_keys(&:to_s) }, **options)
    end
  end
  private_constant :Calls
end
