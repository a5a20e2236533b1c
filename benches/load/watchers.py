"""Opens streams of received messages and keeps them open until its input ends. Runs with the packages of the Python
baseline, apart from the measuring, which is to need none."""

import argparse
import asyncio
import sys

import grpc

import stubs  # noqa: F401, before what is from smsmux
from smsmux.v1 import inbox_service_pb2 as pb
from smsmux.v1 import inbox_service_pb2_grpc as pb_grpc

ON_ONE_CONNECTION = 100


async def watch(target: str, key: str, account: str, streams: int) -> None:
    metadata = (("authorization", f"Bearer {key}"),)
    calls = []
    for first in range(0, streams, ON_ONE_CONNECTION):
        # Without a pool of its own a channel would share its connection with the others.
        channel = grpc.aio.insecure_channel(target, options=[("grpc.use_local_subchannel_pool", 1)])
        stub = pb_grpc.InboxServiceStub(channel)
        for _ in range(min(ON_ONE_CONNECTION, streams - first)):
            calls.append(stub.WatchReceivedMessages(pb.WatchReceivedMessagesRequest(parent=account), metadata=metadata))
    for call in calls:
        await call.initial_metadata()
    print("open", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    lost = [call for call in calls if call.done()]
    print(f"lost {len(lost)}: {await lost[0].details()}" if lost else "all open", flush=True)
    for call in calls:
        call.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", required=True, metavar="ADDRESS")
    parser.add_argument("--key", required=True)
    parser.add_argument("--account", required=True, metavar="NAME")
    parser.add_argument("--streams", required=True, type=int, metavar="N")
    options = parser.parse_args()
    asyncio.run(watch(options.target, options.key, options.account, options.streams))
