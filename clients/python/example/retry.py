"""Has grpcio repeat a send whose reply is lost: safe, as the call has an idempotency key.

It speaks to the server through a proxy that cuts the first connection when the reply arrives.

    python retry.py                                      at `smsmux serve --sandbox`
    SMSMUX_ADDRESS=... SMSMUX_KEY=... python retry.py    elsewhere
"""

import contextlib
import json
import os
import socket
import threading
import uuid

import grpc

from smsmux.v1 import message_service_pb2 as pb
from smsmux.v1 import message_service_pb2_grpc as services

TIMEOUT = 30  # seconds, for each call with all of its attempts

# Repeats a call by its code: safe for reads, and for writes with an idempotency key.
POLICY = {
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.2s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE", "ABORTED"],
            },
        }
    ]
}

Metadata = tuple[tuple[str, str | bytes], ...]

HEADERS = 1  # the type of the frame that a reply begins with


def main() -> None:
    proxy = cutting(os.environ.get("SMSMUX_ADDRESS", "127.0.0.1:50051"))
    key = os.environ.get("SMSMUX_KEY")
    metadata: Metadata = (("authorization", f"Bearer {key}"),) if key else ()
    with grpc.insecure_channel(proxy, options=[("grpc.service_config", json.dumps(POLICY))]) as channel:
        messages = services.MessageServiceStub(channel)
        request = pb.SendMessageRequest(parent="accounts/smsend", recipients=["+393471234567"], text="Ciao!")
        # One key for one thing to be done, however often it is tried.
        keyed = (*metadata, ("idempotency-key", str(uuid.uuid4())))
        sent, call = messages.SendMessage.with_call(request, timeout=TIMEOUT, metadata=keyed)
        assert "smsmux-replayed" in dict(call.initial_metadata()), "the reply is not that of the first attempt"
        name = sent.message.name
        times = times_sent(messages, name, metadata)
        print(f"the first reply was lost; {name} was sent {times} times")
        assert times == 1, "it must be sent once"


def times_sent(messages: services.MessageServiceStub, name: str, metadata: Metadata) -> int:
    """How many messages of a name the vendor itself has."""
    request, times = pb.ListVendorMessagesRequest(parent="accounts/smsend"), 0
    while True:
        page = messages.ListVendorMessages(request, timeout=TIMEOUT, metadata=metadata)
        times += sum(message.name == name for message in page.messages)
        if not page.next_page_token:
            return times
        request.page_token = page.next_page_token


def cutting(address: str) -> str:
    """The address of a proxy that cuts its first connection when the first reply arrives."""
    host, _, port = address.rpartition(":")
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        cut = True
        while True:
            client, _ = listener.accept()
            server = socket.create_connection((host, int(port)))
            threading.Thread(target=copy, args=(client, server), daemon=True).start()
            threading.Thread(target=until_reply if cut else copy, args=(server, client), daemon=True).start()
            cut = False

    threading.Thread(target=accept, daemon=True).start()
    return f"127.0.0.1:{listener.getsockname()[1]}"


def copy(source: socket.socket, target: socket.socket) -> None:
    """Passes on all bytes, and the end."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    close(source, target)


def until_reply(server: socket.socket, client: socket.socket) -> None:
    """Passes on the frames of HTTP/2 before a reply, and cuts the connection there."""
    with server.makefile("rb") as frames, contextlib.suppress(OSError):
        while len(head := frames.read(9)) == 9 and head[3] != HEADERS:
            client.sendall(head + frames.read(int.from_bytes(head[:3], "big")))
    close(server, client)


def close(*connections: socket.socket) -> None:
    """Closes connections that another thread may still read."""
    for connection in connections:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


if __name__ == "__main__":
    main()
