<?php

declare(strict_types=1);

// The scenario of ../../scenario/README.md.

use Composer\InstalledVersions;
use Google\Protobuf\Timestamp;
use Google\Rpc\BadRequest;
use Google\Rpc\ErrorInfo;
use Smsmux\V1\AccountServiceClient;
use Smsmux\V1\AnalyzeMessageRequest;
use Smsmux\V1\Contact;
use Smsmux\V1\ContactServiceClient;
use Smsmux\V1\CreateContactRequest;
use Smsmux\V1\CreateGroupRequest;
use Smsmux\V1\DeleteGroupRequest;
use Smsmux\V1\DeliveryState;
use Smsmux\V1\GetContactRequest;
use Smsmux\V1\GetMessageRequest;
use Smsmux\V1\Group;
use Smsmux\V1\GroupServiceClient;
use Smsmux\V1\InboxServiceClient;
use Smsmux\V1\ListAccountsRequest;
use Smsmux\V1\ListVendorMessagesRequest;
use Smsmux\V1\Message;
use Smsmux\V1\MessageServiceClient;
use Smsmux\V1\SendMessageRequest;
use Smsmux\V1\SmSendOptions;
use Smsmux\V1\WatchReceivedMessagesRequest;

require getenv('COMPOSER_AUTOLOAD');

const SMSEND = 'accounts/smsend';
const RECIPIENT = '+393471234567';
const OPTIONS = ['timeout' => 10_000_000]; // in microseconds
define('METADATA', ['authorization' => ['Bearer ' . getenv('SMSMUX_KEY')]]);

function check(bool $condition, string $what): void
{
    if (!$condition) {
        throw new RuntimeException("not so: $what");
    }
}

function step(string $name, callable $body): void
{
    try {
        $body();
    } catch (Throwable $e) {
        fwrite(STDERR, "$name: $e\n");
        exit(1);
    }
    echo "ok $name\n";
}

/**
 * @template T of object
 * @param class-string<T> $client
 * @return T
 */
function client(string $client): object
{
    return new $client(getenv('SMSMUX_ADDRESS'), ['credentials' => Grpc\ChannelCredentials::createInsecure()]);
}

/** The response of a call that must succeed. */
function response($call): object
{
    [$response, $status] = $call->wait();
    check($status->code === Grpc\STATUS_OK, "the call succeeds, not $status->code: $status->details");
    return $response;
}

/**
 * The detail of a type.
 *
 * @template T of object
 * @param class-string<T> $type
 * @return T
 */
function detail(object $status, string $type): object
{
    new $type(); // so that it is known
    $rich = new Google\Rpc\Status();
    $rich->mergeFromString($status->metadata['grpc-status-details-bin'][0]);
    foreach ($rich->getDetails() as $any) {
        if ($any->is($type)) {
            return $any->unpack();
        }
    }
    throw new RuntimeException("no $type in $status->details");
}

function newId(): string
{
    return 'php-' . (int) (microtime(true) * 1e6);
}

/** @param array<string, mixed> $fields */
function sendRequest(array $fields = []): SendMessageRequest
{
    $fields += ['parent' => SMSEND, 'recipients' => [RECIPIENT], 'text' => 'Ciao!', 'message_id' => newId()];
    return new SendMessageRequest($fields);
}

function send(SendMessageRequest $request): Message
{
    return response(client(MessageServiceClient::class)->SendMessage($request, METADATA, OPTIONS))->getMessage();
}

function get(string $name): Message
{
    $request = new GetMessageRequest(['name' => $name]);
    return response(client(MessageServiceClient::class)->GetMessage($request, METADATA, OPTIONS))->getMessage();
}

/** A number as the wire has it, at an offset that moves behind it. */
function varint(string $bytes, int &$offset): int
{
    $value = 0;
    for ($shift = 0;; $shift += 7) {
        $byte = ord($bytes[$offset++]);
        $value |= ($byte & 0x7f) << $shift;
        if ($byte < 0x80) {
            return $value;
        }
    }
}

/**
 * An encoded message with its fields by number: google/protobuf in PHP writes them as the proto declares them, where a
 * oneof comes last, and not by number as the others do. Both are right.
 */
