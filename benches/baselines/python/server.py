"""Does the one job that smsmux is measured by, with grpcio and aiohttp: takes SendMessage, passes the send on to a
vendor, and maps the answer back."""

import argparse
import asyncio
import signal
import sys
import uuid
from pathlib import Path

import aiohttp
import grpc
import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "load"))

import stubs  # noqa: E402, F401, before what is from smsmux
from smsmux.v1 import message_service_pb2 as pb  # noqa: E402
from smsmux.v1 import message_service_pb2_grpc as pb_grpc  # noqa: E402

# As many calls may wait their turn. By default gRPC refuses some from 1,000 on and all from 3,000 on.
MAX_PENDING = 20_000
HEADERS = {"user_key": "UK", "session_key": "SK"}


class MessageService(pb_grpc.MessageServiceServicer):
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def SendMessage(
        self, request: pb.SendMessageRequest, context: grpc.aio.ServicerContext
    ) -> pb.SendMessageResponse:
        send = {
            "message_type": "N",
            "message": request.text,
            "recipient": list(request.recipients),
            "sender": request.sender,
            "order_id": request.message_id or uuid.uuid4().hex,
        }
        try:
            async with self._session.post(self._url, json=send, headers=HEADERS, raise_for_status=True) as response:
                # Whatever it says that it is, as in the other baselines.
                answer = await response.json(content_type=None)
        except aiohttp.ClientError as error:
            await context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        return pb.SendMessageResponse(
            message=pb.Message(
                name=f"{request.parent}/messages/{answer['order_id']}",
                recipients=[pb.Recipient(to=to, state=pb.DELIVERY_STATE_QUEUED) for to in request.recipients],
                sender=request.sender,
                sent_count=answer["total_sent"],
            )
        )


async def serve(listen: str, vendor: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    # Without the limits of 100 connections and 5 minutes: how many sends there are and how long they last is the
    # callers' matter. When a call ends early its handler is cancelled, and the request with it.
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(),
    ) as session:
        server = grpc.aio.server(
            options=[
                ("grpc.server.max_pending_requests", MAX_PENDING),
                ("grpc.server.max_pending_requests_hard_limit", MAX_PENDING),
                # By default servers may share a port: a second one would take half of the first one's calls.
                ("grpc.so_reuseport", 0),
            ]
        )
        pb_grpc.add_MessageServiceServicer_to_server(MessageService(session, f"{vendor}/sms"), server)
        server.add_insecure_port(listen)
        await server.start()
        await stop.wait()
        await server.stop(None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", required=True, metavar="ADDRESS", help="for example 127.0.0.1:50051")
    parser.add_argument("--vendor", required=True, metavar="URL", help="for example http://127.0.0.1:8080")
    options = parser.parse_args()
    uvloop.run(serve(options.listen, options.vendor))
