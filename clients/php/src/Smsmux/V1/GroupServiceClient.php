<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 */
class GroupServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * @param \Smsmux\V1\CreateGroupRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CreateGroup(\Smsmux\V1\CreateGroupRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.GroupService/CreateGroup',
        $argument,
        ['\Smsmux\V1\CreateGroupResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\GetGroupRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetGroup(\Smsmux\V1\GetGroupRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.GroupService/GetGroup',
        $argument,
        ['\Smsmux\V1\GetGroupResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\UpdateGroupRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function UpdateGroup(\Smsmux\V1\UpdateGroupRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.GroupService/UpdateGroup',
        $argument,
        ['\Smsmux\V1\UpdateGroupResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\DeleteGroupRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function DeleteGroup(\Smsmux\V1\DeleteGroupRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.GroupService/DeleteGroup',
        $argument,
        ['\Smsmux\V1\DeleteGroupResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ListGroupsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListGroups(\Smsmux\V1\ListGroupsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.GroupService/ListGroups',
        $argument,
        ['\Smsmux\V1\ListGroupsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\AddGroupMemberRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function AddGroupMember(\Smsmux\V1\AddGroupMemberRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.GroupService/AddGroupMember',
        $argument,
        ['\Smsmux\V1\AddGroupMemberResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\RemoveGroupMemberRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function RemoveGroupMember(\Smsmux\V1\RemoveGroupMemberRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.GroupService/RemoveGroupMember',
        $argument,
        ['\Smsmux\V1\RemoveGroupMemberResponse', 'decode'],
        $metadata, $options);
    }

}
