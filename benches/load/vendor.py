"""What the vendor's stub says has happened to it."""

from __future__ import annotations

import dataclasses
import json
import ssl
import urllib.request

from programs import Program


@dataclasses.dataclass
class Counts:
    """Since the last `forget`."""

    connections: int
    """Those that have brought a send, or speak SMPP."""
    sends: int
    abandoned: int
    """Sends whose stream was reset, or whose connection was closed, before they were answered."""
    lookups: int
    first: int
    last: int
    """When the first and the last send arrived: microseconds since 1970."""
    waited: list[int]
    """Microseconds from when a message was stamped to its arrival, of those that bear a stamp."""


def ask(vendor: Program, method: str) -> bytes:
    trust = ssl.create_default_context(cafile=vendor.certificate) if vendor.certificate else None
    request = urllib.request.Request(f"{vendor.url}/counts", method=method)
    with urllib.request.urlopen(request, timeout=60, context=trust) as answer:
        found: bytes = answer.read()
        return found


def counts(vendor: Program) -> Counts:
    return Counts(**json.loads(ask(vendor, "GET")))


def forget(vendor: Program) -> None:
    ask(vendor, "DELETE")
