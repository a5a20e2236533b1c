# frozen_string_literal: true

module Smsmux
  # What every failed call of a client raises.
  class Error < GRPC::BadStatus
    # The reasons that say that this call changed nothing: it may be repeated.
    NOTHING_ACCEPTED = %w[
      VENDOR_UNAVAILABLE OVERLOADED RATE_LIMITED STORE_UNAVAILABLE SERVER_DRAINING REQUEST_IN_PROGRESS
    ].freeze
    private_constant :NOTHING_ACCEPTED

    # A value of +ErrorReason+ without its prefix: decide by it. Empty if smsmux did not answer.
    attr_reader :reason
    # +NOT_SENT+, +REFUSED+ or +UNKNOWN+: what became of a write.
    attr_reader :outcome
    # The name to look the outcome up by. Empty if there is none.
    attr_reader :resource
    # The seconds to wait before the call is repeated. nil where smsmux does not say so.
    attr_reader :retry_after
    # The fields that break a rule of the API.
    attr_reader :violations
    # The id of the call in smsmux's log. Empty if smsmux did not answer.
    attr_reader :request_id

    def initialize(error)
      super(error.code, error.details, error.metadata)
      info = detail(Google::Rpc::ErrorInfo)
      info = nil unless info&.domain == 'smsmux'
      @reason = info ? info.reason : ''
      @outcome = info&.metadata&.[]('outcome') || 'UNKNOWN'
      @resource = info&.metadata&.[]('resource') || ''
      @retry_after = detail(Google::Rpc::RetryInfo)&.retry_delay&.to_f
      @violations = detail(Google::Rpc::BadRequest)&.field_violations.to_a
      @request_id = metadata['x-request-id'] || ''
    end

    # Whether a call with an idempotency key may be repeated: nothing was accepted, or the connection was lost.
    def may_repeat?
      reason.empty? ? code == GRPC::Core::StatusCodes::UNAVAILABLE : NOTHING_ACCEPTED.include?(reason)
    end

    # The seconds to wait after an attempt, from 1.
    def pause(attempt)
      retry_after || ([4.0, 0.5 * (2**(attempt - 1))].min * rand(0.8..1.2))
    end

    private

    def detail(type)
      to_rpc_status&.details&.filter_map { |any| any.unpack(type) }&.first
    end
  end
end
