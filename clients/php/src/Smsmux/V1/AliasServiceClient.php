<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 * Registered senders. Some countries let a text name be a sender only after it was registered with who stands behind it.
 */
class AliasServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * Registers a sender.
     *
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * @param \Smsmux\V1\CreateAliasRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CreateAlias(\Smsmux\V1\CreateAliasRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AliasService/CreateAlias',
        $argument,
        ['\Smsmux\V1\CreateAliasResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Lists the registered senders.
     * @param \Smsmux\V1\ListAliasesRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListAliases(\Smsmux\V1\ListAliasesRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AliasService/ListAliases',
        $argument,
        ['\Smsmux\V1\ListAliasesResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Gets a registered sender and the state of its registration.
     *
     * Errors: RESOURCE_NOT_FOUND.
     * @param \Smsmux\V1\GetAliasRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetAlias(\Smsmux\V1\GetAliasRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AliasService/GetAlias',
        $argument,
        ['\Smsmux\V1\GetAliasResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Removes a registered sender.
     *
     * Errors: RESOURCE_NOT_FOUND.
     * @param \Smsmux\V1\DeleteAliasRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function DeleteAlias(\Smsmux\V1\DeleteAliasRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AliasService/DeleteAlias',
        $argument,
        ['\Smsmux\V1\DeleteAliasResponse', 'decode'],
        $metadata, $options);
    }

}
