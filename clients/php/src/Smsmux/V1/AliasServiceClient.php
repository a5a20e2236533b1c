<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
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
