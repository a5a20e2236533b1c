<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 */
class InboxServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * @param \Smsmux\V1\PullReceivedMessagesRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function PullReceivedMessages(\Smsmux\V1\PullReceivedMessagesRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.InboxService/PullReceivedMessages',
        $argument,
        ['\Smsmux\V1\PullReceivedMessagesResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ListReceivedMessagesRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListReceivedMessages(\Smsmux\V1\ListReceivedMessagesRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.InboxService/ListReceivedMessages',
        $argument,
        ['\Smsmux\V1\ListReceivedMessagesResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ListReceivedMessagesAfterRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListReceivedMessagesAfter(\Smsmux\V1\ListReceivedMessagesAfterRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.InboxService/ListReceivedMessagesAfter',
        $argument,
        ['\Smsmux\V1\ListReceivedMessagesAfterResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\WatchReceivedMessagesRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\ServerStreamingCall
     */
    public function WatchReceivedMessages(\Smsmux\V1\WatchReceivedMessagesRequest $argument,
      $metadata = [], $options = []) {
        return $this->_serverStreamRequest('/smsmux.v1.InboxService/WatchReceivedMessages',
        $argument,
        ['\Smsmux\V1\WatchReceivedMessagesResponse', 'decode'],
        $metadata, $options);
    }

}
