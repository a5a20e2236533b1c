<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 */
class ContactServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * @param \Smsmux\V1\CreateContactRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CreateContact(\Smsmux\V1\CreateContactRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.ContactService/CreateContact',
        $argument,
        ['\Smsmux\V1\CreateContactResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\GetContactRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetContact(\Smsmux\V1\GetContactRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.ContactService/GetContact',
        $argument,
        ['\Smsmux\V1\GetContactResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\UpdateContactRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function UpdateContact(\Smsmux\V1\UpdateContactRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.ContactService/UpdateContact',
        $argument,
        ['\Smsmux\V1\UpdateContactResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ListContactsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListContacts(\Smsmux\V1\ListContactsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.ContactService/ListContacts',
        $argument,
        ['\Smsmux\V1\ListContactsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\DeleteContactRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function DeleteContact(\Smsmux\V1\DeleteContactRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.ContactService/DeleteContact',
        $argument,
        ['\Smsmux\V1\DeleteContactResponse', 'decode'],
        $metadata, $options);
    }

}
