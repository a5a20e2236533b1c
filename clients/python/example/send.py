"""Sends a message and waits until it is delivered.

    python send.py                                      at `smsmux serve --sandbox`
    SMSMUX_ADDRESS=... SMSMUX_KEY=... python send.py    elsewhere
"""

import os
import sys
import time

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from smsmux.v1 import message_service_pb2 as pb
from smsmux.v1 import message_service_pb2_grpc as services

TIMEOUT = 10  # seconds, for each call: without one a call waits for ever

# None of these changes any more.
FINAL = {
    pb.DELIVERY_STATE_DELIVERED,
    pb.DELIVERY_STATE_UNDELIVERABLE,
    pb.DELIVERY_STATE_EXPIRED,
    pb.DELIVERY_STATE_REJECTED,
    pb.DELIVERY_STATE_CANCELLED,
}


def main() -> None:
    address = os.environ.get("SMSMUX_ADDRESS", "127.0.0.1:50051")
    key = os.environ.get("SMSMUX_KEY")
    metadata = (("authorization", f"Bearer {key}"),) if key else ()

    # A channel is made once and shared by all calls and threads. For TLS: grpc.secure_channel.
    with grpc.insecure_channel(address) as channel:
        messages = services.MessageServiceStub(channel)
        sent = messages.SendMessage(
            pb.SendMessageRequest(parent="accounts/smsend", recipients=["+393471234567"], text="Ciao!"),
            timeout=TIMEOUT,
            metadata=metadata,
        )
        name = sent.message.name
        print("sent", name)
        for _ in range(10):
            answer = messages.GetMessage(pb.GetMessageRequest(name=name), timeout=TIMEOUT, metadata=metadata)
            recipient = answer.message.recipients[0]
            print(recipient.to, pb.DeliveryState.Name(recipient.state), recipient.vendor_code)
            if recipient.state in FINAL:
                break
            time.sleep(0.2)


def reason(error: grpc.RpcError) -> str:
    """smsmux's word for what went wrong, for programs: a value of `ErrorReason` without its prefix."""
    # What a call raises is the call, too.
    if isinstance(error, grpc.Call) and (status := rpc_status.from_call(error)):
        info = error_details_pb2.ErrorInfo()
        if any(detail.Unpack(info) for detail in status.details):
            return info.reason
    return "no reason given"


if __name__ == "__main__":
    try:
        main()
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name} ({reason(error)}): {error.details()}")
