<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 */
class StopListServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * @param \Smsmux\V1\CreateStopListEntryRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CreateStopListEntry(\Smsmux\V1\CreateStopListEntryRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.StopListService/CreateStopListEntry',
        $argument,
        ['\Smsmux\V1\CreateStopListEntryResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ListStopListEntriesRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListStopListEntries(\Smsmux\V1\ListStopListEntriesRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.StopListService/ListStopListEntries',
        $argument,
        ['\Smsmux\V1\ListStopListEntriesResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\DeleteStopListEntryRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function DeleteStopListEntry(\Smsmux\V1\DeleteStopListEntryRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.StopListService/DeleteStopListEntry',
        $argument,
        ['\Smsmux\V1\DeleteStopListEntryResponse', 'decode'],
        $metadata, $options);
    }

}
