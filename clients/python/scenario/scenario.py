"""The scenario of clients/scenario/README.md, in Python.

Prints `ok STEP` for each step that holds; the first one that does not ends it with a traceback.
"""

import asyncio
import os
import pathlib
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TypeVar

import client
import grpc
from google.protobuf import json_format, symbol_database
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from smsmux.v1 import (
    account_service_pb2,
    account_service_pb2_grpc,
    # The golden vectors are of messages of every service: importing a module is what makes its messages known.
    alias_service_pb2,  # noqa: F401
    auth_service_pb2,  # noqa: F401
    campaign_service_pb2,  # noqa: F401
    common_pb2,  # noqa: F401
    consent_service_pb2,  # noqa: F401
    contact_service_pb2,
    contact_service_pb2_grpc,
    event_service_pb2,  # noqa: F401
    group_service_pb2,
    group_service_pb2_grpc,
    inbox_service_pb2,
    inbox_service_pb2_grpc,
    message_service_pb2,
    message_service_pb2_grpc,
    number_service_pb2,  # noqa: F401
    server_service_pb2,  # noqa: F401
    stop_list_service_pb2,  # noqa: F401
    subaccount_service_pb2,  # noqa: F401
)

ADDRESS = os.environ["SMSMUX_ADDRESS"]
TESTDATA = pathlib.Path(os.environ["SMSMUX_TESTDATA"])
METADATA = (("authorization", f"Bearer {os.environ['SMSMUX_KEY']}"),)

TIMEOUT = 20  # seconds, for each call
SMSEND = "accounts/smsend"
TO = "+393471234567"

M = TypeVar("M", bound=Message)


@contextmanager
def step(name: str) -> Iterator[None]:
    yield
    print("ok", name, flush=True)


def refusal(error: grpc.RpcError, code: grpc.StatusCode) -> status_pb2.Status:
    """The status with its details of a call that was to fail with the code."""
    # What a call raises is the call, too.
    assert isinstance(error, grpc.Call) and error.code() == code, error
    status: status_pb2.Status | None = rpc_status.from_call(error)
    assert status is not None, error
    return status


def detail(status: status_pb2.Status, kind: type[M]) -> M:
    """The one detail of that type."""
    message = kind()
    assert sum(any_.Unpack(message) for any_ in status.details) == 1, status
    return message


