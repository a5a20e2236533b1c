<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 */
class NumberServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * @param \Smsmux\V1\ProvisionNumberRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ProvisionNumber(\Smsmux\V1\ProvisionNumberRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.NumberService/ProvisionNumber',
        $argument,
        ['\Smsmux\V1\ProvisionNumberResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\DeprovisionNumberRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function DeprovisionNumber(\Smsmux\V1\DeprovisionNumberRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.NumberService/DeprovisionNumber',
        $argument,
        ['\Smsmux\V1\DeprovisionNumberResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\GetNumberProvisioningRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetNumberProvisioning(\Smsmux\V1\GetNumberProvisioningRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.NumberService/GetNumberProvisioning',
        $argument,
        ['\Smsmux\V1\GetNumberProvisioningResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\SetNumberWebhookRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function SetNumberWebhook(\Smsmux\V1\SetNumberWebhookRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.NumberService/SetNumberWebhook',
        $argument,
        ['\Smsmux\V1\SetNumberWebhookResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\GetNumberWebhookRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetNumberWebhook(\Smsmux\V1\GetNumberWebhookRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.NumberService/GetNumberWebhook',
        $argument,
        ['\Smsmux\V1\GetNumberWebhookResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\UpdatePhoneServiceSettingsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function UpdatePhoneServiceSettings(\Smsmux\V1\UpdatePhoneServiceSettingsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.NumberService/UpdatePhoneServiceSettings',
        $argument,
        ['\Smsmux\V1\UpdatePhoneServiceSettingsResponse', 'decode'],
        $metadata, $options);
    }

}
