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
final class Client extends V1\Services
{
    /** It connects when the first call is made. */
    public function __construct(?string $address = null, ?string $key = null, ?string $ca = null, float $timeout = 30)
    {
        $key ??= getenv('SMSMUX_KEY') ?: null;
        $ca ??= getenv('SMSMUX_CA') ?: null;
        [$target, $plain] = self::target($address ?? (getenv('SMSMUX_ADDRESS') ?: '127.0.0.1:50051'), $key, $ca);
        $roots = $plain || $ca === null ? null : file_get_contents($ca);
        $options = [
            'credentials' => $plain ? ChannelCredentials::createInsecure() : ChannelCredentials::createSsl($roots),
            // So that a watch notices a connection that died without a word.
            'grpc.keepalive_time_ms' => 30_000,
            'grpc.keepalive_timeout_ms' => 10_000,
            'grpc.http2.max_pings_without_data' => 0,
        ];
        $metadata = $key === null ? [] : ['authorization' => ["Bearer $key"]];
        parent::__construct(static fn (string $stub) => new Service(new $stub($target, $options), $metadata, $timeout));
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
            if ($status->code === \Grpc\STATUS_OK) {
                return;
            }
            (new Error($status))->waitOrThrow($attempt);
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
            throw new \InvalidArgumentException("invalid address $address: expected [http[s]://]HOST:PORT");
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
