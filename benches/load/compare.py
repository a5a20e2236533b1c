"""Runs of several servers beside each other, in turns, and what they come to pair by pair."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Iterable

import h2load
import messages
from programs import Program

CORES = ("0", "1")
"""Where the server runs, and where all else does: a core that both share would measure the load as well."""

DIRECT = "vendor"
"""The name of the vendor with nothing in front of it."""

SLOW = {"python"}


@dataclasses.dataclass
class Sample:
    """One run against one server."""

    rate: float
    """Calls a second."""
    p50: float
    p99: float
    p999: float
    """Milliseconds."""
    cpu: float
    """Microseconds of a core for a call."""
    resident: float
    """MiB at its end."""

    def of(self, what: str) -> float:
        return float(getattr(self, what))


Results = dict[str, list[Sample]]
"""The samples of each server, by name."""


def calls_for(in_flight: int, slow: bool, quick: bool = False) -> int:
    """So many that a run takes a second or two, whatever the server."""
    calls = 4_000 if in_flight == 1 else 30_000 if in_flight < 64 else 40_000
    if quick:
        return max(200, in_flight)
    return max(1_500, calls // 12, in_flight) if slow else max(calls, in_flight)


def sample(
    program: Program, in_flight: int, calls: int, cores: str | None, request: messages.Request = h2load.SEND
) -> Sample:
    """One run, and what it cost the server."""
    program.forget_log()
    before = program.use()
    run = h2load.load(program.url, calls, in_flight, cores, request)
    after = program.use()
    cpu = (after.cpu - before.cpu) / calls * 1e6
    p50, p99, p999 = (run.percentile(percent) for percent in (50, 99, 99.9))
    return Sample(run.rate, p50, p99, p999, cpu, after.resident / 2**20)


def interleaved(
    programs: dict[str, Program],
    in_flight: int,
    rounds: int,
    cores: str | None,
    said: Callable[[str], None],
    quick: bool = False,
) -> Results:
    """A B C A B C ...: what disturbs the machine for a while disturbs all of them."""
    samples: Results = {name: [] for name in programs}
    # The first round is not counted: in it connections are made, code is loaded, and just-in-time compilers see what
    # there is to see.
    for number in range(rounds + 1):
        for name, program in programs.items():
            request = messages.vendor_send() if name == DIRECT else h2load.SEND
            one = sample(program, in_flight, calls_for(in_flight, name in SLOW, quick), cores, request)
            if number:
                samples[name].append(one)
            what = f"round {number}/{rounds}" if number else "warming up"
            said(f"{in_flight:>6} in flight, {what}, {name}: {one.rate:,.0f} calls/s")
    return samples


def median(samples: Iterable[Sample], what: str) -> float:
    return statistics.median(one.of(what) for one in samples)


def spread(values: Iterable[float]) -> tuple[float, float, float]:
    """The median, the least and the greatest."""
    ordered = sorted(values)
    return statistics.median(ordered), ordered[0], ordered[-1]


def ratio(ours: list[Sample], theirs: list[Sample], what: str) -> tuple[float, float, float]:
    """The median of the ratios of each pair, the least and the greatest."""
    return spread(a.of(what) / b.of(what) for a, b in zip(ours, theirs, strict=True))
