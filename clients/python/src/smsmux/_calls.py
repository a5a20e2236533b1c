"""What every call of a client is made with, when it is repeated, and what it raises."""

from __future__ import annotations

import ipaddress
import os
import random
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

TIMEOUT = 30.0
"""Seconds for a call with all its repeats, unless it brings a timeout of its own."""

ATTEMPTS = 5
"""How often a call is made at most."""

NOTHING_ACCEPTED = frozenset(
    ("VENDOR_UNAVAILABLE", "OVERLOADED", "RATE_LIMITED", "STORE_UNAVAILABLE", "SERVER_DRAINING", "REQUEST_IN_PROGRESS")
)
"""The reasons that say that this call changed nothing: it may be repeated."""

KEEPALIVE = (
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
)
"""So that a watch notices a connection that died without a word."""

M = TypeVar("M", bound=Message)


class Error(grpc.RpcError):
    """What every failed call raises."""

    reason: str
    """A value of `ErrorReason` without its prefix: decide by it. Empty if smsmux did not answer."""
    outcome: str
    """`NOT_SENT`, `REFUSED` or `UNKNOWN`: what became of a write."""
    resource: str
    """The name to look the outcome up by. Empty if there is none."""
    retry_after: timedelta | None
    """How long to wait before the call is repeated, where smsmux says so."""
    violations: list[error_details_pb2.BadRequest.FieldViolation]
    """The fields that break a rule of the API."""
    request_id: str
    """The id of the call in smsmux's log. Empty if smsmux did not answer."""

    def __init__(self, error: Any) -> None:
        self._code: grpc.StatusCode = error.code()
        self._details: str = error.details() or ""
        metadata: dict[str, Any] = dict([*(error.initial_metadata() or ()), *(error.trailing_metadata() or ())])
        status = status_pb2.Status.FromString(metadata.get("grpc-status-details-bin", b""))
        info = detail(status, error_details_pb2.ErrorInfo)
        retry = detail(status, error_details_pb2.RetryInfo)
        self.reason = info.reason if info.domain == "smsmux" else ""
        self.outcome = info.metadata.get("outcome", "UNKNOWN")
        self.resource = info.metadata.get("resource", "")
        self.retry_after = retry.retry_delay.ToTimedelta() if retry.HasField("retry_delay") else None
        self.violations = list(detail(status, error_details_pb2.BadRequest).field_violations)
        self.request_id = metadata.get("x-request-id", "")
        super().__init__(f"{self.reason or self._code.name}: {self._details}")

    def code(self) -> grpc.StatusCode:
        """The status code of gRPC."""
        return self._code

    def details(self) -> str:
        """The text, for people."""
        return self._details

    def may_repeat(self) -> bool:
        """Whether a call with an idempotency key may be repeated: nothing was accepted, or the connection was lost."""
        lost = not self.reason and self.code() == grpc.StatusCode.UNAVAILABLE
        return lost or self.reason in NOTHING_ACCEPTED

    def pause(self, attempt: int) -> float:
        """The seconds to wait after an attempt, from 1."""
        if self.retry_after is not None:
            return self.retry_after.total_seconds()
        return float(min(4.0, 0.5 * 2 ** (attempt - 1)) * random.uniform(0.8, 1.2))


def detail(status: status_pb2.Status, kind: type[M]) -> M:
    """The detail of a type, empty if there is none."""
    message = kind()
    for any_ in status.details:
        if any_.Unpack(message):
            break
    return message


class Settings(NamedTuple):
    """How the server is reached."""

    address: str
    """`HOST:PORT`."""
    credentials: grpc.ChannelCredentials | None
    """`None` for plain text."""
    metadata: tuple[tuple[str, str | bytes], ...]
    """What every call carries: the key."""


def settings(address: str | None, key: str | None, ca: str | os.PathLike[str] | None) -> Settings:
    """Where to connect, and how: the rules are those of `Client`."""
    address = address or os.environ.get("SMSMUX_ADDRESS") or "127.0.0.1:50051"
    key = key or os.environ.get("SMSMUX_KEY")
    ca = ca or os.environ.get("SMSMUX_CA")
    scheme, _, target = address.rpartition("://")
    local = is_loopback(target.rpartition(":")[0].strip("[]"))
    plain = scheme == "http" or (not scheme and local and not ca)
    if scheme not in ("", "http", "https"):
        raise ValueError(f"invalid address {address}: expected HOST:PORT, after http:// or https:// if at all")
    if plain and key and not local:
        raise ValueError(f"the key is not sent to {target} in plain text: use TLS")
    metadata = (("authorization", f"Bearer {key}"),) if key else ()
    if plain:
        return Settings(target, None, metadata)
    roots = open(ca, "rb").read() if ca else None
    return Settings(target, grpc.ssl_channel_credentials(roots), metadata)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Details(NamedTuple):
    """What a call is made with, as grpcio's interceptors want it."""

    method: Any
    timeout: float | None
    metadata: Any
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: grpc.Compression | None = None

    @classmethod
    def of(cls, call: Any, metadata: Sequence[tuple[str, str | bytes]]) -> Details:
        """The details of a call with more metadata."""
        compression = getattr(call, "compression", None)
        both = (*(call.metadata or ()), *metadata)
        return cls(call.method, call.timeout, both, call.credentials, call.wait_for_ready, compression)

    def keyed(self) -> Details:
        """The same with an idempotency key, unless there is one: it stays the same over repeats."""
        if any(name == "idempotency-key" for name, _ in self.metadata):
            return self
        return self._replace(metadata=(*self.metadata, ("idempotency-key", str(uuid.uuid4()))))
