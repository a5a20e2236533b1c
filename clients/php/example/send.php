<?php

declare(strict_types=1);

// Sends a message and reads its state, in a project that requires smsmux/smsmux: php send.php [ADDRESS [KEY]]

use Google\Rpc\ErrorInfo;
use Smsmux\V1\DeliveryState;
use Smsmux\V1\GetMessageRequest;
use Smsmux\V1\MessageServiceClient;
use Smsmux\V1\SendMessageRequest;

require getenv('COMPOSER_AUTOLOAD') ?: 'vendor/autoload.php';

$metadata = isset($argv[2]) ? ['authorization' => ["Bearer $argv[2]"]] : [];
$options = ['timeout' => 10_000_000]; // in microseconds
$messages = new MessageServiceClient(
    $argv[1] ?? 'localhost:50051',
    ['credentials' => Grpc\ChannelCredentials::createInsecure()],
);

/** The response of a call; where it failed, the program ends and says why. */
function response($call): object
{
    [$response, $status] = $call->wait();
    if ($status->code === Grpc\STATUS_OK) {
        return $response;
    }
    $details = new Google\Rpc\Status();
    $details->mergeFromString($status->metadata['grpc-status-details-bin'][0] ?? '');
    new ErrorInfo(); // so that its type is known
    $reason = '';
    foreach ($details->getDetails() as $detail) {
        if ($detail->is(ErrorInfo::class)) {
            $reason = " ({$detail->unpack()->getReason()})";
        }
    }
    fwrite(STDERR, "{$status->details}$reason\n");
    exit(1);
}

$request = new SendMessageRequest([
    'parent' => 'accounts/smsend',
    'recipients' => ['+393471234567'],
    'text' => 'Ciao!',
    // Named here, so that the message can be looked up even when the answer is lost.
    'message_id' => 'php-' . hrtime(true),
]);
$sent = response($messages->SendMessage($request, $metadata, $options))->getMessage();

$request = new GetMessageRequest(['name' => $sent->getName()]);
$read = response($messages->GetMessage($request, $metadata, $options))->getMessage();
echo $read->getName(), ' ', DeliveryState::name($read->getRecipients()[0]->getState()), "\n";