function byNumber(string $bytes): string
{
    $fields = [];
    for ($offset = 0; $offset < strlen($bytes);) {
        $start = $offset;
        $tag = varint($bytes, $offset);
        switch ($tag & 7) {
            case 0:
                varint($bytes, $offset);
                break;
            case 1:
                $offset += 8;
                break;
            case 2:
                $length = varint($bytes, $offset);
                $offset += $length;
                break;
            default:
                throw new RuntimeException('no field of these messages is on the wire like this');
        }
        $fields[$tag >> 3][] = substr($bytes, $start, $offset - $start);
    }
    ksort($fields);
    return implode(array_merge(...$fields));
}

$accounts = client(AccountServiceClient::class);
$contacts = client(ContactServiceClient::class);
$groups = client(GroupServiceClient::class);
$inbox = client(InboxServiceClient::class);
$messages = client(MessageServiceClient::class);

printf(
    "version php %s, no ext-grpc: a stand-in over curl %s, google/protobuf %s\n",
    PHP_VERSION,
    curl_version()['version'],
    InstalledVersions::getVersionRanges('google/protobuf'),
);

step('accounts', function () use ($accounts) {
    $found = null;
    foreach (response($accounts->ListAccounts(new ListAccountsRequest(), METADATA, OPTIONS))->getAccounts() as $account) {
        if ($account->getName() === SMSEND) {
            $found = $account;
        }
    }
    check($found !== null, SMSEND . ' is there');
    check(in_array('smsmux.v1.MessageService/SendMessage', iterator_to_array($found->getMethods()), true), 'it sends');
});

$sent = new Message();
step('send', function () use (&$sent) {
    $request = sendRequest();
    $sent = send($request);
    check(str_ends_with($sent->getName(), $request->getMessageId()), 'its name ends in the id');
    check(count($sent->getRecipients()) === 1, 'one recipient');
    check($sent->getRecipients()[0]->getState() === DeliveryState::DELIVERY_STATE_QUEUED, 'its state is QUEUED');
});

step('status', function () use (&$sent) {
    for ($i = 0; $i < 10; $i++) {
        $recipient = get($sent->getName())->getRecipients()[0];
        if ($recipient->getState() === DeliveryState::DELIVERY_STATE_DELIVERED) {
            break;
        }
    }
    check($recipient->getState() === DeliveryState::DELIVERY_STATE_DELIVERED, 'it is delivered');
    check($recipient->getVendorCode() === 'DLVRD', 'vendor_code is DLVRD');
});

step('pages', function () use ($messages, &$sent) {
    $second = send(sendRequest());
    $names = [];
    $token = '';
    do {
        $request = new ListVendorMessagesRequest(['parent' => SMSEND, 'page_size' => 1, 'page_token' => $token]);
        $page = response($messages->ListVendorMessages($request, METADATA, OPTIONS));
        foreach ($page->getMessages() as $message) {
            $names[] = $message->getName();
        }
        $token = $page->getNextPageToken();
    } while ($token !== '');
    check(count($names) === count(array_unique($names)), 'no name comes twice');
    check(array_diff([$sent->getName(), $second->getName()], $names) === [], 'both sent names are listed');
});

step('group', function () use ($groups) {
    $group = new Group(['display_name' => 'PHP', 'description' => 'd']);
    $request = new CreateGroupRequest(['parent' => SMSEND, 'group' => $group]);
    $name = response($groups->CreateGroup($request, METADATA, OPTIONS))->getGroup()->getName();
    response($groups->DeleteGroup(new DeleteGroupRequest(['name' => $name]), METADATA, OPTIONS));
});

step('watch', function () use ($inbox) {
    $start = new Timestamp();
    $start->fromDateTime(new DateTime('2016-05-03T00:00:00Z'));
    $request = new WatchReceivedMessagesRequest(['parent' => SMSEND, 'start_time' => $start]);
    $call = $inbox->WatchReceivedMessages($request, METADATA, OPTIONS);
    $count = 0;
    foreach ($call->responses() as $response) {
        check($response->getMessage()->getName() !== '', 'it has a name');
        check($response->getMessage()->getTo() !== '', 'it has a to');
        check($response->getResumeToken() !== '', 'it has a resume_token');
        if (++$count === 2) {
            $call->cancel();
            break;
        }
    }
    check($call->getStatus()->code === Grpc\STATUS_CANCELLED, "cancelled after two messages: {$call->getStatus()->details}");
});

