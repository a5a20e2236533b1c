<?php

// Sends with curl what it reads, a request a line, and writes the answers.
while ($line = fgets(STDIN)) {
    [$method, $url, $body] = $parts = array_map('urldecode', explode(' ', rtrim($line)));
    $curl = curl_init();
    curl_setopt($curl, CURLOPT_URL, $url);
    curl_setopt($curl, CURLOPT_HTTPHEADER, array_slice($parts, 3));
    curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
    curl_setopt($curl, CURLOPT_HEADER, true);
    // The samples post without a body like this too, and curl makes an empty chunked body of it.
    if ($method === 'POST') {
        curl_setopt($curl, CURLOPT_POST, 1);
    } elseif ($method !== 'GET' || $body !== '-') {
        curl_setopt($curl, CURLOPT_CUSTOMREQUEST, $method);
    }
    if ($body !== '-') {
        curl_setopt($curl, CURLOPT_POSTFIELDS, substr($body, 1));
    }
    $answer = curl_exec($curl);
    if ($answer === false) {
        fwrite(STDERR, curl_error($curl) . "\n");
        exit(1);
    }
    $head = curl_getinfo($curl, CURLINFO_HEADER_SIZE);
    preg_match('/^location: (.*?)\r$/im', substr($answer, 0, $head), $location);
    echo curl_getinfo($curl, CURLINFO_HTTP_CODE), ' ';
    echo urlencode('=' . ($location[1] ?? '')), ' ', urlencode('=' . substr($answer, $head)), "\n";
}
