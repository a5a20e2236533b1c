"""Runs of several servers beside each other, in turns, and what they come to pair by pair."""

from __future__ import annotations

import dataclasses
import itertools
import statistics
from array import array
from collections.abc import Callable, Iterable

import h2load
import messages
from programs import Program

CORES = ("0", "1")
"""Where the server runs, and where all else does: a core that both share would measure the load as well."""

DIRECT = "vendor"
"""The name of the vendor with nothing in front of it."""

JUDGED = 64
"""Calls in flight at which throughput is judged: the server is busy, and nothing waits for long."""

PACE = {"python": 1 / 16, DIRECT: 4}
"""How many calls a server gets beside the others, where it is several times as slow or as fast."""


@dataclasses.dataclass
class Sample:
    """One run against one server."""

    rate: float
    """Calls a second."""
    latencies: array[float]
    """Milliseconds, of each call, in order."""
    cpu: float
    """Microseconds of a core for a call."""
    resident: float
    """MiB at its end."""

    @property
    def p50(self) -> float:
        return h2load.percentile(self.latencies, 50)

    @property
    def p99(self) -> float:
        return h2load.percentile(self.latencies, 99)

    @property
    def p999(self) -> float:
        return h2load.percentile(self.latencies, 99.9)

    def of(self, what: str) -> float:
        return float(getattr(self, what))


Key = tuple[str, str]
"""The protocol that the vendor speaks, and a server's name."""
Results = dict[str, list[Sample]]
"""The samples of each server, by name."""


def calls_for(in_flight: int, name: str, quick: bool = False) -> int:
    """So many that a run takes a quarter of a second or so, whatever the server."""
    calls = 1_000 if in_flight == 1 else 6_000 if in_flight < 64 else 8_000
    if quick:
        return max(200, in_flight)
    return int(max(calls * PACE.get(name, 1), 2 * in_flight))


def sample(
    program: Program, in_flight: int, calls: int, cores: str | None, request: messages.Request = h2load.SEND
) -> Sample:
    """One run, and what it cost the server."""
    program.forget_log()
    before = program.use()
    run = h2load.load(program.url, calls, in_flight, cores, request)
    after = program.use()
    cpu = (after.cpu - before.cpu) / calls * 1e6
    return Sample(run.rate, array("f", run.latencies), cpu, after.resident / 2**20)


def interleaved(
    programs: dict[Key, Program],
    in_flight: int,
    rounds: int,
    cores: str | None,
    said: Callable[[str], None],
    quick: bool = False,
) -> dict[Key, list[Sample]]:
    """A B C, C B A, A B C ...: what disturbs the machine for a while disturbs all of them, and none is always first."""
    samples: dict[Key, list[Sample]] = {key: [] for key in programs}
    # The first round is not counted: in it connections are made, code is loaded, and just-in-time compilers see what
    # there is to see.
    for number in range(rounds + 1):
        turn = list(programs.items())
        for (protocol, name), program in reversed(turn) if number % 2 else turn:
            request = messages.vendor_send(protocol) if name == DIRECT else h2load.SEND
            one = sample(program, in_flight, calls_for(in_flight, name, quick), cores, request)
            if number:
                samples[protocol, name].append(one)
            what = f"round {number}/{rounds}" if number else "warming up"
            said(f"{in_flight:>6} in flight, {what}, {protocol}, {name}: {one.rate:,.0f} calls/s")
    return samples


def median(samples: Iterable[Sample], what: str) -> float:
    return statistics.median(one.of(what) for one in samples)


def pooled(samples: Iterable[Sample], percent: float) -> float:
    """A percentile over the calls of all runs: one run is too short for a rare one."""
    return h2load.percentile(sorted(itertools.chain(*(one.latencies for one in samples))), percent)


def spread(values: Iterable[float]) -> tuple[float, float, float]:
    """The median, and the first and the third quartile: half of the values lie between those."""
    ordered = sorted(values)
    if len(ordered) == 1:
        return ordered[0], ordered[0], ordered[0]
    first, middle, third = statistics.quantiles(ordered, n=4, method="inclusive")
    return middle, first, third


def ratio(ours: list[Sample], theirs: list[Sample], what: str) -> tuple[float, float, float]:
    """The median of the ratios of each pair, and their quartiles."""
    return spread(a.of(what) / b.of(what) for a, b in zip(ours, theirs, strict=True))
