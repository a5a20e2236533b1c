<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
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
     * @param \Smsmux\V1\ListVendorMessagesRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ListVendorMessages(\Smsmux\V1\ListVendorMessagesRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.MessageService/ListVendorMessages',
        $argument,
        ['\Smsmux\V1\ListVendorMessagesResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ReportConversionRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ReportConversion(\Smsmux\V1\ReportConversionRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.MessageService/ReportConversion',
        $argument,
        ['\Smsmux\V1\ReportConversionResponse', 'decode'],
        $metadata, $options);
    }

    /**
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
