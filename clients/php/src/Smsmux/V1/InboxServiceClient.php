<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 * SMS that were received at numbers of the account.
 */
class InboxServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * Takes the messages that arrived since this was last called. The vendor hands each out ONCE: when the answer is lost,
     * they are gone from here, also when it was the caller that left; ListReceivedMessages still has them. So prefer
     * WatchReceivedMessages or the lists.
     *
     * Errors: OUTCOME_UNKNOWN when the answer was lost on the way from the vendor.
     * @param \Smsmux\V1\PullReceivedMessagesRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function PullReceivedMessages(\Smsmux\V1\PullReceivedMessagesRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.InboxService/PullReceivedMessages',
        $argument,
        ['\Smsmux\V1\PullReceivedMessagesResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Lists received messages by time. Nothing is consumed.
     * @param \Smsmux\V1\ListReceivedMessagesRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListReceivedMessages(\Smsmux\V1\ListReceivedMessagesRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.InboxService/ListReceivedMessages',
        $argument,
        ['\Smsmux\V1\ListReceivedMessagesResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Lists the messages that one number received after a given one. Nothing is consumed.
     * @param \Smsmux\V1\ListReceivedMessagesAfterRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListReceivedMessagesAfter(\Smsmux\V1\ListReceivedMessagesAfterRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.InboxService/ListReceivedMessagesAfter',
        $argument,
        ['\Smsmux\V1\ListReceivedMessagesAfterResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * Sends received messages as they arrive, until the caller hangs up or the server drains. Nothing is consumed. Every
     * answer has a token: who comes back with it misses nothing and sees nothing twice. The messages of one number come in
     * their order, those of several by time as far as that is known. While the vendor is down the stream stays open and
     * smsmux goes on asking, ever more slowly.
     *
     * At smSend a number is noticed by the first message that it gets: one that is more than three hours late there is not
     * seen. At LOX24 no message is seen that is more than three hours late, nor, where more than a thousand came within these
     * hours, one that should have come before the last thousand.
     *
     * Errors: INVALID_REQUEST for a token that is damaged or was made for another account or other numbers; UNAVAILABLE when
     * the server drains: come back with the last token; what waiting will not mend, such as a credential that the vendor
     * does not accept any more.
     * @param \Smsmux\V1\WatchReceivedMessagesRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\ServerStreamingCall
     */
    public function WatchReceivedMessages(\Smsmux\V1\WatchReceivedMessagesRequest $argument,
      $metadata = [], $options = []) {
        return $this->_serverStreamRequest('/smsmux.v1.InboxService/WatchReceivedMessages',
        $argument,
        ['\Smsmux\V1\WatchReceivedMessagesResponse', 'decode'],
        $metadata, $options);
    }

}
