"""The client for asyncio. That for threads, `_client.py`, is made from it: the same calls, waited for in another way."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import grpc.aio

from smsmux._calls import Attempts, Calls, StrPath, connect
from smsmux.v1.services import AsyncServices

Request = TypeVar("Request")
Response = TypeVar("Response")


class AsyncClient(AsyncServices, AbstractAsyncContextManager["AsyncClient"]):
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
        self, address: str | None = None, key: str | None = None, ca: StrPath | None = None, timeout: float = 30.0
    ) -> None:
        self._channel = connect(grpc.aio, (_Unary, _Stream), address, key, ca, timeout)
        super().__init__(self._channel)

    async def close(self) -> None:
        """Ends the connection and all calls."""
        await self._channel.close()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def pages(
        self, method: grpc.aio.UnaryUnaryMultiCallable[Request, Response], request: Request
    ) -> AsyncIterator[Response]:
        """The pages of a list, one call for each: `client.pages(client.messages.ListMessages, request)`."""
        next_request: Any = copy.deepcopy(request)
        while True:
            page: Any = await method(next_request)
            yield page
            if not page.next_page_token:
                return
            next_request.page_token = page.next_page_token

    async def watch(
        self, method: grpc.aio.UnaryStreamMultiCallable[Request, Response], request: Request
    ) -> AsyncIterator[Response]:
        """The answers of a stream, which comes back by its last `resume_token` when the server restarts or the connection is lost:
        `client.watch(client.events.WatchEvents, request)`. Store the token of the last answer that you have processed."""
        next_request: Any = copy.deepcopy(request)
        attempts = Attempts()
        while True:
            stream: Any = method(next_request)
            try:
                async for answer in stream:
                    attempts = Attempts()
                    next_request.resume_token = answer.resume_token
                    yield answer
                return
            except grpc.RpcError as failed:
                pause = attempts.pause(failed)
            finally:
                stream.cancel()
            await asyncio.sleep(pause)


class _Unary(Calls, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        details, attempts = self.begin(client_call_details)
        while True:
            call = await continuation(details._replace(timeout=attempts.time_left()), request)
            try:
                await call
                return call
            except grpc.RpcError as failed:
                pause = attempts.pause(failed)
            await asyncio.sleep(pause)


class _Stream(Calls, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        return await continuation(self.with_metadata(client_call_details), request)
