"""`instructions`: what one SendMessage takes at a vendor with HTTP/1.1 and at one with HTTP/2.

Instructions in user space are the one figure that is the same on a busy machine, in a virtual one, and tomorrow: to about
0.5 %, as threads take turns differently. They alone are held against what is recorded. They do not show what the kernel
does, which is a third of the time over HTTP/1.1 and little over HTTP/2: beside them stand the CPU time, user and system, as
a ratio to bare's, and the system calls."""

from __future__ import annotations

import dataclasses
import datetime
import sys

import compare
import counting
import machine
from compare import Key
from options import Options, command_line
from programs import PROTOCOLS, ROOT, Program, Programs
from say import Progress, figure, note, spread, table

FILE = ROOT / "benches/instructions.txt"
ALLOWED = 1.02
COUNTED = ("plain", "http2")
NAMES = ("smsmux", "bare")
PAIRS = 10
HEAD = f"""\
# One SendMessage, by what the vendor speaks: smsmux's and bare's instructions in user space, smsmux's CPU time divided by
# bare's (user and system), smsmux's and bare's system calls. `make bench-instructions` fails above {ALLOWED:.0%} of smsmux's
# instructions, and of nothing else.
"""


@dataclasses.dataclass
class Cost:
    """Of one SendMessage; what was not measured is none."""

    smsmux: int
    bare: int
    cpu: float | None
    """smsmux's CPU time, divided by bare's."""
    calls: float | None
    """smsmux's system calls."""
    bare_calls: float | None


Recorded = dict[str, Cost]
"""By what the vendor speaks."""


def recorded() -> Recorded:
    """What `benches/instructions.txt` says."""
    lines = FILE.read_text().splitlines() if FILE.exists() else []
    values = {line.split()[0]: line.split()[1:] for line in lines if not line.startswith("#")}

    def cost(smsmux: str, bare: str, *rest: str) -> Cost:
        cpu, calls, bare_calls = (None if value == "-" else float(value) for value in rest)
        return Cost(int(smsmux), int(bare), cpu, calls, bare_calls)

    return {protocol: cost(*values[protocol]) for protocol in COUNTED if protocol in values}


def record(figures: Recorded, arguments: list[str]) -> None:
    today = datetime.datetime.now(datetime.timezone.utc).date()
    lines = ""
    for protocol, cost in figures.items():
        rest = (f"{value:.2f}" if value is not None else "-" for value in (cost.cpu, cost.calls, cost.bare_calls))
        lines += f"{protocol} {cost.smsmux} {cost.bare} {' '.join(rest)}\n"
    FILE.write_text(
        f"{HEAD}{lines}"
        f"date {today}\n"
        f"rustc {machine.first_line('rustc', '--version').removeprefix('rustc ')}\n"
        f"command {command_line(arguments)}\n"
    )


def cpu_ratios(options: Options, progress: Progress) -> dict[str, tuple[float, float, float]]:
    """smsmux's CPU time divided by bare's, in neighbouring runs."""
    with Programs() as programs:
        servers: dict[Key, Program] = {}
        for protocol in COUNTED:
            vendor = programs.vendor(options.rest, protocol=protocol)
            servers[protocol, "smsmux"] = programs.smsmux(
                vendor, options.server, binary=options.gateway, options="threads = 1"
            )
            servers[protocol, "bare"] = programs.baseline("bare", vendor, options.server)
        found = compare.interleaved(servers, counting.IN_FLIGHT, PAIRS, options.rest, progress.step)
    return {one: compare.ratio(found[one, "smsmux"], found[one, "bare"], "cpu") for one in COUNTED}


def measure(options: Options) -> Recorded:
    """All figures, smsmux's beside bare's."""
    progress = Progress(len(COUNTED) * len(NAMES) * (PAIRS + 1 + 3))
    counts: dict[Key, int] = {}
    calls: dict[Key, float | None] = {}
    for protocol in COUNTED:
        for name in NAMES:
            counts[protocol, name] = counting.of_one_call(name, protocol, options.gateway, progress.step)
            calls[protocol, name] = counting.system_calls(name, protocol, options.gateway)
            progress.step(f"{protocol}, {name}: {said(calls[protocol, name])} system calls a call")
    ratios = cpu_ratios(options, progress)
    for protocol, ratio in ratios.items():
        note(f"{protocol}: smsmux takes {spread(ratio)} of bare's CPU time")
    found = {}
    for protocol in COUNTED:
        ours, bare = (protocol, "smsmux"), (protocol, "bare")
        found[protocol] = Cost(counts[ours], counts[bare], ratios[protocol][0], calls[ours], calls[bare])
    return found


def said(value: float | None) -> str:
    return "?" if value is None else figure(value)


def report(figures: Recorded) -> str:
    """The table."""
    rows = [
        [
            PROTOCOLS[protocol],
            f"{cost.smsmux:,}",
            f"{cost.bare:,}",
            f"{cost.smsmux / cost.bare:.2f}",
            said(cost.cpu),
            said(cost.calls),
            said(cost.bare_calls),
        ]
        for protocol, cost in figures.items()
    ]
    head = ["vendor with", "instructions", "bare's", "÷ bare's", "CPU ÷ bare's", "system calls", "bare's"]
    return table(head, rows)


def judge(figures: Recorded, arguments: list[str], write: bool) -> bool:
    """Says whether the instructions are as few as recorded, or records all figures."""
    if write:
        record(figures, arguments)
        note(f"recorded in {FILE.relative_to(ROOT)}")
        return True
    old, good = recorded(), True
    for protocol, cost in figures.items():
        if protocol not in old:
            note(f"{protocol}: nothing is recorded in {FILE.relative_to(ROOT)}: --write records")
            continue
        more = cost.smsmux / old[protocol].smsmux - 1
        print(f"{protocol}: {more:+.1%} of the {old[protocol].smsmux:,} instructions recorded.")
        good &= cost.smsmux <= old[protocol].smsmux * ALLOWED
    if not good:
        print("That is too many. Find out why, or record it with --write and say why in the commit.", file=sys.stderr)
    return good
