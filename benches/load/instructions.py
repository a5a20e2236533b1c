"""`instructions`: how many instructions one SendMessage takes, in user space.

The one figure that is the same on a busy machine, in a virtual one, and tomorrow: to about 0.5 %, as threads take turns
differently."""

from __future__ import annotations

import dataclasses
import datetime
import pathlib
import re
import sys

import h2load
import machine
from options import Options, command_line
from programs import ROOT, Failed, Programs
from say import Progress, note

FILE = ROOT / "benches/instructions.txt"
ALLOWED = 1.02
IN_FLIGHT = 64
FEW, MANY = 500, 2_500
"""The difference of two runs has no start, no login and no first connection in it."""


@dataclasses.dataclass
class Recorded:
    """What `benches/instructions.txt` says."""

    smsmux: int
    bare: int


def recorded() -> Recorded | None:
    if not FILE.exists():
        return None
    values = dict(line.split(maxsplit=1) for line in FILE.read_text().splitlines() if not line.startswith("#"))
    return Recorded(int(values["smsmux"]), int(values["bare"]))


def record(figures: Recorded, arguments: list[str]) -> None:
    today = datetime.datetime.now(datetime.timezone.utc).date()
    FILE.write_text(
        "# Instructions of one SendMessage, in user space. "
        f"`make bench-instructions` fails above {ALLOWED:.0%} of smsmux's.\n"
        f"smsmux {figures.smsmux}\n"
        f"bare {figures.bare}\n"
        f"date {today}\n"
        f"rustc {machine.first_line('rustc', '--version').removeprefix('rustc ')}\n"
        f"command {command_line(arguments)}\n"
    )


def run(name: str, calls: int, gateway: pathlib.Path) -> int:
    """The instructions of a whole process that serves so many calls."""
    with Programs() as programs:
        vendor = programs.vendor()
        counts = programs.folder / "callgrind.out"
        wrapper = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}"]
        if name == "smsmux":
            # As many threads as bare has, whatever the machine has.
            server = programs.smsmux(vendor, wrapper=wrapper, binary=gateway, options="threads = 1")
        else:
            server = programs.baseline(name, vendor, wrapper=wrapper)
        h2load.load(server.url, calls, IN_FLIGHT)
        server.stop(120)
        found = re.search(r"^(?:summary|totals): (\d+)", counts.read_text() if counts.exists() else "", re.MULTILINE)
        if not found:
            raise Failed(f"valgrind has no figure for {name}:\n{server.log.read_text()[-2000:]}")
        return int(found.group(1))


def measure(options: Options) -> Recorded:
    progress = Progress(4)
    figures = {}
    for name in ("smsmux", "bare"):
        totals = []
        for calls in (FEW, MANY):
            totals.append(run(name, calls, options.gateway))
            progress.step(f"{name}, {calls:,} calls: {totals[-1]:,} instructions")
        figures[name] = round((totals[1] - totals[0]) / (MANY - FEW))
    return Recorded(**figures)


def report(figures: Recorded) -> str:
    return (
        f"One SendMessage takes smsmux {figures.smsmux:,} instructions, bare {figures.bare:,}: "
        f"{figures.smsmux / figures.bare:.2f} of it."
    )


def judge(figures: Recorded, arguments: list[str], write: bool) -> bool:
    """Says whether it is as good as recorded, or records it."""
    old = recorded()
    if write:
        record(figures, arguments)
        note(f"recorded in {FILE.relative_to(ROOT)}")
    elif old is None:
        note(f"nothing is recorded in {FILE.relative_to(ROOT)}: --write records")
    elif figures.smsmux > old.smsmux * ALLOWED:
        print(
            f"That is {figures.smsmux / old.smsmux - 1:.1%} more than the {old.smsmux:,} recorded. "
            "Find out why, or record it with --write and say why in the commit.",
            file=sys.stderr,
        )
        return False
    else:
        print(f"Recorded: {old.smsmux:,}; that is {figures.smsmux / old.smsmux - 1:+.1%}.")
    return True
