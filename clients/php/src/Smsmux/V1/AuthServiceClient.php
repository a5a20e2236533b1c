<?php
// GENERATED CODE -- DO NOT EDIT!

namespace Smsmux\V1;

/**
 * Credentials at the vendor: log in with a credential of your own, check it, change its password.
 *
 * smsmux logs in by itself with what it is configured with, so most callers never need this service. A caller that
 * brings its own credential puts the `credential` that it got here into the metadata key `smsmux-credential` of its
 * calls; the account must say `allow_caller_credential = true`.
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
     * Logs in with a username and a password, for a session that ends when it is idle (smSend: after five minutes).
     *
     * Errors: CALLER_CREDENTIAL_REFUSED when the vendor does not accept them.
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
     * Logs in with a username and a password, for a token that lasts.
     *
     * Errors: CALLER_CREDENTIAL_REFUSED when the vendor does not accept them.
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
     * Asks the vendor whether a login is still valid, without prolonging it: the caller's when `smsmux-credential` is set,
     * else the one that smsmux holds for the account.
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
     * Changes the password of the user that is logged in: the caller's when `smsmux-credential` is set, else the account's
     * own. After the latter, change the configuration too: smsmux goes on with its session and cannot renew it.
     *
     * Errors: STATE_CONFLICT when the vendor declines to change it.
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
