<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 */
class ConsentServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * @param \Smsmux\V1\CheckConsentRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CheckConsent(\Smsmux\V1\CheckConsentRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.ConsentService/CheckConsent',
        $argument,
        ['\Smsmux\V1\CheckConsentResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\SetConsentRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function SetConsent(\Smsmux\V1\SetConsentRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.ConsentService/SetConsent',
        $argument,
        ['\Smsmux\V1\SetConsentResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ListConsentsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListConsents(\Smsmux\V1\ListConsentsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.ConsentService/ListConsents',
        $argument,
        ['\Smsmux\V1\ListConsentsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ListConsentRecordsRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListConsentRecords(\Smsmux\V1\ListConsentRecordsRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.ConsentService/ListConsentRecords',
        $argument,
        ['\Smsmux\V1\ListConsentRecordsResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ErasePersonRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ErasePerson(\Smsmux\V1\ErasePersonRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.ConsentService/ErasePerson',
        $argument,
        ['\Smsmux\V1\ErasePersonResponse', 'decode'],
        $metadata, $options);
    }

}
