<?php

declare(strict_types=1);

namespace Smsmux;

use Grpc\ChannelCredentials;

/**
 * A connection to smsmux, with all its services: make one and share it.
 *
 * Without arguments it takes `$SMSMUX_ADDRESS` (`127.0.0.1:50051`), `$SMSMUX_KEY` and `$SMSMUX_CA`, a PEM file with the authorities to
 * trust. The connection is TLS unless the address is of this machine and there is no such file; `http://` or `https://` before the
 * address decides otherwise. A key is never sent to another machine in plain text.
 *
 * A call ends after `$timeout` seconds with all its repeats, unless its options have a timeout, and carries an `idempotency-key`: that of
 * its metadata or a random one. It is repeated, at most five times, when the reason of the error says that nothing was accepted, after the
 * time in RetryInfo where there is one, and when the connection was lost: with the key nothing is sent twice. OUTCOME_UNKNOWN is
 * not repeated. Whatever a call fails with is thrown as {@see Error}.
 */
final class Client
{
    /** @var Service<V1\AccountServiceClient> */
    public readonly Service $accounts;
    /** @var Service<V1\AliasServiceClient> */
    public readonly Service $aliases;
    /** @var Service<V1\AuthServiceClient> */
    public readonly Service $auth;
    /** @var Service<V1\CampaignServiceClient> */
    public readonly Service $campaigns;
    /** @var Service<V1\ConsentServiceClient> */
    public readonly Service $consents;
    /** @var Service<V1\ContactServiceClient> */
    public readonly Service $contacts;
    /** @var Service<V1\EventServiceClient> */
    public readonly Service $events;
    /** @var Service<V1\GroupServiceClient> */
    public readonly Service $groups;
    /** @var Service<V1\InboxServiceClient> */
    public readonly Service $inbox;
    /** @var Service<V1\MessageServiceClient> */
    public readonly Service $messages;
    /** @var Service<V1\NumberServiceClient> */
    public readonly Service $numbers;
    /** @var Service<V1\ServerServiceClient> */
    public readonly Service $server;
    /** @var Service<V1\StopListServiceClient> */
    public readonly Service $stopList;
    /** @var Service<V1\SubaccountServiceClient> */
    public readonly Service $subaccounts;

    /** It connects when the first call is made. */
    public function __construct(?string $address = null, ?string $key = null, ?string $ca = null, float $timeout = 30)
    {
        $key ??= getenv('SMSMUX_KEY') ?: null;
        $ca ??= getenv('SMSMUX_CA') ?: null;
        [$target, $plain] = self::target($address ?? (getenv('SMSMUX_ADDRESS') ?: '127.0.0.1:50051'), $key, $ca);
        $credentials = $plain
            ? ChannelCredentials::createInsecure()
            : ChannelCredentials::createSsl($ca === null ? null : file_get_contents($ca));
        $options = [
            'credentials' => $credentials,
            // So that a watch notices a connection that died without a word.
            'grpc.keepalive_time_ms' => 30_000,
            'grpc.keepalive_timeout_ms' => 10_000,
            'grpc.http2.max_pings_without_data' => 0,
        ];
        $metadata = $key === null ? [] : ['authorization' => ["Bearer $key"]];
        $service = static fn (string $stub): Service => new Service(new $stub($target, $options), $metadata, $timeout);
        $this->accounts = $service(V1\AccountServiceClient::class);
        $this->aliases = $service(V1\AliasServiceClient::class);
        $this->auth = $service(V1\AuthServiceClient::class);
        $this->campaigns = $service(V1\CampaignServiceClient::class);
        $this->consents = $service(V1\ConsentServiceClient::class);
        $this->contacts = $service(V1\ContactServiceClient::class);
        $this->events = $service(V1\EventServiceClient::class);
        $this->groups = $service(V1\GroupServiceClient::class);
        $this->inbox = $service(V1\InboxServiceClient::class);
        $this->messages = $service(V1\MessageServiceClient::class);
        $this->numbers = $service(V1\NumberServiceClient::class);
        $this->server = $service(V1\ServerServiceClient::class);
        $this->stopList = $service(V1\StopListServiceClient::class);
        $this->subaccounts = $service(V1\SubaccountServiceClient::class);
    }

    /**
     * The pages of a list, one call for each: `$client->pages($client->messages->ListMessages(...), $request)`.
     *
     * @return \Generator<int, object>
     */
    public function pages(callable $list, object $request): \Generator
    {
        $request = clone $request;
        do {
            $page = $list($request);
            yield $page;
            $request->setPageToken($page->getNextPageToken());
        } while ($page->getNextPageToken() !== '');
    }

    /**
     * The answers of a stream, which comes back by its last `resume_token` when the server restarts or the connection is lost:
     * `$client->watch($client->events->WatchEvents(...), $request)`. Store the token of the last answer that you have processed.
     *
     * @return \Generator<int, object>
     */
    public function watch(callable $watch, object $request): \Generator
    {
        $request = clone $request;
        for ($attempt = 1; ; $attempt++) {
            $stream = $watch($request);
            try {
                foreach ($stream->responses() as $answer) {
                    $attempt = 1;
                    $request->setResumeToken($answer->getResumeToken());
                    yield $answer;
                }
                $status = $stream->getStatus();
            } finally {
                $stream->cancel();
            }
            $error = new Error($status);
            if (!$error->mayRepeat()) {
                throw $error;
            }
            usleep((int) ($error->pause($attempt) * 1e6));
        }
    }

    /**
     * Where to connect to, and whether in plain text.
     *
     * @return array{string, bool}
     */
    private static function target(string $address, ?string $key, ?string $ca): array
    {
        if (!preg_match('~^(?:(https?)://)?((?:\[[^]]*]|[^:/]*)(?::\d+)?)$~', $address, $form)) {
            throw new \InvalidArgumentException(
                "invalid address $address: expected HOST:PORT, after http:// or https:// if at all",
            );
        }
        [, $scheme, $target] = $form;
        $local = (bool) preg_match('~^(?:localhost|\[::1]|127\.\d+\.\d+\.\d+)(?::\d+)?$~', $target);
        $plain = $scheme === 'http' || ($scheme === '' && $local && $ca === null);
        if ($plain && $key !== null && !$local) {
            throw new \InvalidArgumentException("the key is not sent to $target in plain text: use TLS");
        }
        return [$target, $plain];
    }
}
