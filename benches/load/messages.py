"""The requests of the loads, encoded by hand: h2load sends the bytes of a file, and they need no package."""

from __future__ import annotations

import dataclasses
import json

from programs import KEY, account_id

TEXT = "Your parcel leaves our depot today between 14:00 and 16:00. Track it with the number 4711."
TEMPLATE = "Dear {name}, your parcel leaves our depot today. Track it with the number {number}."

SERVICE = "/smsmux.v1.MessageService"
ORDER_ID = "01a2011cba127211a99e332b5a236853"


@dataclasses.dataclass(frozen=True)
class Request:
    """What h2load sends, again and again."""

    path: str
    headers: tuple[str, ...]
    body: bytes
    http1: bool = False
    """HTTP/1.1, which has no calls side by side on one connection, instead of HTTP/2."""


def varint(number: int) -> bytes:
    """A number on the wire (protobuf encoding): seven bits to a byte, the last one without the eighth."""
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def field(number: int, value: str | bytes) -> bytes:
    """A text or message as a field of a message."""
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def grpc(path: str, message: bytes) -> Request:
    """A call; gRPC puts five bytes before a message: not compressed, and its length."""
    # The baselines get the key and the deadline too, and do nothing with them.
    headers = ("content-type: application/grpc", "te: trailers", f"authorization: Bearer {KEY}", "grpc-timeout: 30S")
    body = b"\0" + len(message).to_bytes(4, "big") + message
    return Request(path, headers, body)


def send(account: int = 0) -> Request:
    """SendMessage to one recipient."""
    return send_by(account_id(account))


def send_by(account: str) -> Request:
    """SendMessage to one recipient, by the account of this name."""
    message = field(1, f"accounts/{account}") + field(2, "+393471234567") + field(3, TEXT)
    return grpc(f"{SERVICE}/SendMessage", message + field(4, "Acme"))


def templated(recipients: int) -> Request:
    """SendTemplatedMessage to so many recipients, two parameters each."""
    message = field(1, f"accounts/{account_id(0)}")
    for number in range(recipients):
        parameters = {"name": f"Customer {number}", "number": str(4711 + number)}
        entries = b"".join(field(2, field(1, key) + field(2, value)) for key, value in parameters.items())
        message += field(2, field(1, f"+39347{1_000_000 + number}") + entries)
    return grpc(f"{SERVICE}/SendTemplatedMessage", message + field(3, TEMPLATE) + field(4, "Acme"))


def vendor_send(protocol: str) -> Request:
    """What a baseline makes of SendMessage, for the vendor without anything in front of it."""
    order = {
        "message_type": "N",
        "message": TEXT,
        "recipient": ["+393471234567"],
        "sender": "Acme",
        "order_id": ORDER_ID,
    }
    body = json.dumps(order, separators=(",", ":")).encode()
    headers = ("content-type: application/json", "user_key: UK", "session_key: SK")
    return Request("/sms", headers, body, http1=protocol != "http2")


def vendor_order() -> Request:
    """The same as a call of benches/peers/vendor.proto."""
    message = field(1, "N") + field(2, TEXT) + field(3, "+393471234567") + field(4, "Acme") + field(5, ORDER_ID)
    return grpc("/bench.Vendor/Send", message)
