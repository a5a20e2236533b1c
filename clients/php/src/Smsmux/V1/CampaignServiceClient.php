<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
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
