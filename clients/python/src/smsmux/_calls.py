"""What the clients for threads and for asyncio have in common: where they connect, what a call is made with, when it is repeated, and
what it raises."""

import math
import os
import random
import re
import time
import uuid
from typing import Any, TypeVar

import grpc.aio
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

KEEPALIVE = {"grpc.keepalive_time_ms": 30_000, "grpc.keepalive_timeout_ms": 10_000, "grpc.http2.max_pings_without_data": 0}
"""So that a watch notices a connection that died without a word."""

M = TypeVar("M", bound=Message)
StrPath = str | os.PathLike[str]


class Error(grpc.RpcError):
    """What every failed call raises."""

    def __init__(self, error: Any) -> None:
        self._code: grpc.StatusCode = error.code()
        self._details: str = error.details() or ""
        metadata: dict[str, Any] = dict([*(error.initial_metadata() or ()), *(error.trailing_metadata() or ())])
        status = status_pb2.Status.FromString(metadata.get("grpc-status-details-bin", b""))
        info = detail(status, error_details_pb2.ErrorInfo)
        retry = detail(status, error_details_pb2.RetryInfo)
        self.reason = info.reason if info.domain == "smsmux" else ""
        """A value of `ErrorReason` without its prefix: decide by it. Empty if smsmux did not answer."""
        self.outcome = info.metadata.get("outcome", "UNKNOWN")
        """`NOT_SENT`, `REFUSED` or `UNKNOWN`: what became of a write."""
        self.resource = info.metadata.get("resource", "")
        """The name to look the outcome up by. Empty if there is none."""
        self.retry_after = retry.retry_delay.ToTimedelta() if retry.HasField("retry_delay") else None
        """How long to wait before the call is repeated, where smsmux says so."""
        self.violations = list(detail(status, error_details_pb2.BadRequest).field_violations)
        """The fields that break a rule of the API."""
        self.request_id: str = metadata.get("x-request-id", "")
        """The id of the call in smsmux's log. Empty if smsmux did not answer."""
        super().__init__(f"{self.reason or self._code.name}: {self._details}")

    def code(self) -> grpc.StatusCode:
        """The status code of gRPC."""
        return self._code

    def details(self) -> str:
        """The text, for people."""
        return self._details

    def may_repeat(self) -> bool:
        """Whether a call with an idempotency key may be repeated: nothing was accepted, or the connection was lost."""
        return self._code == grpc.StatusCode.UNAVAILABLE or self.reason in ("RATE_LIMITED", "REQUEST_IN_PROGRESS")


def detail(status: status_pb2.Status, kind: type[M]) -> M:
    """The detail of a type, empty if there is none."""
    message = kind()
    any(packed.Unpack(message) for packed in status.details)
    return message


def connect(grpc_: Any, interceptors: Any, address: str | None, key: str | None, ca: StrPath | None, timeout: float) -> Any:
    """The channel of a client, made by `grpc` or `grpc.aio`. The rules are those of the client."""
    address = address or os.environ.get("SMSMUX_ADDRESS") or "127.0.0.1:50051"
    key = key or os.environ.get("SMSMUX_KEY")
    ca = ca or os.environ.get("SMSMUX_CA")
    form = re.fullmatch(r"(?:(https?)://)?((\[.*\]|[^:/]*)(?::\d+)?)", address)
    if form is None:
        raise ValueError(f"invalid address {address}: expected HOST:PORT, after http:// or https:// if at all")
    scheme, target, host = form.groups()
    local = re.fullmatch(r"localhost|\[::1\]|127(\.\d+){3}", host) is not None
    plain = scheme == "http" or (scheme is None and local and not ca)
    if plain and key and not local:
        raise ValueError(f"the key is not sent to {target} in plain text: use TLS")
    made = [interceptor(key, timeout) for interceptor in interceptors]
    tls = () if plain else (grpc.ssl_channel_credentials(open(ca, "rb").read() if ca else None),)
    make = grpc_.insecure_channel if plain else grpc_.secure_channel
    to = (target, *tls, tuple(KEEPALIVE.items()))
    return make(*to, interceptors=made) if grpc_ is grpc.aio else grpc.intercept_channel(make(*to), *made)


class Attempts:
    """The attempts of a call, or of a watch, which has no end."""

    def __init__(self, timeout: float = math.inf, most: float = math.inf) -> None:
        self._end = time.monotonic() + timeout
        self._most = most
        self._made = 0

    def time_left(self) -> float:
        """The seconds that the next one may take."""
        return self._end - time.monotonic()

    def pause(self, failed: Any) -> float:
        """The seconds to wait after one that failed. Raises what it failed with if it was the last one."""
        error = Error(failed)
        backoff: float = 0.5 * 2 ** min(self._made, 3) * random.uniform(0.8, 1.2)
        pause = backoff if error.retry_after is None else error.retry_after.total_seconds()
        self._made += 1
        if not error.may_repeat() or self._made == self._most or pause >= self.time_left():
            raise error from failed
        return pause


class Calls:
    """What each call of a client is made with."""

    def __init__(self, key: str | None, timeout: float) -> None:
        self._metadata = {"authorization": f"Bearer {key}"} if key else {}
        self._timeout = timeout

    def with_metadata(self, details: Any, **defaults: str) -> Any:
        """The details of a call with the key and other defaults, as far as it does not bring its own."""
        own = dict(details.metadata or ())
        missing = ((name, value) for name, value in {**self._metadata, **defaults}.items() if name not in own)
        return details._replace(metadata=(*(details.metadata or ()), *missing))

    def begin(self, details: Any) -> tuple[Any, Attempts]:
        """The details of a call, and its attempts: they share an idempotency key and a deadline."""
        timeout = self._timeout if details.timeout is None else details.timeout
        return self.with_metadata(details, **{"idempotency-key": str(uuid.uuid4())}), Attempts(timeout, most=5)
