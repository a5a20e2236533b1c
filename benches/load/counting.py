"""What a tool counts of one SendMessage: instructions by valgrind, system calls by strace."""

from __future__ import annotations

import pathlib
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence

import h2load
from programs import Failed, Program, Programs

IN_FLIGHT = 64
FEW, MANY = 500, 2_500
"""The difference of two runs has no start, no login and no first connection in it."""
FIRST = 20
TRACED = 5_000


def server(programs: Programs, name: str, protocol: str, gateway: pathlib.Path, wrapper: Sequence[str] = ()) -> Program:
    """One of the two that are counted, at a vendor of its own."""
    vendor = programs.vendor(protocol=protocol)
    if name == "smsmux":
        # As many threads as bare has, whatever the machine has.
        return programs.smsmux(vendor, wrapper=wrapper, binary=gateway, options="threads = 1")
    return programs.baseline(name, vendor, wrapper=wrapper)


def instructions(name: str, protocol: str, calls: int, gateway: pathlib.Path) -> int:
    """Those in user space of a whole process that serves so many calls."""
    with Programs() as programs:
        counts = programs.folder / "callgrind.out"
        wrapper = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}"]
        counted = server(programs, name, protocol, gateway, wrapper)
        # Calls that come at once while there is no connection yet make several: a figure by chance, and TLS is dear.
        h2load.load(counted.url, FIRST, 1)
        h2load.load(counted.url, calls, IN_FLIGHT)
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
