<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 * Groups of contacts, which messages can be sent to.
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
     * Creates an empty group.
     *
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
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
     * Gets a group.
     *
     * Errors: RESOURCE_NOT_FOUND.
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
     * Replaces a group's display name, description and vendor options. What is absent is absent afterwards: LOX24 empties the
     * description, the columns' names and the end date, IP1SMS may take the colour away.
     *
     * Errors: INVALID_REQUEST with every fault; RESOURCE_NOT_FOUND; VENDOR_REFUSED, which is also what smSend says for an
     * unknown group.
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
     * Deletes a group, with its contacts where asked to.
     *
     * Errors: INVALID_REQUEST where the vendor has no choice about the contacts; RESOURCE_NOT_FOUND; VENDOR_REFUSED, which is
     * also what smSend says for an unknown group.
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
     * Lists the groups.
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
     * Adds a contact to a group.
     *
     * Errors: RESOURCE_NOT_FOUND; VENDOR_REFUSED, which is also what smSend says for an unknown group or contact.
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
     * Removes a contact from a group. The contact itself stays. At IP1SMS it takes two calls, and when the second fails the
     * error is that one's.
     *
     * Errors: RESOURCE_NOT_FOUND, at IP1SMS also when the contact is not in the group; VENDOR_REFUSED, which is also what
     * smSend says for an unknown group or contact.
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
