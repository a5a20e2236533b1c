"""Sends through all replicas by grpcio, with the settings of docs/operations.md: see run.py."""

import asyncio
import json
import sys
import time

import grpc

from smsmux.v1 import message_service_pb2 as pb
from smsmux.v1 import message_service_pb2_grpc as services

RETRY = {
    "maxAttempts": 4,
    "initialBackoff": "0.2s",
    "maxBackoff": "2s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE", "ABORTED"],
}
OPTIONS = [
    ("grpc.lb_policy_name", "round_robin"),
    ("grpc.service_config", json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": RETRY}]})),
]

# What the program repeats, with the same key: the outcome is not known yet.
REPEATED = (grpc.StatusCode.UNKNOWN, grpc.StatusCode.DEADLINE_EXCEEDED)
LONGEST = 200  # seconds for a call with all that
IN_FLIGHT = 200  # calls at most: a machine that is too slow for the rate makes fewer


async def main(address, rate, prefix):
    seen = {"calls": 0, "repeated": 0, "failed": [], "slowest": 0.0}
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end():
        loop.remove_reader(sys.stdin)
        ended.set()

    loop.add_reader(sys.stdin, end)
    async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
        stub, begun, calls = services.MessageServiceStub(channel), time.monotonic(), set()
        while not ended.is_set():
            due = int((time.monotonic() - begun) * rate)
            while seen["calls"] < due and len(calls) < IN_FLIGHT:
                call = asyncio.create_task(send(stub, f"{prefix}-{seen['calls']}", seen))
                seen["calls"] += 1
                calls.add(call)
                call.add_done_callback(calls.discard)
            await asyncio.sleep(0.01)
        await asyncio.gather(*calls)
    print(json.dumps(seen))


async def send(stub, text, seen):
    request = pb.SendMessageRequest(parent="accounts/smsend", recipients=["+393471234567"], text=text)
    begun = time.monotonic()
    while True:
        try:
            await stub.SendMessage(request, timeout=30, metadata=[("idempotency-key", text)])
            break
        except grpc.aio.AioRpcError as error:
            if error.code() not in REPEATED or time.monotonic() - begun > LONGEST:
                seen["failed"].append(f"{text}: {error.code().name} {error.details()}")
                break
            seen["repeated"] += 1
            await asyncio.sleep(2)
    seen["slowest"] = max(seen["slowest"], time.monotonic() - begun)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
