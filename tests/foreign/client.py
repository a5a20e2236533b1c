"""A gRPC client in Python that uses smsmux as its users do.

    python client.py ADDR GENERATED_DIR

ADDR is the host:port of a server with an account `accounts/smsend`, GENERATED_DIR holds the Python code that
grpc_tools.protoc made of proto/. Prints `ok STEP` for each step; at the first failure it says what was wrong and
exits 1.
"""

import asyncio
import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

TIMEOUT = 300  # seconds, for each call
PARENT = "accounts/smsend"
NUMBER = "+393471234567"
TEXT = "Ciao da Python, perché no?"
SERVICE = "smsmux.v1.MessageService"


class Failure(Exception):
    """An expectation that does not hold."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


def refused(call, request, code):
    """Makes a call that must fail with the code, and returns the details of the status by their message name."""
    try:
        answer = call(request, timeout=TIMEOUT)
    except grpc.RpcError as error:
        expect(error.code() == code, f"expected {code.name}, got {error.code().name}: {error.details()}")
        status = rpc_status.from_call(error)
        expect(status is not None, f"{code.name} came without grpc-status-details-bin")
        return {detail.TypeName(): detail for detail in status.details}
    raise Failure(f"expected {code.name}, got an answer: {answer}")


def unpacked(details, message):
    """The detail of the message's type."""
    name = message.DESCRIPTOR.full_name
    expect(name in details, f"no {name} among the details {sorted(details)}")
    expect(details[name].Unpack(message), f"{name} does not unpack")
    return message


def expect_error_info(details, reason):
    info = unpacked(details, error_details_pb2.ErrorInfo())
    expect(info.domain == "smsmux", f"ErrorInfo.domain is {info.domain!r}")
    expect(info.reason == reason, f"ErrorInfo.reason is {info.reason!r}, not {reason!r}")


def expect_message(message, name):
    """Checks what GetMessage gave."""
    from smsmux.v1 import message_service_pb2 as pb

    expect(message.name == name, f"asked for {name}, got {message.name!r}")
    expect(len(message.recipients) == 1, f"expected one recipient, got {message.recipients}")
    recipient = message.recipients[0]
    expect(recipient.to == NUMBER, f"the recipient is {recipient.to!r}")
    expect(recipient.state != pb.DELIVERY_STATE_UNSPECIFIED, f"the recipient's state is not known: {recipient}")


def health(channel):
    check = health_pb2_grpc.HealthStub(channel).Check
    for service in ["", "liveness", "readiness", SERVICE]:
        answer = check(health_pb2.HealthCheckRequest(service=service), timeout=TIMEOUT)
        state = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
        expect(state == "SERVING", f"{service!r} is {state}")
    try:
        check(health_pb2.HealthCheckRequest(service="no.such.Service"), timeout=TIMEOUT)
    except grpc.RpcError as error:
        expect(error.code() == grpc.StatusCode.NOT_FOUND, f"an unknown service is {error.code().name}")
    else:
        raise Failure("an unknown service has a health")


def reflection(channel):
    database = ProtoReflectionDescriptorDatabase(channel)
    services = list(database.get_services())
    expect(SERVICE in services, f"{SERVICE} is not among the services {services}")
    pool = DescriptorPool(database)
    methods = [method.name for method in pool.FindServiceByName(SERVICE).methods]
    expect("SendMessage" in methods, f"{SERVICE} has no SendMessage but {methods}")
    # Tools like grpcurl need it to print the details of an error.
    fields = [field.name for field in pool.FindMessageTypeByName("google.rpc.ErrorInfo").fields]
    expect(fields == ["reason", "domain", "metadata"], f"google.rpc.ErrorInfo has the fields {fields}")


def send_message(stub):
    from smsmux.v1 import message_service_pb2 as pb

    request = pb.SendMessageRequest(parent=PARENT, recipients=[NUMBER], text=TEXT)
    answer = stub.SendMessage(request, timeout=TIMEOUT)
    name = answer.message.name
    expect(name.startswith(f"{PARENT}/messages/"), f"the message is called {name!r}")
    return name


def get_message(stub, name):
    from smsmux.v1 import message_service_pb2 as pb

    expect_message(stub.GetMessage(pb.GetMessageRequest(name=name), timeout=TIMEOUT).message, name)


def invalid_request(stub):
    from smsmux.v1 import message_service_pb2 as pb

    request = pb.SendMessageRequest(parent=PARENT, recipients=["12"], text="")
    details = refused(stub.SendMessage, request, grpc.StatusCode.INVALID_ARGUMENT)
    expect_error_info(details, "INVALID_REQUEST")
    violations = unpacked(details, error_details_pb2.BadRequest()).field_violations
    fields = [violation.field for violation in violations]
    expect({"recipients[0]", "text"} <= set(fields), f"the violations are of {fields}")
    expect(all(violation.description for violation in violations), f"a violation says nothing: {violations}")


def unknown_account(stub):
    from smsmux.v1 import message_service_pb2 as pb

    request = pb.GetMessageRequest(name="accounts/no-such-account/messages/1")
    expect_error_info(refused(stub.GetMessage, request, grpc.StatusCode.NOT_FOUND), "ACCOUNT_NOT_FOUND")


async def get_message_async(address, name):
    from smsmux.v1 import message_service_pb2 as pb
    from smsmux.v1 import message_service_pb2_grpc as pb_grpc

    async with grpc.aio.insecure_channel(address) as channel:
        stub = pb_grpc.MessageServiceStub(channel)
        answer = await stub.GetMessage(pb.GetMessageRequest(name=name), timeout=TIMEOUT)
        expect_message(answer.message, name)


def step(name, function, *arguments):
    """Runs a step and returns what it gives; ends the program when it fails."""
    try:
        result = function(*arguments)
    except grpc.RpcError as error:
        sys.exit(f"FAILED {name}: {error.code().name}: {error.details()}")
    except Exception as error:
        sys.exit(f"FAILED {name}: {error if isinstance(error, Failure) else repr(error)}")
    print(f"ok {name}", flush=True)
    return result


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: client.py ADDR GENERATED_DIR")
    address, generated = sys.argv[1:]
    sys.path.insert(0, generated)
    from smsmux.v1 import message_service_pb2_grpc as pb_grpc

    with grpc.insecure_channel(address) as channel:
        stub = pb_grpc.MessageServiceStub(channel)
        step("connect", lambda: grpc.channel_ready_future(channel).result(timeout=TIMEOUT))
        step("health", health, channel)
        step("reflection", reflection, channel)
        name = step("send", send_message, stub)
        step("get", get_message, stub, name)
        step("invalid request", invalid_request, stub)
        step("unknown account", unknown_account, stub)
        step("get async", lambda: asyncio.run(get_message_async(address, name)))


if __name__ == "__main__":
    main()
