<?php

declare(strict_types=1);

// A stand-in for grpc/grpc and its extension, as much of it as the scenario uses: unary calls and server streams over curl's
// HTTP/2, in plain text or TLS, with deadlines, cancellation and the metadata that a call ends with. For the scenario alone.

namespace Grpc;

// Debian's google/protobuf, which has no autoloader of its own.
spl_autoload_register(static function (string $class): void {
    $file = '/usr/share/php/' . strtr($class, '\\', '/') . '.php';
    if (preg_match('/^(Google\\\\Protobuf|GPBMetadata\\\\Google\\\\Protobuf)\\\\/', $class) && is_file($file)) {
        require $file;
    }
});

const STATUS_OK = 0;
const STATUS_CANCELLED = 1;
const STATUS_UNKNOWN = 2;
const STATUS_INVALID_ARGUMENT = 3;
const STATUS_DEADLINE_EXCEEDED = 4;
const STATUS_UNAVAILABLE = 14;
const STATUS_UNAUTHENTICATED = 16;

final class ChannelCredentials
{
    private function __construct(public readonly ?string $roots)
    {
    }

    public static function createInsecure(): null
    {
        return null;
    }

    public static function createSsl(?string $roots = null): self
    {
        return new self($roots);
    }
}

abstract class Call
{
    /** CURLE_HTTP2 and CURLE_HTTP2_STREAM, which PHP has no names for. */
    private const HTTP2_ERRORS = [16, 92];

    private \CurlHandle $curl;
    private \CurlMultiHandle $multi;
    private string $received = '';
    /** @var array<string, list<string>> the headers and, after them, the trailers */
    private array $metadata = [];
    private ?object $status = null;
    private int $attempts = 0;

    /**
     * @param array{class-string, string} $deserialize the class of a response
     * @param array<string, list<string>> $metadata
     * @param array{timeout?: int} $options
     */
    public function __construct(
        string $url,
        ?ChannelCredentials $credentials,
        string $request,
        private array $deserialize,
        array $metadata,
        array $options,
    ) {
        $headers = ['content-type: application/grpc+proto', 'te: trailers', 'expect:'];
        foreach ($metadata as $key => $values) {
            foreach ($values as $value) {
                $headers[] = "$key: $value";
            }
        }
        $this->curl = curl_init($url);
        if (isset($options['timeout'])) {
            $headers[] = "grpc-timeout: {$options['timeout']}u";
            curl_setopt($this->curl, CURLOPT_TIMEOUT_MS, intdiv($options['timeout'], 1000));
        }
        curl_setopt_array($this->curl, [
            CURLOPT_FRESH_CONNECT => true,
            CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE,
            CURLOPT_POSTFIELDS => "\0" . pack('N', strlen($request)) . $request,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_HEADERFUNCTION => function ($curl, string $line): int {
                $parts = explode(':', $line, 2);
                if (count($parts) === 2) {
                    [$key, $value] = [strtolower($parts[0]), trim($parts[1])];
                    $this->metadata[$key][] = str_ends_with($key, '-bin') ? base64_decode($value) : $value;
                }
                return strlen($line);
            },
            CURLOPT_WRITEFUNCTION => function ($curl, string $data): int {
                $this->received .= $data;
                return strlen($data);
            },
        ]);
        if ($credentials !== null) {
            curl_setopt($this->curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
        }
        if ($credentials?->roots !== null) {
            curl_setopt($this->curl, CURLOPT_CAINFO_BLOB, $credentials->roots);
        }
        $this->multi = curl_multi_init();
        curl_multi_add_handle($this->multi, $this->curl);
    }

    public function cancel(): void
    {
        $this->end(STATUS_CANCELLED, 'cancelled');
    }

    /** The responses as they come in, until the call is at its end. */
    protected function read(): \Generator
    {
        while ($this->status === null) {
            curl_multi_exec($this->multi, $running);
            while ($this->status === null && strlen($this->received) >= 5) {
                $length = unpack('N', $this->received, 1)[1];
                if (strlen($this->received) < 5 + $length) {
                    break;
                }
                $response = new $this->deserialize[0]();
                $response->mergeFromString(substr($this->received, 5, $length));
                $this->received = substr($this->received, 5 + $length);
                yield $response;
            }
            if ($this->status !== null) {
                break;
            }
            if ($running === 0) {
                $this->finish(curl_multi_info_read($this->multi)['result']);
            } else {
                curl_multi_select($this->multi);
            }
        }
    }

    protected function status(): object
    {
        foreach ($this->read() as $_) {
        }
        return $this->status;
    }

    private function finish(int $result): void
    {
        if (isset($this->metadata['grpc-status'])) {
            $this->end((int) $this->metadata['grpc-status'][0], rawurldecode($this->metadata['grpc-message'][0] ?? ''));
        } elseif (in_array($result, self::HTTP2_ERRORS, true) && $this->metadata === [] && $this->attempts++ < 10) {
            // curl 7.88 may lose an answer that comes before it has sent all of the request. Only a call that is refused
            // unread is answered like that, so it can be made again, on a connection of its own.
            curl_multi_remove_handle($this->multi, $this->curl);
            curl_multi_add_handle($this->multi, $this->curl);
        } elseif ($result === CURLE_OPERATION_TIMEDOUT) {
            $this->end(STATUS_DEADLINE_EXCEEDED, 'deadline exceeded');
        } elseif ($result !== CURLE_OK) {
            $this->end(STATUS_UNAVAILABLE, curl_error($this->curl));
        } else {
            // curl is content with a stream whose connection was closed.
            $this->end(STATUS_UNAVAILABLE, 'the connection was closed without a status');
        }
    }

    private function end(int $code, string $details): void
    {
        if ($this->status === null) {
            $this->status = (object) ['code' => $code, 'details' => $details, 'metadata' => $this->metadata];
            // Resets the stream where it is still open.
            curl_multi_remove_handle($this->multi, $this->curl);
            curl_close($this->curl);
        }
    }
}

final class UnaryCall extends Call
{
    /** @return array{?object, object} the response and the status */
    public function wait(): array
    {
        $response = null;
        foreach ($this->read() as $response) {
        }
        return [$response, $this->status()];
    }
}

final class ServerStreamingCall extends Call
{
    public function responses(): \Generator
    {
        return $this->read();
    }

    public function getStatus(): object
    {
        return $this->status();
    }
}

class BaseStub
{
    private ?ChannelCredentials $credentials;

    public function __construct(private string $hostname, array $options, $channel = null)
    {
        $this->credentials = $options['credentials'];
    }

    private function url(string $method): string
    {
        return ($this->credentials === null ? 'http' : 'https') . "://{$this->hostname}$method";
    }

    protected function _simpleRequest($method, $argument, $deserialize, array $metadata = [], array $options = []): UnaryCall
    {
        $request = $argument->serializeToString();
        return new UnaryCall($this->url($method), $this->credentials, $request, $deserialize, $metadata, $options);
    }

    protected function _serverStreamRequest(
        $method,
        $argument,
        $deserialize,
        array $metadata = [],
        array $options = [],
    ): ServerStreamingCall {
        $request = $argument->serializeToString();
        $url = $this->url($method);
        return new ServerStreamingCall($url, $this->credentials, $request, $deserialize, $metadata, $options);
    }
}
