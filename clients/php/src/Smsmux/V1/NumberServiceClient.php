<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 * Numbers of the account: long codes and virtual phones, whether SMS work on them, and where received ones are sent to.
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
     * Asks for SMS to be enabled on a long code. The vendor takes minutes, sometimes longer: watch
     * GetNumberProvisioning.
     *
     * Errors: STATE_CONFLICT while a change is under way; VENDOR_REFUSED with the vendor's reason.
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
     * Asks for SMS to be disabled on a long code. Allowed when it is PROVISIONED.
     *
     * Errors: STATE_CONFLICT while a change is under way; VENDOR_REFUSED with the vendor's reason.
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
     * Tells how far the enabling or disabling of SMS is.
     *
     * Errors: RESOURCE_NOT_FOUND when the number is not the account's.
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
     * Sets the address that received SMS of a long code are sent to. There is no way to clear it.
     *
     * Errors: INVALID_REQUEST for what is no address; VENDOR_REFUSED, also when SMS are not enabled;
     * RESOURCE_NOT_FOUND when the number is not the account's.
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
     * Tells the address that received SMS of a long code are sent to.
     *
     * Errors: RESOURCE_NOT_FOUND when the number is not the account's.
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
     * Replaces ALL settings of the account's virtual phone: what is absent here is cleared there.
     *
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
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
