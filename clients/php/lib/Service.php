<?php

declare(strict_types=1);

namespace Smsmux;

/**
 * The methods of a stub, each call with its key, idempotency key and deadline, and repeated: `SendMessage($request, $metadata,
 * $options)` returns the response, and a method with a stream returns the stream.
 *
 * @template T of \Grpc\BaseStub
 */
final class Service
{
    /** How often a call is made at most. */
    private const ATTEMPTS = 5;

    /**
     * @param T $stub
     * @param array<string, list<string>> $metadata
     */
    public function __construct(
        private readonly object $stub,
        private readonly array $metadata,
        private readonly float $timeout,
    ) {
    }

    /** @param array{object, 1?: array<string, list<string>>, 2?: array{timeout?: int}} $arguments */
    public function __call(string $method, array $arguments): object
    {
        [$request, $metadata, $options] = $arguments + [1 => [], 2 => []];
        $metadata += $this->metadata;
        // The methods that return streams are called so.
        if (str_starts_with($method, 'Watch')) {
            return $this->stub->$method($request, $metadata, $options);
        }
        $metadata += ['idempotency-key' => [bin2hex(random_bytes(16))]];
        $end = microtime(true) + ($options['timeout'] ?? $this->timeout * 1e6) / 1e6;
        for ($attempt = 1; ; $attempt++) {
            $options['timeout'] = max(1_000, (int) (($end - microtime(true)) * 1e6));
            [$response, $status] = $this->stub->$method($request, $metadata, $options)->wait();
            if ($status->code === \Grpc\STATUS_OK) {
                return $response;
            }
            // Nothing comes after the last attempt.
            (new Error($status))->waitOrThrow($attempt, $attempt < self::ATTEMPTS ? $end : 0);
        }
    }
}
