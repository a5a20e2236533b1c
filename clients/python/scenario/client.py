"""The steps of clients/scenario/README.md with the client."""

import asyncio
import json
import os
import time
import urllib.parse
import urllib.request
from collections.abc import Callable

from smsmux import (
    AsyncClient,
    Client,
    CreateEventSubscriptionRequest,
    DeleteEventSubscriptionRequest,
    Error,
    EventSubscription,
    ListMessagesRequest,
    SendMessageRequest,
    SetEventWebhookRequest,
    WatchEventsRequest,
    WatchEventsResponse,
)
from standardwebhooks import Webhook, WebhookVerificationError

PARENT = "accounts/harness"


def harness(command: str) -> tuple[str, dict[str, str]]:
    """The answer of the harness, with its headers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{os.environ['SMSMUX_HARNESS']}/{command}", timeout=300) as answer:
        return answer.read().decode(), dict(answer.headers)


def unique(kind: str) -> str:
    return f"{kind} python-{time.time_ns()}"


def send(text: str, to: str = "+4915123456789") -> SendMessageRequest:
    return SendMessageRequest(parent=PARENT, recipients=[to], sender="smsmux", text=text)


def times_sent(text: str) -> int:
    return int(harness("sent/" + urllib.parse.quote(text))[0])


def failure(call: Callable[[], object]) -> Error:
    try:
        answer = call()
    except Error as error:
        return error
    raise AssertionError(answer)


def steps() -> list[tuple[str, Callable[[], None]]]:
    address = "https://" + harness("server")[0]
    client = Client(address, ca=os.environ["SMSMUX_HARNESS_CA"])

    def rate_limited() -> None:
        text = unique("busy")
        client.messages.SendMessage(send(text))
        assert times_sent(text) == 2, times_sent(text)
        asyncio.run(rate_limited_async(address))

    def cut() -> None:
        text = unique("cut")
        with Client(harness("cut/" + os.environ["SMSMUX_ADDRESS"])[0]) as through:
            through.messages.SendMessage(send(text))
        assert times_sent(text) == 1, times_sent(text)

    def unknown() -> None:
        text = unique("unknown")
        error = failure(lambda: client.messages.SendMessage(send(text)))
        assert (error.reason, error.outcome) == ("OUTCOME_UNKNOWN", "UNKNOWN"), error
        assert error.resource.startswith(f"{PARENT}/messages/") and error.request_id, vars(error)
        assert times_sent(text) == 1, times_sent(text)

    def violations() -> None:
        error = failure(lambda: client.messages.SendMessage(send("Ciao!", to="12")))
        assert (error.reason, error.outcome) == ("INVALID_REQUEST", "NOT_SENT"), error
        assert [violation.field for violation in error.violations] == ["recipients[0]"], error

    def plain_text() -> None:
        try:
            Client("http://192.0.2.1:50051")
        except ValueError:
            return
        raise AssertionError("the key would be sent in plain text")

    def pager() -> None:
        client.messages.SendMessage(send(unique("pager")))
        pages = list(client.pages(client.messages.ListMessages, ListMessagesRequest(parent=PARENT, page_size=1)))
        names = [message.name for page in pages for message in page.messages]
        assert len(pages) >= 2 and len(names) == len(set(names)), names

    def restart() -> None:
        watch = client.watch(client.events.WatchEvents, WatchEventsRequest(parent=PARENT))
        place = sequence(next(watch))
        for again in (True, False):
            client.messages.SendMessage(send(unique("watch")))
            while True:
                answer = next(watch)
                assert answer.previous_sequence == place, answer
                place = sequence(answer)
                if answer.HasField("event"):
                    break
            if again:
                harness("restart")
        asyncio.run(restart_async(address))

    def webhook() -> None:
        name = f"python-{time.time_ns()}"
        subscription = EventSubscription()
        subscription.CopyFrom(
            client.events.CreateEventSubscription(
                CreateEventSubscriptionRequest(parent=PARENT, event_subscription_id=name)
            ).event_subscription
        )
        url = f"{os.environ['SMSMUX_HARNESS']}/hooks/{name}"
        secret = client.events.SetEventWebhook(SetEventWebhookRequest(name=subscription.name, url=url)).signing_secret
        client.messages.SendMessage(send(unique("webhook")))
        body, headers = harness(f"hooks/{name}")
        Webhook(secret).verify(body, headers)
        try:
            Webhook(secret).verify(body + " ", headers)
        except WebhookVerificationError:
            pass
        else:
            raise AssertionError("another body has the same signature")
        assert json.loads(body)["type"].startswith("smsmux.message."), body
        client.events.DeleteEventSubscription(DeleteEventSubscriptionRequest(name=subscription.name))

    return [
        ("rate-limited", rate_limited),
        ("cut", cut),
        ("unknown", unknown),
        ("violations", violations),
        ("plain-text", plain_text),
        ("pager", pager),
        ("restart", restart),
        ("webhook", webhook),
    ]


def sequence(answer: WatchEventsResponse) -> int:
    """The place of an answer in the log."""
    return answer.event.sequence if answer.HasField("event") else answer.progress.sequence


async def rate_limited_async(address: str) -> None:
    text = unique("busy")
    async with AsyncClient(address, ca=os.environ["SMSMUX_HARNESS_CA"]) as client:
        await client.messages.SendMessage(send(text))
        assert times_sent(text) == 2, times_sent(text)
        text = unique("unknown")
        try:
            raise AssertionError(await client.messages.SendMessage(send(text)))
        except Error as error:
            assert error.reason == "OUTCOME_UNKNOWN" and error.resource and error.request_id, vars(error)
        assert times_sent(text) == 1, times_sent(text)


async def restart_async(address: str) -> None:
    async with AsyncClient(address, ca=os.environ["SMSMUX_HARNESS_CA"]) as client:
        watch = client.watch(client.events.WatchEvents, WatchEventsRequest(parent=PARENT))
        place = sequence(await anext(watch))
        for again in (True, False):
            await client.messages.SendMessage(send(unique("watch")))
            async for answer in watch:
                assert answer.previous_sequence == place, answer
                place = sequence(answer)
                if answer.HasField("event"):
                    break
            if again:
                await asyncio.to_thread(harness, "restart")
        pages = client.pages(client.messages.ListMessages, ListMessagesRequest(parent=PARENT, page_size=1))
        assert len([page async for page in pages]) >= 2
