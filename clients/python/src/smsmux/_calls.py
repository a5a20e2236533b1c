"""What every call of a client is made with, when it is repeated, and what it raises."""

from __future__ import annotations

import copy
import ipaddress
import os
import random
import time
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

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
    any(packed.Unpack(message) for packed in status.details)
    return message


def settings(
    address: str | None, key: str | None, ca: str | os.PathLike[str] | None
) -> tuple[str, grpc.ChannelCredentials | None, str | None]:
    """Where to connect, how, with `None` for plain text, and the key: the rules are those of `Client`."""
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
    if plain:
        return target, None, key
    return target, grpc.ssl_channel_credentials(open(ca, "rb").read() if ca else None), key


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Calls:
    """What the interceptors of a client know."""

    def __init__(self, key: str | None, timeout: float) -> None:
        self.metadata = (("authorization", f"Bearer {key}"),) if key else ()
        self.timeout = timeout

    def with_key(self, details: Any, more: Iterable[tuple[str, str]] = ()) -> Any:
        """What a call is made with: its own metadata, the key, and more."""
        return details._replace(metadata=(*(details.metadata or ()), *self.metadata, *more))


class Attempts:
    """The attempts of one call: they share an idempotency key and a deadline."""

    def __init__(self, calls: Calls, details: Any) -> None:
        own = any(name == "idempotency-key" for name, _ in details.metadata or ())
        self._details = calls.with_key(details, () if own else (("idempotency-key", str(uuid.uuid4())),))
        self._end = time.monotonic() + (calls.timeout if details.timeout is None else details.timeout)
        self._made = 0

    def next(self) -> Any:
        """What the next one is made with."""
        self._made += 1
        return self._details._replace(timeout=self._end - time.monotonic())

    def pause(self, failed: Any) -> float:
        """The seconds to wait after one that failed. Raises what it failed with if it was the last one."""
        error = Error(failed)
        pause = error.pause(self._made)
        if not error.may_repeat() or self._made == ATTEMPTS or time.monotonic() + pause >= self._end:
            raise error from failed
        return pause


class Watching:
    """The place of a watch: where its stream comes back."""

    def __init__(self, request: Any) -> None:
        self.request = copy.deepcopy(request)
        self._attempt = 0

    def reach(self, answer: Any) -> None:
        """Goes on after an answer."""
        self._attempt = 0
        self.request.resume_token = answer.resume_token

    def pause(self, failed: Any) -> float:
        """The seconds to wait after a stream that failed. Raises what it failed with if it does not come back."""
        error = Error(failed)
        if not error.may_repeat():
            raise error from failed
        self._attempt += 1
        return error.pause(self._attempt)
