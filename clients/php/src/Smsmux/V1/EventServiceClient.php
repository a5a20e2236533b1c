<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 */
class EventServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * @param \Smsmux\V1\WatchEventsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\ServerStreamingCall
     */
    public function WatchEvents(\Smsmux\V1\WatchEventsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_serverStreamRequest('/smsmux.v1.EventService/WatchEvents',
        $argument,
        ['\Smsmux\V1\WatchEventsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ListEventsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListEvents(\Smsmux\V1\ListEventsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.EventService/ListEvents',
        $argument,
        ['\Smsmux\V1\ListEventsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\CreateEventSubscriptionRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CreateEventSubscription(\Smsmux\V1\CreateEventSubscriptionRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.EventService/CreateEventSubscription',
        $argument,
        ['\Smsmux\V1\CreateEventSubscriptionResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\GetEventSubscriptionRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetEventSubscription(\Smsmux\V1\GetEventSubscriptionRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.EventService/GetEventSubscription',
        $argument,
        ['\Smsmux\V1\GetEventSubscriptionResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ListEventSubscriptionsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListEventSubscriptions(\Smsmux\V1\ListEventSubscriptionsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.EventService/ListEventSubscriptions',
        $argument,
        ['\Smsmux\V1\ListEventSubscriptionsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\DeleteEventSubscriptionRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function DeleteEventSubscription(\Smsmux\V1\DeleteEventSubscriptionRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.EventService/DeleteEventSubscription',
        $argument,
        ['\Smsmux\V1\DeleteEventSubscriptionResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\AckEventsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function AckEvents(\Smsmux\V1\AckEventsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.EventService/AckEvents',
        $argument,
        ['\Smsmux\V1\AckEventsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\SetEventWebhookRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function SetEventWebhook(\Smsmux\V1\SetEventWebhookRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.EventService/SetEventWebhook',
        $argument,
        ['\Smsmux\V1\SetEventWebhookResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\RotateEventWebhookSecretRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function RotateEventWebhookSecret(\Smsmux\V1\RotateEventWebhookSecretRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.EventService/RotateEventWebhookSecret',
        $argument,
        ['\Smsmux\V1\RotateEventWebhookSecretResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\RedeliverEventsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function RedeliverEvents(\Smsmux\V1\RedeliverEventsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.EventService/RedeliverEvents',
        $argument,
        ['\Smsmux\V1\RedeliverEventsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ListEventWebhookAttemptsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListEventWebhookAttempts(\Smsmux\V1\ListEventWebhookAttemptsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.EventService/ListEventWebhookAttempts',
        $argument,
        ['\Smsmux\V1\ListEventWebhookAttemptsResponse', 'decode'],
        $metadata, $options);
    }

}
