<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 * SMS: send, look up what became of them, cancel, list.
 *
 * Nothing is sent twice: a send is repeated by smsmux only when it provably never left or the vendor said that it was
 * not accepted. When a reply is lost and the vendor cannot tell what happened, the error has the reason OUTCOME_UNKNOWN
 * and names the message to look up.
 */
class MessageServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * Sends one text to one or more recipients.
     *
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; NO_CREDIT; VENDOR_UNAVAILABLE (nothing left, repeat);
     * OUTCOME_UNKNOWN (look it up, do not repeat).
     * @param \Smsmux\V1\SendMessageRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function SendMessage(\Smsmux\V1\SendMessageRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.MessageService/SendMessage',
        $argument,
        ['\Smsmux\V1\SendMessageResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Sends a text with placeholders, filled in for each recipient.
     *
     * Errors: as SendMessage.
     * @param \Smsmux\V1\SendTemplatedMessageRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function SendTemplatedMessage(\Smsmux\V1\SendTemplatedMessageRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.MessageService/SendTemplatedMessage',
        $argument,
        ['\Smsmux\V1\SendTemplatedMessageResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Sends one text to every contact of one or more groups.
     *
     * Errors: as SendMessage.
     * @param \Smsmux\V1\SendGroupMessageRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function SendGroupMessage(\Smsmux\V1\SendGroupMessageRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.MessageService/SendGroupMessage',
        $argument,
        ['\Smsmux\V1\SendGroupMessageResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Asks what became of a message, recipient by recipient.
     *
     * Errors: RESOURCE_NOT_FOUND.
     * @param \Smsmux\V1\GetMessageRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function GetMessage(\Smsmux\V1\GetMessageRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.MessageService/GetMessage',
        $argument,
        ['\Smsmux\V1\GetMessageResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Cancels a message whose scheduled time has not come.
     *
     * Errors: STATE_CONFLICT when it is not scheduled any more; RESOURCE_NOT_FOUND when the vendor does not know it.
     * @param \Smsmux\V1\CancelMessageRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CancelMessage(\Smsmux\V1\CancelMessageRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.MessageService/CancelMessage',
        $argument,
        ['\Smsmux\V1\CancelMessageResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Lists the messages that were sent. smSend: without their recipients. LOX24: oldest first. IP1SMS gives all that there
     * are at once and takes no times: smsmux cuts the pages and keeps what was created between the times, so that every page
     * costs as much as all.
     * @param \Smsmux\V1\ListMessagesRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListMessages(\Smsmux\V1\ListMessagesRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.MessageService/ListMessages',
        $argument,
        ['\Smsmux\V1\ListMessagesResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Tells what a send would come to, without asking any vendor: the numbers in E.164 form, the alphabet, the segments, and
     * what the account's vendor would refuse before anything left. smsmux answers this itself.
     *
     * Errors: ACCOUNT_NOT_FOUND; INVALID_REQUEST for a region that does not exist, or more than 10,000 recipients;
     * DEADLINE_EXCEEDED when others' analyses took the time. All else that is wrong with the send is in the answer.
     * @param \Smsmux\V1\AnalyzeMessageRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function AnalyzeMessage(\Smsmux\V1\AnalyzeMessageRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.MessageService/AnalyzeMessage',
        $argument,
        ['\Smsmux\V1\AnalyzeMessageResponse', 'decode'],
        $metadata, $options);
    }

}
