"""Pushes received SMS to the webhook of an account at a steady rate, as LOX24 does, and watches the events. Prints, as
JSON, the milliseconds from the beginning of each push until it was answered and until the watcher had its event. Runs with
the packages of the Python baseline, apart from the measuring, which is to need none."""

import argparse
import asyncio
import json
import time

import aiohttp
import grpc
import uvloop

import stubs  # noqa: F401, before what is from smsmux
from smsmux.v1 import event_service_pb2 as pb
from smsmux.v1 import event_service_pb2_grpc as pb_grpc

FIRST = 20
"""Pushes that are not counted: in them connections are made and code is loaded."""
PATIENCE = 60
RUN = f"{time.time_ns():x}"
"""Told from other runs: what was pushed before is no event again."""


def sms(number: int) -> bytes:
    """A received SMS as LOX24 pushes it; the number tells it from the others."""
    data = {"id": f"in-{RUN}-{number}", "to": "4915700000001", "from": "+4915123456789", "text": "Danke"}
    return json.dumps({"id": f"event-{RUN}-{number}", "name": "sms.incoming", "data": data}).encode()


class Watcher:
    """A stream of the account's events, and when each arrived."""

    def __init__(self, target: str, key: str, account: str) -> None:
        channel = grpc.aio.insecure_channel(target)
        request = pb.WatchEventsRequest(parent=f"accounts/{account}")
        metadata = (("authorization", f"Bearer {key}"),)
        self.call = pb_grpc.EventServiceStub(channel).WatchEvents(request, metadata=metadata)
        self.arrived: dict[int, float] = {}

    async def watch(self, until: int) -> None:
        """Waits for so many events, each once."""
        while len(self.arrived) < until:
            answer = await self.call.read()
            now = time.perf_counter()
            if answer.HasField("event"):
                number = int(answer.event.received_message.name.rpartition("-")[2])
                assert number not in self.arrived, f"{number} came twice"
                self.arrived[number] = now


async def run(options: argparse.Namespace) -> None:
    count = FIRST + options.count
    begun, answered = [0.0] * count, [0.0] * count
    watcher = Watcher(options.target, options.key, options.account)
    # Where the stream begins.
    await watcher.call.read()
    watching = asyncio.create_task(watcher.watch(count))
    async with aiohttp.ClientSession() as session:

        async def push(number: int) -> None:
            begun[number] = time.perf_counter()
            async with session.post(options.url, data=sms(number)) as answer:
                assert answer.status == 200, answer.status
            answered[number] = time.perf_counter()

        start, pushes = time.perf_counter(), []
        for number in range(count):
            # A push that is slow holds up none of the next ones.
            await asyncio.sleep(max(0, start + number / options.rate - time.perf_counter()))
            pushes.append(asyncio.create_task(push(number)))
        await asyncio.wait_for(asyncio.gather(*pushes, watching), PATIENCE)
    watcher.call.cancel()
    counted = range(FIRST, count)
    found = {
        "answered": [(answered[number] - begun[number]) * 1000 for number in counted],
        "arrived": [(watcher.arrived[number] - begun[number]) * 1000 for number in counted],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", required=True, metavar="ADDRESS")
    parser.add_argument("--key", required=True)
    parser.add_argument("--account", required=True, metavar="NAME")
    parser.add_argument("--url", required=True, help="of the webhook")
    parser.add_argument("--count", required=True, type=int, metavar="N")
    parser.add_argument("--rate", required=True, type=float, metavar="N", help="pushes a second")
    uvloop.run(run(parser.parse_args()))
