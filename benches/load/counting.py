"""What a tool counts of one SendMessage: instructions by valgrind, system calls by strace."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence

import h2load
import messages
from programs import NO_STORE, Failed, Program, Programs

IN_FLIGHT = 64
FEW, MANY = 500, 2_500
FIRST = 20
TRACED = 5_000


@dataclasses.dataclass(frozen=True)
class Setup:
    """What smsmux has in its configuration, and what it is asked."""

    store: str = NO_STORE
    more: str = ""
    """Sections."""
    request: messages.Request = h2load.SEND


PLAIN = Setup()


def server(
    programs: Programs,
    name: str,
    protocol: str,
    gateway: pathlib.Path,
    wrapper: Sequence[str] = (),
    setup: Setup = PLAIN,
) -> Program:
    """One of the two that are counted, at a vendor of its own."""
    vendor = programs.vendor(protocol=protocol)
    if name == "smsmux":
        # As many threads as bare has, whatever the machine has.
        return programs.smsmux(
            vendor, wrapper=wrapper, binary=gateway, options="threads = 1", store=setup.store, more=setup.more
        )
    return programs.baseline(name, vendor, wrapper=wrapper)


def of_one_call(
    name: str, protocol: str, gateway: pathlib.Path, said: Callable[[str], None], setup: Setup = PLAIN
) -> int:
    """Those in user space of one call: the difference of two runs has no start, no login and no first connection in it."""
    totals = []
    for number in (FEW, MANY):
        totals.append(instructions(name, protocol, number, gateway, setup))
        said(f"{protocol}, {name}, {number:,} calls: {totals[-1]:,} instructions")
    return round((totals[1] - totals[0]) / (MANY - FEW))


def instructions(name: str, protocol: str, calls: int, gateway: pathlib.Path, setup: Setup = PLAIN) -> int:
    """Those in user space of a whole process that serves so many calls."""
    with Programs() as programs:
        counts = programs.folder / "callgrind.out"
        wrapper = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}"]
        counted = server(programs, name, protocol, gateway, wrapper, setup)
        # Calls that come at once while there is no connection yet make several: a figure by chance, and TLS is dear.
        h2load.load(counted.url, FIRST, 1, request=setup.request)
        h2load.load(counted.url, calls, IN_FLIGHT, request=setup.request)
        counted.stop(120)
        found = re.search(r"^(?:summary|totals): (\d+)", counts.read_text() if counts.exists() else "", re.MULTILINE)
        if not found:
            raise Failed(f"valgrind has no figure for {name}:\n{counted.log.read_text()[-2000:]}")
        return int(found.group(1))


def system_calls(name: str, protocol: str, gateway: pathlib.Path) -> float | None:
    """Those of one call once connections are made; none where there is no strace, or it may not look."""
    if not shutil.which("strace"):
        return None
    with Programs() as programs:
        counted = server(programs, name, protocol, gateway)
        h2load.load(counted.url, FEW, IN_FLIGHT)
        counts = programs.folder / "strace.out"
        command = ["strace", "-c", "-f", "-o", str(counts), "-p", str(counted.process.pid)]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert tracer.stderr
        # It says so when it has attached, or why it could not.
        if "attached" not in tracer.stderr.readline():
            tracer.kill()
            tracer.wait()
            return None
        h2load.load(counted.url, TRACED, IN_FLIGHT)
        tracer.send_signal(signal.SIGINT)
        tracer.communicate()
        found = re.search(r"^100\.00\s.*?(\d+)(?:\s+\d+)? total$", counts.read_text(), re.MULTILINE)
        if not found:
            raise Failed(f"strace has no figure for {name}:\n{counts.read_text()}")
        return int(found.group(1)) / TRACED
