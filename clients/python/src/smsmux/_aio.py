"""The client for asyncio."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import grpc
import grpc.aio

from smsmux import _calls
from smsmux._calls import Details, Error
from smsmux._client import _with
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


class AsyncClient:
    """A connection to smsmux for asyncio, with all its services: the rules are those of `Client`."""

    def __init__(
        self,
        address: str | None = None,
        key: str | None = None,
        ca: str | os.PathLike[str] | None = None,
        timeout: float = _calls.TIMEOUT,
    ) -> None:
        target, credentials, metadata = _calls.settings(address, key, ca)
        interceptors = (_Unary(metadata, timeout), _Stream(metadata))
        if credentials:
            channel = grpc.aio.secure_channel(target, credentials, _calls.KEEPALIVE, interceptors=interceptors)
        else:
            channel = grpc.aio.insecure_channel(target, _calls.KEEPALIVE, interceptors=interceptors)
        self._channel = channel
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

    async def close(self) -> None:
        """Ends the connection and all calls."""
        await self._channel.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def pages(
        self, method: grpc.aio.UnaryUnaryMultiCallable[Request, Response], request: Request
    ) -> AsyncIterator[Response]:
        """The pages of a list, one call for each: `client.pages(client.messages.ListMessages, request)`."""
        page: Any = await method(request)
        yield page
        while page.next_page_token:
            page = await method(_with(request, page_token=page.next_page_token))
            yield page

    async def watch(
        self, method: grpc.aio.UnaryStreamMultiCallable[Request, Response], request: Request
    ) -> AsyncIterator[Response]:
        """The answers of a stream, which comes back by its last `resume_token` when the server restarts or the connection is lost:
        `client.watch(client.events.WatchEvents, request)`. Store the token of the last answer that you have processed."""
        attempt = 0
        while True:
            stream = method(request)
            try:
                async for answer in stream:
                    attempt = 0
                    request = _with(request, resume_token=answer.resume_token)  # type: ignore[attr-defined]
                    yield answer
            except grpc.RpcError as e:
                error = Error(e)
                if not error.may_repeat():
                    raise error from e
                attempt += 1
                await asyncio.sleep(error.pause(attempt))
            finally:
                stream.cancel()


class _Unary(grpc.aio.UnaryUnaryClientInterceptor):
    """Gives each call its key, idempotency key and deadline, and repeats it."""

    def __init__(self, metadata: tuple[tuple[str, str | bytes], ...], timeout: float) -> None:
        self.metadata, self.timeout = metadata, timeout

    async def intercept_unary_unary(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        details = Details.of(client_call_details, self.metadata).keyed()
        end = time.monotonic() + (self.timeout if details.timeout is None else details.timeout)
        attempt = 0
        while True:
            attempt += 1
            attempted = details._replace(
                timeout=end - time.monotonic(), metadata=grpc.aio.Metadata(*details.metadata)
            )
            call = await continuation(attempted, request)
            try:
                await call
                return call
            except grpc.aio.AioRpcError as e:
                error = Error(e)
                pause = error.pause(attempt)
                if not error.may_repeat() or attempt == _calls.ATTEMPTS or time.monotonic() + pause >= end:
                    raise error from e
            await asyncio.sleep(pause)


class _Stream(grpc.aio.UnaryStreamClientInterceptor):
    """Gives each stream its key."""

    def __init__(self, metadata: tuple[tuple[str, str | bytes], ...]) -> None:
        self.metadata = metadata

    async def intercept_unary_stream(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        details = Details.of(client_call_details, self.metadata)
        return await continuation(details._replace(metadata=grpc.aio.Metadata(*details.metadata)), request)
