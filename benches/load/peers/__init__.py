"""`peers`: smsmux beside the gateways that a user could take instead, on the same work: one SMS from a client to a vendor."""

from __future__ import annotations

import dataclasses
import functools
import statistics
import time
from collections.abc import Callable

import h2load
import vendor as vendors
from compare import spread
from options import Options
from peers import envoy, jasmin, kannel, smsmux
from peers.peer import Peer
from programs import Failed, Programs
from say import Progress, figure, note, table
from say import spread as text

IN_FLIGHT = 64
ROUNDS = 5
SLOW = "50ms"
PATIENCE = 30
"""Seconds without a further message at the vendor, after which those that are missing are lost."""
HEAD = (
    "gateway",
    "accepted/s",
    "answered p50 / p99 ms",
    "handed to the vendor/s",
    "request to arrival p50 / p99 ms",
    "CPU µs a message",
    "MiB idle",
    "MiB after",
    "smsmux hands over … times as many",
    "with … of the CPU",
)

Start = Callable[[Programs, Options, str], Peer]


@dataclasses.dataclass
class Contender:
    """A gateway in one setting."""

    name: str
    peer: str
    """What installs it."""
    start: Start
    calls: int
    """Of a round at a vendor that answers at once."""
    slow_calls: int
    """Of a round at one that takes 50 ms; 0: none."""


CONTENDERS = (
    Contender("smsmux", "smsmux", smsmux.start, 20_000, 2_500),
    Contender("Envoy", "envoy", envoy.start, 10_000, 2_500),
    Contender("Kannel, no store", "kannel", kannel.start, 5_000, 2_500),
    Contender("Kannel, file store", "kannel", functools.partial(kannel.start, store="file"), 5_000, 0),
    Contender("Kannel, spool store", "kannel", functools.partial(kannel.start, store="spool"), 2_500, 0),
    Contender("Kannel, no store, 10 pending", "kannel", functools.partial(kannel.start, pending=10), 5_000, 600),
    Contender("Jasmin", "jasmin", jasmin.start, 600, 60),
)


@dataclasses.dataclass
class Sample:
    """One round."""

    accepted: float
    p50: float
    p99: float
    handed: float
    """Messages a second, as they arrived at the vendor."""
    waited: tuple[float, float] | None
    """Milliseconds from request to arrival, p50 and p99; none where the answer comes after it."""
    cpu: float
    """Microseconds a message."""
    resident: float
    """MiB after it."""


def arrived(peer: Peer, messages: int) -> vendors.Counts:
    """Waits until the vendor has so many."""
    seen, since = -1, time.monotonic()
    while True:
        counts = vendors.counts(peer.vendor)
        if counts.sends >= messages:
            return counts
        if counts.sends > seen:
            seen, since = counts.sends, time.monotonic()
        if time.monotonic() - since > PATIENCE:
            raise Failed(f"{messages} messages were accepted, and {counts.sends} arrived at the vendor")
        time.sleep(0.2)


def sample(peer: Peer, calls: int) -> Sample:
    peer.forget_logs()
    vendors.forget(peer.vendor)
    before = peer.use()
    door = peer.send(calls, IN_FLIGHT)
    if door.accepted < calls:
        raise Failed(f"{door.accepted} of {calls} messages were accepted")
    counts = arrived(peer, door.accepted)
    after = peer.use()
    waited = sorted(one / 1000 for one in counts.waited)
    return Sample(
        door.rate,
        door.p50,
        door.p99,
        (counts.sends - 1) / (counts.last - counts.first) * 1e6,
        (h2load.percentile(waited, 50), h2load.percentile(waited, 99)) if waited else None,
        (after.cpu - before.cpu) / door.accepted * 1e6,
        after.resident / 2**20,
    )


def row(name: str, idle: float, samples: list[Sample], ours: list[Sample]) -> list[str]:
    def middle(of: Callable[[Sample], float]) -> str:
        return figure(statistics.median(of(one) for one in samples))

    waits = [one.waited for one in samples if one.waited]
    arrival = " / ".join(figure(statistics.median(wait[i] for wait in waits)) for i in (0, 1)) if waits else "less"
    beside = ["", ""]
    if ours and name != "smsmux":
        pairs = list(zip(ours, samples, strict=True))
        beside = [text(spread(a.handed / b.handed for a, b in pairs), 1), text(spread(a.cpu / b.cpu for a, b in pairs))]
    return [
        name,
        middle(lambda one: one.accepted),
        f"{middle(lambda one: one.p50)} / {middle(lambda one: one.p99)}",
        middle(lambda one: one.handed),
        arrival,
        middle(lambda one: one.cpu),
        f"{idle:.0f}",
        middle(lambda one: one.resident),
        *beside,
    ]


def at(delay: str, options: Options) -> str:
    """The table of one kind of vendor."""
    rounds = min(options.rounds, ROUNDS)
    idle: dict[str, float] = {}
    running: dict[str, tuple[Peer, int]] = {}
    found: dict[str, list[Sample]] = {}
    with Programs() as programs:
        for one in CONTENDERS:
            calls = one.calls if delay == "0s" else one.slow_calls
            if not calls or one.peer not in ("smsmux", *options.peer):
                continue
            try:
                peer = one.start(programs, options, delay)
            except Failed as failure:
                note(f"{one.name} is left out: {failure}")
                continue
            running[one.name] = peer, max(20, calls // 20) if options.quick else calls
            idle[one.name], found[one.name] = peer.use().resident / 2**20, []
        progress = Progress(len(running) * (rounds + 1))
        for number in range(rounds + 1):
            for name, (peer, calls) in running.items():
                # The first round is not counted, as in `compare`.
                taken = sample(peer, calls if number else max(20, calls // 4))
                if number:
                    found[name].append(taken)
                progress.step(f"vendor {delay}, {name}: {taken.handed:,.0f} messages/s")
    rows = [row(name, idle[name], samples, found.get("smsmux", [])) for name, samples in found.items()]
    title = "answers at once" if delay == "0s" else f"takes {SLOW.removesuffix('ms')} ms"
    return f"#### {IN_FLIGHT} in flight, at a vendor that {title}\n\n{table(HEAD, rows)}"


def measure(options: Options) -> str:
    """Both tables."""
    return "\n\n".join(at(delay, options) for delay in ("0s", SLOW))
