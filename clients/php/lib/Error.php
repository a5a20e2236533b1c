<?php

declare(strict_types=1);

namespace Smsmux;

use Google\Rpc\BadRequest;
use Google\Rpc\BadRequest\FieldViolation;
use Google\Rpc\ErrorInfo;
use Google\Rpc\RetryInfo;
use Google\Rpc\Status;

/** What every failed call of a client throws. Its code is that of gRPC, its message the text for people. */
final class Error extends \RuntimeException
{
    /** A value of `ErrorReason` without its prefix: decide by it. Empty if smsmux did not answer. */
    public readonly string $reason;

    /** `NOT_SENT`, `REFUSED` or `UNKNOWN`: what became of a write. */
    public readonly string $outcome;

    /** The name to look the outcome up by. Empty if there is none. */
    public readonly string $resource;

    /** The seconds to wait before the call is repeated. null where smsmux does not say so. */
    public readonly ?float $retryAfter;

    /** @var list<FieldViolation> the fields that break a rule of the API */
    public readonly array $violations;

    /** The id of the call in smsmux's log. Empty if smsmux did not answer. */
    public readonly string $requestId;

    /** @param object{code: int, details: string, metadata: array<string, list<string>>} $status that of grpc/grpc */
    public function __construct(object $status)
    {
        parent::__construct($status->details, $status->code);
        $info = self::detail($status, ErrorInfo::class);
        $info = $info?->getDomain() === 'smsmux' ? $info : null;
        $delay = self::detail($status, RetryInfo::class)?->getRetryDelay();
        $this->reason = $info?->getReason() ?? '';
        $this->outcome = $info?->getMetadata()['outcome'] ?? 'UNKNOWN';
        $this->resource = $info?->getMetadata()['resource'] ?? '';
        $this->retryAfter = $delay === null ? null : $delay->getSeconds() + $delay->getNanos() / 1e9;
        $this->violations = [...(self::detail($status, BadRequest::class)?->getFieldViolations() ?? [])];
        $this->requestId = $status->metadata['x-request-id'][0] ?? '';
    }

    /**
     * Waits until a call with an idempotency key may be repeated after an attempt, from 1. Throws this error where it may not, or not
     * until then: it may when nothing was accepted, as smsmux says by UNAVAILABLE and two reasons, and when the connection was lost.
     *
     * @internal
     */
    public function waitOrThrow(int $attempt, float $end = INF): void
    {
        $mayRepeat = $this->getCode() === \Grpc\STATUS_UNAVAILABLE
            || in_array($this->reason, ['RATE_LIMITED', 'REQUEST_IN_PROGRESS'], true);
        $pause = $this->retryAfter ?? min(4.0, 0.5 * 2 ** ($attempt - 1)) * random_int(80, 120) / 100;
        if (!$mayRepeat || microtime(true) + $pause >= $end) {
            throw $this;
        }
        usleep((int) ($pause * 1e6));
    }

    /**
     * The detail of a type.
     *
     * @template T of object
     * @param class-string<T> $type
     * @return ?T
     */
    private static function detail(object $status, string $type): ?object
    {
        new $type(); // so that it is known
        $details = new Status();
        $details->mergeFromString($status->metadata['grpc-status-details-bin'][0] ?? '');
        foreach ($details->getDetails() as $any) {
            if ($any->is($type)) {
                return $any->unpack();
            }
        }
        return null;
    }
}
