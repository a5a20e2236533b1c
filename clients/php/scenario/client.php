<?php

declare(strict_types=1);

// The steps of ../../scenario/README.md with the client.

use Smsmux\Client;
use Smsmux\Error;
use Smsmux\V1\CreateEventSubscriptionRequest;
use Smsmux\V1\DeleteEventSubscriptionRequest;
use Smsmux\V1\ListMessagesRequest;
use Smsmux\V1\SendMessageRequest;
use Smsmux\V1\SetEventWebhookRequest;
use Smsmux\V1\WatchEventsRequest;
use Smsmux\V1\WatchEventsResponse;

const PARENT = 'accounts/harness';

/**
 * The answer of the harness, with its headers.
 *
 * @return array{string, array<string, string>}
 */
function harness(string $command): array
{
    $headers = [];
    $curl = curl_init(getenv('SMSMUX_HARNESS') . "/$command");
    curl_setopt_array($curl, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_NOPROXY => '*',
        CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$headers): int {
            [$name, $value] = explode(':', $line, 2) + [1 => ''];
            $headers[strtolower($name)] = trim($value);
            return strlen($line);
        },
    ]);
    $body = curl_exec($curl);
    check($body !== false, "the harness answers $command: " . curl_error($curl));
    return [$body, $headers];
}

function sms(string $text, string $recipient = '+4915123456789'): SendMessageRequest
{
    $fields = ['parent' => PARENT, 'recipients' => [$recipient], 'sender' => 'smsmux', 'text' => $text];
    return new SendMessageRequest($fields);
}

function timesSent(string $text): int
{
    return (int) harness('sent/' . rawurlencode($text))[0];
}

/** The error that the call must end in. */
function failure(callable $call): Error
{
    try {
        $call();
    } catch (Error $e) {
        return $e;
    }
    throw new RuntimeException('the call succeeded');
}

/** The place of an answer in the log. */
function sequence(WatchEventsResponse $answer): int
{
    return (int) ($answer->getEvent() ?? $answer->getProgress())->getSequence();
}

/**
 * Verifies by Standard Webhooks, whose library is no package of Debian's.
 *
 * @param array<string, string> $headers
 */
function isVerified(string $secret, string $body, array $headers): bool
{
    $key = base64_decode(substr($secret, strlen('whsec_')), true);
    $signed = "{$headers['webhook-id']}.{$headers['webhook-timestamp']}.$body";
    $signature = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
    $given = array_filter(explode(' ', $headers['webhook-signature']), fn ($each) => hash_equals($signature, $each));
    return $given !== [] && abs(time() - (int) $headers['webhook-timestamp']) < 300;
}

$client = new Client('https://' . harness('server')[0], ca: getenv('SMSMUX_HARNESS_CA'));

step('rate-limited', function () use ($client) {
    $text = 'busy ' . newId();
    $client->messages->SendMessage(sms($text));
    check(timesSent($text) === 2, 'the vendor was asked twice');
});

step('cut', function () {
    $text = 'cut ' . newId();
    $client = new Client(harness('cut/' . getenv('SMSMUX_ADDRESS'))[0]);
    $client->messages->SendMessage(sms($text));
    check(timesSent($text) === 1, 'the vendor was asked once');
});

step('unknown', function () use ($client) {
    $text = 'unknown ' . newId();
    $error = failure(fn () => $client->messages->SendMessage(sms($text)));
    check([$error->reason, $error->outcome] === ['OUTCOME_UNKNOWN', 'UNKNOWN'], "another error: $error->reason");
    check(str_starts_with($error->resource, PARENT . '/messages/'), "another resource: $error->resource");
    check($error->requestId !== '', 'there is a request id');
    check(timesSent($text) === 1, 'the vendor was asked once');
});

step('violations', function () use ($client) {
    $error = failure(fn () => $client->messages->SendMessage(sms('Ciao!', '12')));
    check([$error->reason, $error->outcome] === ['INVALID_REQUEST', 'NOT_SENT'], "another error: $error->reason");
    $fields = array_map(fn ($violation) => $violation->getField(), $error->violations);
    check($fields === ['recipients[0]'], 'of the field recipients[0]');
});

step('plain-text', function () {
    try {
        new Client('http://192.0.2.1:50051');
    } catch (InvalidArgumentException) {
        return;
    }
    throw new RuntimeException('the key would be sent in plain text');
});

step('pager', function () use ($client) {
    $client->messages->SendMessage(sms('pager ' . newId()));
    $request = new ListMessagesRequest(['parent' => PARENT, 'page_size' => 1]);
    $pages = 0;
    $names = [];
    foreach ($client->pages($client->messages->ListMessages(...), $request) as $page) {
        $pages++;
        foreach ($page->getMessages() as $message) {
            $names[] = $message->getName();
        }
    }
    check($pages >= 2 && count($names) === count(array_unique($names)), "$pages pages");
});

step('restart', function () use ($client) {
    $watch = $client->watch($client->events->WatchEvents(...), new WatchEventsRequest(['parent' => PARENT]));
    $answer = $watch->current();
    foreach ([true, false] as $restart) {
        $client->messages->SendMessage(sms('watch ' . newId()));
        do {
            $place = sequence($answer);
            $watch->next();
            $answer = $watch->current();
            check((int) $answer->getPreviousSequence() === $place, "{$answer->getPreviousSequence()} after $place");
        } while ($answer->getEvent() === null);
        if ($restart) {
            harness('restart');
        }
    }
});

step('webhook', function () use ($client) {
    $id = newId();
    $request = new CreateEventSubscriptionRequest(['parent' => PARENT, 'event_subscription_id' => $id]);
    $name = $client->events->CreateEventSubscription($request)->getEventSubscription()->getName();
    $request = new SetEventWebhookRequest(['name' => $name, 'url' => getenv('SMSMUX_HARNESS') . "/hooks/$id"]);
    $secret = $client->events->SetEventWebhook($request)->getSigningSecret();
    $client->messages->SendMessage(sms('webhook ' . newId()));
    [$body, $headers] = harness("hooks/$id");
    check(isVerified($secret, $body, $headers), 'the signature is good');
    check(!isVerified($secret, "$body ", $headers), 'that of another body is not');
    check(str_starts_with(json_decode($body)->type, 'smsmux.message.'), "another event: $body");
    $client->events->DeleteEventSubscription(new DeleteEventSubscriptionRequest(['name' => $name]));
});
