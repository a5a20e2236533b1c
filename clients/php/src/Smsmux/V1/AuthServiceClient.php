<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 */
class AuthServiceClient extends \Grpc\BaseStub {

    /**
     * @param string $hostname hostname
     * @param array $opts channel options
     * @param \Grpc\Channel $channel (optional) re-use channel object
     */
    public function __construct($hostname, $opts, $channel = null) {
        parent::__construct($hostname, $opts, $channel);
    }

    /**
     * @param \Smsmux\V1\CreateSessionRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CreateSession(\Smsmux\V1\CreateSessionRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AuthService/CreateSession',
        $argument,
        ['\Smsmux\V1\CreateSessionResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\CreateAccessTokenRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function CreateAccessToken(\Smsmux\V1\CreateAccessTokenRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AuthService/CreateAccessToken',
        $argument,
        ['\Smsmux\V1\CreateAccessTokenResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\VerifySessionRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function VerifySession(\Smsmux\V1\VerifySessionRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AuthService/VerifySession',
        $argument,
        ['\Smsmux\V1\VerifySessionResponse', 'decode'],
        $metadata, $options);
    }

    /**
     * @param \Smsmux\V1\ResetPasswordRequest $argument input argument
     * @param array $metadata metadata
     * @param array $options call options
     * @return \Grpc\UnaryCall
     */
    public function ResetPassword(\Smsmux\V1\ResetPasswordRequest $argument,
      $metadata = [], $options = []) {
        return $this->_simpleRequest('/smsmux.v1.AuthService/ResetPassword',
        $argument,
        ['\Smsmux\V1\ResetPasswordResponse', 'decode'],
        $metadata, $options);
    }

}
