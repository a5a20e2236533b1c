<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 * E-mail campaigns: lists that contacts subscribe to, and issues that are sent to them.
 */
class CampaignServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * Creates a mailing list.
     *
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * @param \Smsmux\V1\CreateMailingListRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CreateMailingList(\Smsmux\V1\CreateMailingListRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.CampaignService/CreateMailingList',
        $argument,
        ['\Smsmux\V1\CreateMailingListResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Updates a mailing list. Fields that are absent stay as they are.
     *
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, which is also what smSend says for an unknown list.
     * @param \Smsmux\V1\UpdateMailingListRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function UpdateMailingList(\Smsmux\V1\UpdateMailingListRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.CampaignService/UpdateMailingList',
        $argument,
        ['\Smsmux\V1\UpdateMailingListResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Creates a contact and subscribes it to a mailing list.
     *
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, also for a list that is not active.
     * @param \Smsmux\V1\SubscribeContactRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function SubscribeContact(\Smsmux\V1\SubscribeContactRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.CampaignService/SubscribeContact',
        $argument,
        ['\Smsmux\V1\SubscribeContactResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Subscribes all contacts of a group to a mailing list.
     *
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown list or group.
     * @param \Smsmux\V1\SubscribeGroupRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function SubscribeGroup(\Smsmux\V1\SubscribeGroupRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.CampaignService/SubscribeGroup',
        $argument,
        ['\Smsmux\V1\SubscribeGroupResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Creates an issue, as a draft.
     *
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * @param \Smsmux\V1\CreateIssueRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CreateIssue(\Smsmux\V1\CreateIssueRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.CampaignService/CreateIssue',
        $argument,
        ['\Smsmux\V1\CreateIssueResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Creates an issue from a template that is at the vendor.
     *
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * @param \Smsmux\V1\CreateIssueFromTemplateRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CreateIssueFromTemplate(\Smsmux\V1\CreateIssueFromTemplateRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.CampaignService/CreateIssueFromTemplate',
        $argument,
        ['\Smsmux\V1\CreateIssueFromTemplateResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Sends an issue to some of the contacts at a given time.
     *
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * @param \Smsmux\V1\SendIssueRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function SendIssue(\Smsmux\V1\SendIssueRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.CampaignService/SendIssue',
        $argument,
        ['\Smsmux\V1\SendIssueResponse', 'decode'],
        $metadata, $options);
    }

}
