"""Loads at a gateway's door: gRPC by h2load, and GETs that bear the time at which they were sent."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import subprocess

import h2load
import messages


@dataclasses.dataclass
class Door:
    """What a load came to at the door."""

    accepted: int
    rate: float
    """Accepted a second."""
    p50: float
    p99: float
    """Milliseconds until the answer."""


def grpc(url: str, request: messages.Request, calls: int, in_flight: int, cores: str | None) -> Door:
    run = h2load.load(url, calls, in_flight, cores, request)
    return Door(run.calls, run.rate, run.percentile(50), run.percentile(99))


def get(program: pathlib.Path, url: str, calls: int, in_flight: int, cores: str | None) -> Door:
    command: list[str | os.PathLike[str]] = ["taskset", "-c", cores] if cores is not None else []
    command += [program, url, "--calls", str(calls), "--in-flight", str(in_flight)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    latencies = sorted(latency / 1000 for latency in found["latencies"])
    if not latencies:
        return Door(0, 0, 0, 0)
    p50, p99 = (h2load.percentile(latencies, percent) for percent in (50, 99))
    return Door(len(latencies), len(latencies) / found["seconds"], p50, p99)
