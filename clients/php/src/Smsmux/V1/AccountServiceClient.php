<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 */
class AccountServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * @param \Smsmux\V1\ListAccountsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListAccounts(\Smsmux\V1\ListAccountsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AccountService/ListAccounts',
        $argument,
        ['\Smsmux\V1\ListAccountsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\GetAccountRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetAccount(\Smsmux\V1\GetAccountRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AccountService/GetAccount',
        $argument,
        ['\Smsmux\V1\GetAccountResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\SetRouteShareRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function SetRouteShare(\Smsmux\V1\SetRouteShareRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AccountService/SetRouteShare',
        $argument,
        ['\Smsmux\V1\SetRouteShareResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\GetDashboardUrlRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetDashboardUrl(\Smsmux\V1\GetDashboardUrlRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AccountService/GetDashboardUrl',
        $argument,
        ['\Smsmux\V1\GetDashboardUrlResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\GetAccountStatusRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetAccountStatus(\Smsmux\V1\GetAccountStatusRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AccountService/GetAccountStatus',
        $argument,
        ['\Smsmux\V1\GetAccountStatusResponse', 'decode'],
        $metadata, $options);
    }

}
