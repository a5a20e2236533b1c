"""The client for threads, and that for asyncio: the same calls, waited for in two ways."""

from __future__ import annotations

import asyncio
import copy
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

import grpc
import grpc.aio

from smsmux._calls import KEEPALIVE, Attempts, Calls, Watching, settings
from smsmux.v1.services import AsyncServices, Services

Request = TypeVar("Request")
Response = TypeVar("Response")


class Client(Services):
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
        timeout: float = 30.0,
    ) -> None:
        target, credentials, key = settings(address, key, ca)
        if credentials:
            self._channel = grpc.secure_channel(target, credentials, KEEPALIVE)
        else:
            self._channel = grpc.insecure_channel(target, KEEPALIVE)
        super().__init__(grpc.intercept_channel(self._channel, _Calls(key, timeout)))

    def close(self) -> None:
        """Ends the connection and all calls."""
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def pages(self, method: grpc.UnaryUnaryMultiCallable[Request, Response], request: Request) -> Iterator[Response]:
        """The pages of a list, one call for each: `client.pages(client.messages.ListMessages, request)`."""
        next_request: Any = copy.deepcopy(request)
        while True:
            page: Any = method(next_request)
            yield page
            if not page.next_page_token:
                return
            next_request.page_token = page.next_page_token

    def watch(self, method: grpc.UnaryStreamMultiCallable[Request, Response], request: Request) -> Iterator[Response]:
        """The answers of a stream, which comes back by its last `resume_token` when the server restarts or the connection is lost:
        `client.watch(client.events.WatchEvents, request)`. Store the token of the last answer that you have processed."""
        watching = Watching(request)
        while True:
            stream = method(watching.request)
            try:
                for answer in stream:
                    watching.reach(answer)
                    yield answer
                return
            except grpc.RpcError as e:
                pause = watching.pause(e)
            finally:
                stream.cancel()
            time.sleep(pause)


class AsyncClient(AsyncServices):
    """A connection to smsmux for asyncio, with all its services: the rules are those of `Client`."""

    def __init__(
        self,
        address: str | None = None,
        key: str | None = None,
        ca: str | os.PathLike[str] | None = None,
        timeout: float = 30.0,
    ) -> None:
        target, credentials, key = settings(address, key, ca)
        interceptors = (_AsyncUnary(key, timeout), _AsyncStream(key, timeout))
        if credentials:
            self._channel = grpc.aio.secure_channel(target, credentials, KEEPALIVE, interceptors=interceptors)
        else:
            self._channel = grpc.aio.insecure_channel(target, KEEPALIVE, interceptors=interceptors)
        super().__init__(self._channel)

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
        watching = Watching(request)
        while True:
            stream = method(watching.request)
            try:
                async for answer in stream:
                    watching.reach(answer)
                    yield answer
                return
            except grpc.RpcError as e:
                pause = watching.pause(e)
            finally:
                stream.cancel()
            await asyncio.sleep(pause)


class _Calls(Calls, grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    def intercept_unary_unary(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        attempts = Attempts(self, client_call_details)
        while True:
            call = continuation(attempts.next(), request)
            failed = call.exception()
            if failed is None:
                return call
            time.sleep(attempts.pause(failed))

    def intercept_unary_stream(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        return continuation(self.with_key(client_call_details), request)


class _AsyncUnary(Calls, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        attempts = Attempts(self, client_call_details)
        while True:
            call = await continuation(attempts.next(), request)
            try:
                await call
                return call
            except grpc.aio.AioRpcError as e:
                pause = attempts.pause(e)
            await asyncio.sleep(pause)


class _AsyncStream(Calls, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        return await continuation(self.with_key(client_call_details), request)
