"""What the command line can say."""

from __future__ import annotations

import argparse
import dataclasses
import os
import pathlib
import re
import sys
from collections.abc import Callable, Sequence

import programs
from compare import CORES, JUDGED
from programs import PROTOCOLS

PEERS = ("envoy", "kannel", "jasmin")
SERVERS = ("smsmux", *programs.baselines())

EXAMPLES = """
examples:
  python3 benches/load                                     everything against everything, about 10 minutes
  python3 benches/load compare --quick                     does it run?
  python3 benches/load compare --only smsmux,bare --in-flight 64
  python3 benches/load compare --vendor http2 --in-flight 1,64
  python3 benches/load compare --only smsmux --baseline /tmp/smsmux-before
  python3 benches/load scale
  python3 benches/load push                                from a push to whoever watches, beside a flush
  python3 benches/load store --gigabytes 5
  python3 benches/load instructions                        fails when a call takes 2 % more than recorded
  python3 benches/load peers                               opt-in: make bench-peers installs them
  python3 benches/load all --write                         and write benches/README.md and its charts
"""

COMMANDS = {
    "compare": "throughput, latency, CPU and memory beside the baselines, and the targets",
    "http2": "a slow vendor that allows few streams on one HTTP/2 connection",
    "scale": "10,000 calls in flight, 1,000 streams, 100 accounts, 1,000 recipients",
    "push": "from a vendor's push to the message of whoever watches the events, with each store",
    "store": "no store, SQLite with and without flushes, and PostgreSQL beside each other; starts with a big file",
    "instructions": "instructions, CPU and system calls of one SendMessage, held against what is recorded",
    "rules": "what a store, the spend guard and a route add to the instructions of a SendMessage",
    "peers": "gateways that a user could take instead, which benches/peers/install.sh installs",
    "all": "instructions, compare, http2, scale and push",
}


@dataclasses.dataclass
class Options:
    """What was asked for."""

    command: str
    rounds: int
    in_flight: list[int]
    only: list[str]
    vendor: list[str]
    peer: list[str]
    delay: str
    streams: int
    gigabytes: float
    free: bool
    quick: bool
    write: bool
    gateway: pathlib.Path
    baseline: list[pathlib.Path]

    @property
    def few_rounds(self) -> int:
        """Of what takes long."""
        return min(self.rounds, 5)

    @property
    def seconds(self) -> float:
        """What the slow vendor takes."""
        return int(self.delay.removesuffix("ms")) / 1000

    @property
    def server(self) -> str | None:
        """The core that the server has for itself."""
        return None if self.free else CORES[0]

    @property
    def rest(self) -> str | None:
        """The core for the vendor and the load."""
        return None if self.free else CORES[1]


def some_of(known: Sequence[str]) -> Callable[[str], list[str]]:
    """Reads a list of names."""

    def names(text: str) -> list[str]:
        found = text.split(",")
        if unknown := [name for name in found if name not in known]:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(known)}")
        return found

    return names


def numbers(text: str) -> list[int]:
    found = [int(part) for part in text.split(",")]
    if any(number < 1 for number in found):
        raise argparse.ArgumentTypeError("must be 1 or more")
    return found


def at_least_one(text: str) -> int:
    return numbers(text)[0]


def duration(text: str) -> str:
    if not re.fullmatch(r"\d+ms", text):
        raise argparse.ArgumentTypeError("must be whole milliseconds, such as 50ms")
    return text


def parse(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(
        "python3 benches/load",
        description="Measures smsmux on this machine, beside the same job done by others.",
        epilog="commands:\n" + "".join(f"  {name:<13} {what}\n" for name, what in COMMANDS.items()) + EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("command", nargs="?", choices=COMMANDS, default="compare", metavar="COMMAND", help="default: compare")
    add("--rounds", type=at_least_one, metavar="N", help="how often each is measured (default: 30; at most 5 in scale)")
    add(
        "--in-flight",
        type=numbers,
        default=[1, 16, 64, 256, 1000],
        metavar="N,N...",
        help="of compare: how many calls at a time",
    )
    add(
        "--only",
        type=some_of(SERVERS),
        default=list(SERVERS),
        metavar="NAME,...",
        help=f"of compare: some of {','.join(SERVERS)}",
    )
    add(
        "--vendor",
        type=some_of(list(PROTOCOLS)),
        default=list(PROTOCOLS),
        metavar="NAME,...",
        help=f"of compare: what the vendor speaks, some of {','.join(PROTOCOLS)}; only the first one where calls in "
        f"flight are not {JUDGED}",
    )
    add("--peer", type=some_of(PEERS), default=list(PEERS), metavar="NAME,...", help=f"some of {','.join(PEERS)}")
    add("--delay", type=duration, default="200ms", metavar="MS", help="of http2: how long the vendor takes (200ms)")
    add("--streams", type=at_least_one, default=100, metavar="N", help="of http2: streams of one connection (100)")
    add("--gigabytes", type=float, default=1, metavar="N", help="of store: the size of the big file (1)")
    add("--free", action="store_true", help="pin nothing to a core")
    add("--quick", action="store_true", help="few calls: shows that it runs; the figures mean nothing")
    add("--write", action="store_true", help="write benches/README.md and its charts, and benches/instructions.txt")
    add(
        "--gateway",
        type=pathlib.Path,
        default=programs.SMSMUX,
        metavar="PATH",
        help="the smsmux to measure (default: the release build)",
    )
    add(
        "--baseline",
        type=pathlib.Path,
        nargs="+",
        default=[],
        metavar="PATH",
        help="of compare: other smsmux binaries to measure beside it, as before, before-2, ...",
    )
    found = parser.parse_args(arguments)
    if found.quick and found.write:
        parser.error("--quick figures mean nothing: they are not written")
    if found.write and found.vendor[0] != "plain":
        parser.error("--write needs plain as the first --vendor: the charts are drawn of it")
    options = Options(**{**vars(found), "rounds": found.rounds or (1 if found.quick else 30)})
    cores = os.sched_getaffinity(0)
    if not options.free and not {int(core) for core in CORES} <= cores:
        print("one core: nothing is pinned, and the load takes its share of every figure", file=sys.stderr)
        options.free = True
    return options


def command_line(arguments: list[str]) -> str:
    """How to run it again; whose machine it was is nobody's business."""
    return " ".join(
        pathlib.Path(part).name if part.startswith(("/", "~")) else part
        for part in ("python3 benches/load", *arguments)
    )
