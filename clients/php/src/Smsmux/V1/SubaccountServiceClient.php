<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 */
class SubaccountServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * @param \Smsmux\V1\ListSubaccountsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListSubaccounts(\Smsmux\V1\ListSubaccountsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.SubaccountService/ListSubaccounts',
        $argument,
        ['\Smsmux\V1\ListSubaccountsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\CreateSubaccountRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CreateSubaccount(\Smsmux\V1\CreateSubaccountRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.SubaccountService/CreateSubaccount',
        $argument,
        ['\Smsmux\V1\CreateSubaccountResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\UpdateSubaccountRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function UpdateSubaccount(\Smsmux\V1\UpdateSubaccountRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.SubaccountService/UpdateSubaccount',
        $argument,
        ['\Smsmux\V1\UpdateSubaccountResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ChangeSubaccountPasswordRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ChangeSubaccountPassword(\Smsmux\V1\ChangeSubaccountPasswordRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.SubaccountService/ChangeSubaccountPassword',
        $argument,
        ['\Smsmux\V1\ChangeSubaccountPasswordResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\GetSubaccountRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetSubaccount(\Smsmux\V1\GetSubaccountRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.SubaccountService/GetSubaccount',
        $argument,
        ['\Smsmux\V1\GetSubaccountResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\TransferCreditsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function TransferCredits(\Smsmux\V1\TransferCreditsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.SubaccountService/TransferCredits',
        $argument,
        ['\Smsmux\V1\TransferCreditsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\GetSubaccountCreditsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetSubaccountCredits(\Smsmux\V1\GetSubaccountCreditsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.SubaccountService/GetSubaccountCredits',
        $argument,
        ['\Smsmux\V1\GetSubaccountCreditsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ListPurchasesRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListPurchases(\Smsmux\V1\ListPurchasesRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.SubaccountService/ListPurchases',
        $argument,
        ['\Smsmux\V1\ListPurchasesResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\CreatePurchasesRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CreatePurchases(\Smsmux\V1\CreatePurchasesRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.SubaccountService/CreatePurchases',
        $argument,
        ['\Smsmux\V1\CreatePurchasesResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\DeletePurchaseRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function DeletePurchase(\Smsmux\V1\DeletePurchaseRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.SubaccountService/DeletePurchase',
        $argument,
        ['\Smsmux\V1\DeletePurchaseResponse', 'decode'],
        $metadata, $options);
    }

}
