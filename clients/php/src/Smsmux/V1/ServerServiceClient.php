<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 */
class ServerServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * @param \Smsmux\V1\GetServerInfoRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetServerInfo(\Smsmux\V1\GetServerInfoRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.ServerService/GetServerInfo',
        $argument,
        ['\Smsmux\V1\GetServerInfoResponse', 'decode'],
        $metadata, $options);
    }

}