step('bad-number', function () use ($messages) {
    [, $status] = $messages->SendMessage(sendRequest(['recipients' => ['12']]), METADATA, OPTIONS)->wait();
    check($status->code === Grpc\STATUS_INVALID_ARGUMENT, "the code is INVALID_ARGUMENT, not $status->code: $status->details");
    $info = detail($status, ErrorInfo::class);
    check($info->getReason() === 'INVALID_REQUEST', 'the reason is INVALID_REQUEST');
    check($info->getDomain() === 'smsmux', 'the domain is smsmux');
    check($info->getMetadata()['outcome'] === 'NOT_SENT', 'the outcome is NOT_SENT');
    $violations = detail($status, BadRequest::class)->getFieldViolations();
    check(count($violations) === 1, 'one violation');
    check($violations[0]->getField() === 'recipients[0]', 'of the field recipients[0]');
});

step('deadline', function () use ($messages) {
    $request = new GetMessageRequest(['name' => 'accounts/slow/messages/x']);
    [, $status] = $messages->GetMessage($request, METADATA, ['timeout' => 300_000])->wait();
    check($status->code === Grpc\STATUS_DEADLINE_EXCEEDED, "the code is DEADLINE_EXCEEDED, not $status->code: $status->details");
});

step('no-key', function () use ($accounts) {
    [, $status] = $accounts->ListAccounts(new ListAccountsRequest(), [], OPTIONS)->wait();
    check($status->code === Grpc\STATUS_UNAUTHENTICATED, "the code is UNAUTHENTICATED, not $status->code: $status->details");
    check(detail($status, ErrorInfo::class)->getReason() === 'CALLER_NOT_AUTHENTICATED', 'the reason says so');
});

step('unicode', function () use ($messages) {
    $fields = [
        'parent' => 'accounts/lox24',
        'recipients' => ['+4915123456789'],
        'sender' => 'smsmux',
        'text' => 'Perché Ж 😀',
    ];
    $id = send(new SendMessageRequest($fields))->getRecipients()[0]->getVendorMessageId();
    check(get("accounts/lox24/messages/$id")->getText() === $fields['text'], 'the text is the same');
    $analyze = new AnalyzeMessageRequest(['message' => new SendMessageRequest($fields)]);
    $analysis = response($messages->AnalyzeMessage($analyze, METADATA, OPTIONS));
    check(iterator_to_array($analysis->getUcs2Characters()) === ['Ж', '😀'], 'ucs_2_characters are Ж and 😀');
});

step('int64', function () {
    $with = send(sendRequest(['smsend' => new SmSendOptions(['return_remaining' => true])]));
    check($with->hasCreditsRemaining(), 'credits_remaining is present');
    check(is_int($with->getCreditsRemaining()) && $with->getCreditsRemaining() > 0, 'it is an integer above 0');
    check(!send(sendRequest())->hasCreditsRemaining(), 'credits_remaining is absent');
});

step('optional', function () use ($contacts) {
    $contact = new Contact(['email' => newId() . '@example.com', 'given_name' => 'PHP']);
    $request = new CreateContactRequest(['parent' => SMSEND, 'contact' => $contact]);
    $name = response($contacts->CreateContact($request, METADATA, OPTIONS))->getContact()->getName();
    $request = new GetContactRequest(['name' => $name]);
    $contact = response($contacts->GetContact($request, METADATA, OPTIONS))->getContact();
    check($contact->hasGivenName() && $contact->getGivenName() === 'PHP', 'given_name is present');
    check(!$contact->hasFax(), 'fax is absent');
});

step('golden', function () {
    $files = glob(getenv('SMSMUX_TESTDATA') . '/*.binpb');
    check($files !== [], 'there are vectors');
    foreach ($files as $file) {
        $type = 'Smsmux\\V1\\' . basename($file, '.binpb');
        $bytes = file_get_contents($file);
        $message = new $type();
        $message->mergeFromString($bytes);
        check(byNumber($message->serializeToString()) === $bytes, "$file is encoded to the same bytes");
        $message = new $type();
        // google/protobuf in PHP reads .000001 as one nanosecond and only nine digits right, so it gets nine.
        $json = preg_replace('/(\.\d{6})Z"/', '${1}000Z"', file_get_contents(substr($file, 0, -5) . 'json'));
        $message->mergeFromJsonString($json);
        check(byNumber($message->serializeToString()) === $bytes, "the JSON of $file is encoded to its bytes");
    }
});

require __DIR__ . '/client.php';
