<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 * The address book at the vendor.
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
     * Creates a contact. smSend answers with its id alone, so the contact that comes back is what was sent, with its name.
     *
     * Errors: INVALID_REQUEST with every fault; RESOURCE_EXISTS when the number is in the group already, where the vendor
     * says so; VENDOR_REFUSED.
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
     * Gets a contact.
     *
     * Errors: RESOURCE_NOT_FOUND.
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
     * Updates a contact. Fields that are absent are not sent to the vendor. IP1SMS replaces the whole contact, and so clears
     * them; its phone number and given name are required here too. At SMSPartner the groups cannot be changed.
     *
     * Errors: INVALID_REQUEST with every fault; RESOURCE_NOT_FOUND; VENDOR_REFUSED.
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
     * Lists the contacts, of all or of one group. IP1SMS may leave title, notes and times out of a list: GetContact has them.
     *
     * Errors: RESOURCE_NOT_FOUND for an unknown group, where the vendor says so.
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
     * Deletes a contact, in every group that it is in.
     *
     * Errors: RESOURCE_NOT_FOUND.
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
