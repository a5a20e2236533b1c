"""The client for threads."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import grpc

from smsmux import _calls
from smsmux._calls import Details, Error
from smsmux.v1.account_service_pb2_grpc import AccountServiceStub
from smsmux.v1.alias_service_pb2_grpc import AliasServiceStub
from smsmux.v1.auth_service_pb2_grpc import AuthServiceStub
from smsmux.v1.campaign_service_pb2_grpc import CampaignServiceStub
from smsmux.v1.consent_service_pb2_grpc import ConsentServiceStub
from smsmux.v1.contact_service_pb2_grpc import ContactServiceStub
from smsmux.v1.event_service_pb2_grpc import EventServiceStub
from smsmux.v1.group_service_pb2_grpc import GroupServiceStub
from smsmux.v1.inbox_service_pb2_grpc import InboxServiceStub
from smsmux.v1.message_service_pb2_grpc import MessageServiceStub
from smsmux.v1.number_service_pb2_grpc import NumberServiceStub
from smsmux.v1.server_service_pb2_grpc import ServerServiceStub
from smsmux.v1.stop_list_service_pb2_grpc import StopListServiceStub
from smsmux.v1.subaccount_service_pb2_grpc import SubaccountServiceStub

Request = TypeVar("Request")
Response = TypeVar("Response")


class Client:
    """A connection to smsmux, with all its services: make one and share it.

    Without arguments it takes `$SMSMUX_ADDRESS` (`127.0.0.1:50051`), `$SMSMUX_KEY` and `$SMSMUX_CA`, a PEM file with the authorities
    to trust. The connection is TLS unless the address is of this machine and there is no such file; `http://` or `https://` before
    the address decides otherwise. A key is never sent to another machine in plain text.

    A call ends after `timeout` seconds with all its repeats, unless it brings its own, and carries an `idempotency-key`: its own or a
    random one. It is repeated, at most five times, when the reason of the error says that nothing was accepted, after the time in
    RetryInfo where there is one, and when the connection was lost: with the key nothing is sent twice. OUTCOME_UNKNOWN is not
    repeated. Whatever a call fails with is raised as `Error`.
    """

    def __init__(
        self,
        address: str | None = None,
        key: str | None = None,
        ca: str | os.PathLike[str] | None = None,
        timeout: float = _calls.TIMEOUT,
    ) -> None:
        target, credentials, metadata = _calls.settings(address, key, ca)
        if credentials:
            self._channel = grpc.secure_channel(target, credentials, _calls.KEEPALIVE)
        else:
            self._channel = grpc.insecure_channel(target, _calls.KEEPALIVE)
        channel = grpc.intercept_channel(self._channel, _Calls(metadata, timeout))
        self.accounts = AccountServiceStub(channel)
        self.aliases = AliasServiceStub(channel)
        self.auth = AuthServiceStub(channel)
        self.campaigns = CampaignServiceStub(channel)
        self.consents = ConsentServiceStub(channel)
        self.contacts = ContactServiceStub(channel)
        self.events = EventServiceStub(channel)
        self.groups = GroupServiceStub(channel)
        self.inbox = InboxServiceStub(channel)
        self.messages = MessageServiceStub(channel)
        self.numbers = NumberServiceStub(channel)
        self.server = ServerServiceStub(channel)
        self.stop_list = StopListServiceStub(channel)
        self.subaccounts = SubaccountServiceStub(channel)

    def close(self) -> None:
        """Ends the connection and all calls."""
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def pages(
        self, method: grpc.UnaryUnaryMultiCallable[Request, Response], request: Request
    ) -> Iterator[Response]:
        """The pages of a list, one call for each: `client.pages(client.messages.ListMessages, request)`."""
        page: Any = method(request)
        yield page
        while page.next_page_token:
            page = method(_with(request, page_token=page.next_page_token))
            yield page

    def watch(
        self, method: grpc.UnaryStreamMultiCallable[Request, Response], request: Request
    ) -> Iterator[Response]:
        """The answers of a stream, which comes back by its last `resume_token` when the server restarts or the connection is lost:
        `client.watch(client.events.WatchEvents, request)`. Store the token of the last answer that you have processed."""
        attempt = 0
        while True:
            stream = method(request)
            try:
                for answer in stream:
                    attempt = 0
                    request = _with(request, resume_token=answer.resume_token)  # type: ignore[attr-defined]
                    yield answer
            except grpc.RpcError as e:
                error = Error(e)
                if not error.may_repeat():
                    raise error from e
                attempt += 1
                time.sleep(error.pause(attempt))
            finally:
                stream.cancel()


def _with(request: Request, **fields: str) -> Request:
    """A copy of a request with other fields."""
    copy: Any = type(request)()
    copy.CopyFrom(request)
    for name, value in fields.items():
        setattr(copy, name, value)
    result: Request = copy
    return result


class _Calls(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Gives each call its key, idempotency key and deadline, and repeats it."""

    def __init__(self, metadata: tuple[tuple[str, str | bytes], ...], timeout: float) -> None:
        self.metadata, self.timeout = metadata, timeout

    def intercept_unary_unary(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        details = Details.of(client_call_details, self.metadata).keyed()
        end = time.monotonic() + (self.timeout if details.timeout is None else details.timeout)
        attempt = 0
        while True:
            attempt += 1
            call = continuation(details._replace(timeout=end - time.monotonic()), request)
            if call.exception() is None:
                return call
            error = Error(call)
            pause = error.pause(attempt)
            if not error.may_repeat() or attempt == _calls.ATTEMPTS or time.monotonic() + pause >= end:
                raise error
            time.sleep(pause)

    def intercept_unary_stream(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        return continuation(Details.of(client_call_details, self.metadata), request)
