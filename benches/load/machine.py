"""What it was measured on, asked of the machine."""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess

from programs import ROOT, TOOLS, baselines
from say import table


def first_line(*command: str | os.PathLike[str]) -> str:
    """What a program says of its version, or that it is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30, cwd=ROOT)
    except (OSError, subprocess.TimeoutExpired):
        return "not there"
    return (done.stdout or done.stderr).strip().partition("\n")[0] or "not there"


def value(path: str, key: str) -> str:
    """Of a file of `key : value` lines."""
    found = re.search(rf"^{key}\s*:\s*(.+)$", pathlib.Path(path).read_text(), re.MULTILINE)
    return found.group(1).strip() if found else "unknown"


def locked(lock: pathlib.Path, names: list[str]) -> str:
    """The versions of some crates in a Cargo.lock."""
    found = dict(re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"', lock.read_text()))
    return ", ".join(f"{name} {found[name]}" for name in names if name in found)


def description() -> str:
    """The machine itself."""
    memory = int(value("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    return f"{value('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores, {memory:.0f} GiB"


def versions(gateway: pathlib.Path) -> list[tuple[str, str]]:
    """What has a say in the figures."""
    here = ROOT / "benches/baselines"
    go = re.findall(r"^\s+(google\.golang\.org/grpc v\S+)", (here / "go/go.mod").read_text(), re.MULTILINE)
    wanted = ("grpcio", "aiohttp", "uvloop", "protobuf")
    python = [line for line in (here / "python/requirements.txt").read_text().split() if line.startswith(wanted)]
    node = json.loads((here / "node/package.json").read_text())["dependencies"]
    of_node = first_line(baselines()["node"][0], "--version").removeprefix("v")
    of_python = first_line(TOOLS / "bench/python/bin/python", "--version").removeprefix("Python ")
    of_go = first_line("go", "version", TOOLS / "bench/go-baseline").rpartition("go")[2]
    return [
        ("machine", description()),
        ("kernel", platform.release()),
        (
            "smsmux",
            f"{first_line(gateway, '--version')}, commit {first_line('git', 'describe', '--always', '--dirty')}",
        ),
        ("rustc", first_line("rustc", "--version").removeprefix("rustc ")),
        ("smsmux's crates", locked(ROOT / "Cargo.lock", ["tonic", "hyper", "reqwest", "tokio", "mimalloc"])),
        ("bare's crates", locked(here / "rust/Cargo.lock", ["tonic", "hyper", "reqwest", "tokio"])),
        ("Go", f"{of_go}, {go[0] if go else ''}"),
        ("Python", f"{of_python}, {', '.join(line.replace('==', ' ') for line in python)}"),
        ("Node", f"{of_node}, {', '.join(f'{name} {version}' for name, version in node.items())}"),
        ("h2load", first_line("h2load", "--version").removeprefix("h2load ")),
    ]


def report(gateway: pathlib.Path, command: str) -> str:
    """All of it, what was run, and when."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    rows = [*versions(gateway), ("command", f"`{command}`"), ("date", str(today))]
    return table(["", "with"], rows, words=True)


def stamp(gateway: pathlib.Path, command: str) -> str:
    """A line for figures that were taken at another time than the table above was."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    commit = first_line("git", "describe", "--always", "--dirty")
    return f"`{command}`, {first_line(gateway, '--version')}, commit {commit}, {today}"