class Scenario:
    def __init__(self, channel: grpc.Channel) -> None:
        self.accounts = account_service_pb2_grpc.AccountServiceStub(channel)
        self.contacts = contact_service_pb2_grpc.ContactServiceStub(channel)
        self.groups = group_service_pb2_grpc.GroupServiceStub(channel)
        self.inbox = inbox_service_pb2_grpc.InboxServiceStub(channel)
        self.messages = message_service_pb2_grpc.MessageServiceStub(channel)

    def run(self) -> None:
        with step("accounts"):
            self.list_accounts()
        with step("send"):
            sent = self.send()
        with step("status"):
            asyncio.run(self.wait_for_delivery(sent))
        with step("pages"):
            self.list_pages({sent, self.send()})
        with step("group"):
            self.create_and_delete_group()
        with step("watch"):
            self.watch()
        with step("bad-number"):
            self.refuse_bad_number()
        with step("deadline"):
            self.run_out_of_time()
        with step("no-key"):
            self.refuse_no_key()
        with step("unicode"):
            self.keep_unicode()
        with step("int64"):
            self.tell_credits()
        with step("optional"):
            self.tell_absent_from_present()
        with step("golden"):
            self.read_golden_vectors()

    def list_accounts(self) -> None:
        answer = self.accounts.ListAccounts(
            account_service_pb2.ListAccountsRequest(), timeout=TIMEOUT, metadata=METADATA
        )
        by_name = {account.name: account for account in answer.accounts}
        assert "smsmux.v1.MessageService/SendMessage" in by_name[SMSEND].methods

    def send(self) -> str:
        """Sends a message with an id of its own, and returns its name."""
        message_id = f"python-{time.time_ns()}"
        answer = self.messages.SendMessage(
            message_service_pb2.SendMessageRequest(
                parent=SMSEND, recipients=[TO], text="Ciao!", message_id=message_id
            ),
            timeout=TIMEOUT,
            metadata=METADATA,
        )
        message = answer.message
        assert message.name == f"{SMSEND}/messages/{message_id}", message
        [recipient] = message.recipients
        assert recipient.to == TO, message
        assert recipient.state == message_service_pb2.DELIVERY_STATE_QUEUED, message
        return message.name

    async def wait_for_delivery(self, name: str) -> None:
        """The one step with asyncio: the same stub on another channel."""
        async with grpc.aio.insecure_channel(ADDRESS) as channel:
            messages = message_service_pb2_grpc.MessageServiceStub(channel)
            for _ in range(10):
                answer = await messages.GetMessage(
                    message_service_pb2.GetMessageRequest(name=name), timeout=TIMEOUT, metadata=METADATA
                )
                [recipient] = answer.message.recipients
                if recipient.state == message_service_pb2.DELIVERY_STATE_DELIVERED:
                    assert recipient.vendor_code == "DLVRD", answer
                    return
        raise AssertionError(answer)

    def list_pages(self, sent: set[str]) -> None:
        names: list[str] = []
        request = message_service_pb2.ListVendorMessagesRequest(parent=SMSEND, page_size=1)
        while True:
            answer = self.messages.ListVendorMessages(request, timeout=TIMEOUT, metadata=METADATA)
            assert len(answer.messages) <= 1, answer
            names += [message.name for message in answer.messages]
            if not answer.next_page_token:
                break
            request.page_token = answer.next_page_token
        assert len(names) == len(set(names)), names
        assert sent <= set(names), names

    def create_and_delete_group(self) -> None:
        created = self.groups.CreateGroup(
            group_service_pb2.CreateGroupRequest(
                parent=SMSEND, group=group_service_pb2.Group(display_name="Python", description="d")
            ),
            timeout=TIMEOUT,
            metadata=METADATA,
        )
        assert created.group.display_name == "Python", created
        self.groups.DeleteGroup(
            group_service_pb2.DeleteGroupRequest(name=created.group.name), timeout=TIMEOUT, metadata=METADATA
        )

    def watch(self) -> None:
        start_time = Timestamp()
        start_time.FromJsonString("2016-05-03T00:00:00Z")
        stream = self.inbox.WatchReceivedMessages(
            inbox_service_pb2.WatchReceivedMessagesRequest(parent=SMSEND, start_time=start_time),
            timeout=TIMEOUT,
            metadata=METADATA,
        )
        for _ in range(2):
            answer = next(stream)
            assert answer.message.name and answer.message.to, answer
            assert answer.resume_token, answer
        stream.cancel()

    def refuse_bad_number(self) -> None:
        request = message_service_pb2.SendMessageRequest(parent=SMSEND, recipients=["12"], text="Ciao!")
        try:
            answer = self.messages.SendMessage(request, timeout=TIMEOUT, metadata=METADATA)
        except grpc.RpcError as error:
            status = refusal(error, grpc.StatusCode.INVALID_ARGUMENT)
        else:
            raise AssertionError(answer)
        info = detail(status, error_details_pb2.ErrorInfo)
        assert (info.reason, info.domain) == ("INVALID_REQUEST", "smsmux"), info
        assert info.metadata["outcome"] == "NOT_SENT", info
        [violation] = detail(status, error_details_pb2.BadRequest).field_violations
        assert violation.field == "recipients[0]", violation

    def run_out_of_time(self) -> None:
        request = message_service_pb2.GetMessageRequest(name="accounts/slow/messages/x")
        try:
            answer = self.messages.GetMessage(request, timeout=0.3, metadata=METADATA)
        except grpc.RpcError as error:
            # No details are asked for: whether it was the server or this side that noticed first is a matter of luck.
            assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
        else:
            raise AssertionError(answer)

    def refuse_no_key(self) -> None:
        try:
            answer = self.accounts.ListAccounts(account_service_pb2.ListAccountsRequest(), timeout=TIMEOUT)
        except grpc.RpcError as error:
            status = refusal(error, grpc.StatusCode.UNAUTHENTICATED)
        else:
            raise AssertionError(answer)
        info = detail(status, error_details_pb2.ErrorInfo)
        assert info.reason == "CALLER_NOT_AUTHENTICATED", info

    def keep_unicode(self) -> None:
        text = "Perché Ж 😀"
        sent = self.messages.SendMessage(
            message_service_pb2.SendMessageRequest(
                parent="accounts/lox24", recipients=["+4915123456789"], sender="smsmux", text=text
            ),
            timeout=TIMEOUT,
            metadata=METADATA,
        )
        name = f"accounts/lox24/messages/{sent.message.recipients[0].vendor_message_id}"
        kept = self.messages.GetMessage(
            message_service_pb2.GetMessageRequest(name=name), timeout=TIMEOUT, metadata=METADATA
        )
        assert kept.message.text == text, kept
        analysis = self.messages.AnalyzeMessage(
            message_service_pb2.AnalyzeMessageRequest(
                message=message_service_pb2.SendMessageRequest(
                    parent="accounts/lox24", recipients=["+4915123456789"], sender="smsmux", text=text
                )
            ),
            timeout=TIMEOUT,
            metadata=METADATA,
        )
        assert analysis.ucs_2_characters == ["Ж", "😀"], analysis

    def tell_credits(self) -> None:
        request = message_service_pb2.SendMessageRequest(
            parent=SMSEND,
            recipients=[TO],
            text="Ciao!",
            smsend=message_service_pb2.SmSendOptions(return_remaining=True),
        )
        message = self.messages.SendMessage(request, timeout=TIMEOUT, metadata=METADATA).message
        assert message.HasField("credits_remaining") and message.credits_remaining > 0, message
        request.ClearField("smsend")
        message = self.messages.SendMessage(request, timeout=TIMEOUT, metadata=METADATA).message
        assert not message.HasField("credits_remaining"), message

    def tell_absent_from_present(self) -> None:
        created = self.contacts.CreateContact(
            contact_service_pb2.CreateContactRequest(
                parent=SMSEND,
                contact=contact_service_pb2.Contact(email="python@example.com", given_name="Python"),
            ),
            timeout=TIMEOUT,
            metadata=METADATA,
        )
        contact = self.contacts.GetContact(
            contact_service_pb2.GetContactRequest(name=created.contact.name), timeout=TIMEOUT, metadata=METADATA
        ).contact
        assert contact.HasField("given_name") and contact.given_name == "Python", contact
        assert not contact.HasField("fax"), contact

    def read_golden_vectors(self) -> None:
        vectors = sorted(TESTDATA.glob("*.binpb"))
        assert vectors, f"there are none in {TESTDATA}"
        for vector in vectors:
            binary = vector.read_bytes()
            kind: type[Message] = symbol_database.Default().GetSymbol(f"smsmux.v1.{vector.stem}")
            assert kind.FromString(binary).SerializeToString(deterministic=True) == binary, vector
            from_json = json_format.Parse(vector.with_suffix(".json").read_text("utf-8"), kind())
            assert from_json.SerializeToString(deterministic=True) == binary, vector


if __name__ == "__main__":
    print("version Python", platform.python_version() + ", grpcio", grpc.__version__ + ", protobuf", version("protobuf"))
    with grpc.insecure_channel(ADDRESS) as channel:
        Scenario(channel).run()
    for name, run in client.steps():
        with step(name):
            run()
