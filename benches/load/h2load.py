"""Loads by h2load, and what each call took."""

from __future__ import annotations

import contextlib
import pathlib
import re
import subprocess
import tempfile
from collections.abc import Sequence

import messages
from programs import Failed

SENDERS = {1: (1, 1), 16: (4, 4), 64: (8, 8), 256: (16, 16)}
"""Calls in flight: connections and calls on each, as a few services with many callers have them."""

SEND = messages.send()


def senders(in_flight: int, http1: bool = False) -> tuple[int, int]:
    """How many connections, and how many calls on each."""
    if http1:
        return in_flight, 1
    if in_flight in SENDERS:
        return SENDERS[in_flight]
    # 1,000 on 20 connections, 10,000 on 100: below the 100 calls on one that most servers allow.
    streams = next(n for n in (100, 50, 25, 10, 8, 4, 2, 1) if in_flight % n == 0 and n * n <= in_flight * 2.5)
    return in_flight // streams, streams


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The value that this share of the others, which are in order, does not exceed."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


class Run:
    """What a load came to."""

    def __init__(self, ended: list[tuple[int, int]], begun: int, end: int, body: int = 0) -> None:
        """Microseconds: of each call when it began and how long it took; and the span that all of them fell into. The
        bytes of all answers' bodies."""
        self.ended, self.begun, self.end, self.body = ended, begun, end, body
        self.latencies = sorted(took / 1000 for _, took in ended)
        """Milliseconds, of each call."""

    @property
    def calls(self) -> int:
        return len(self.ended)

    @property
    def seconds(self) -> float:
        return (self.end - self.begun) / 1e6

    @property
    def rate(self) -> float:
        return self.calls / self.seconds

    def percentile(self, percent: float) -> float:
        """Milliseconds within which this share of the calls was answered."""
        return percentile(self.latencies, percent)

    def failures(self, good: Run) -> int:
        """The calls that were answered with an error, which has no body; in the other run there was none."""
        return round(self.calls - self.body * good.calls / good.body)

    def answered(self, calls: int) -> float:
        """Milliseconds from the first request until so many were answered."""
        return (sorted(begun + took for begun, took in self.ended)[calls - 1] - self.begun) / 1000

    def without(self, first: int, last: int) -> Run:
        """Without its first and last answers. Calls that began together end together: whole waves give a true rate."""
        ended = sorted(self.ended, key=sum)
        rest = ended[first : len(ended) - last]
        return Run(rest, sum(ended[first - 1]), sum(rest[-1]))


class Load:
    """An h2load that runs."""

    def __init__(
        self, url: str, calls: int, shape: tuple[int, int], cores: str | None, request: messages.Request, folder: str
    ) -> None:
        self.calls, self.log = calls, pathlib.Path(folder, "log")
        data = pathlib.Path(folder, "request")
        data.write_bytes(request.body)
        connections, streams = shape
        command = [*(["taskset", "-c", cores] if cores is not None else []), "h2load", "-t", "1", "-n", str(calls)]
        command += ["-c", str(connections), "-m", str(streams), "-d", str(data), f"--log-file={self.log}"]
        command += ["--h1"] if request.http1 else []
        for header in request.headers:
            command += ["-H", header]
        self.process = subprocess.Popen(
            [*command, url + request.path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def end(self, strict: bool) -> tuple[list[tuple[int, int]], int]:
        """Microseconds: when each call began, by the clock, and how long it took; and the bytes of all bodies. Every
        call must have been answered, and not with an error if this is strict."""
        said, _ = self.process.communicate()
        lines = [line.split("\t") for line in self.log.read_text().splitlines()] if self.log.exists() else []
        failed = sum(not line[1].startswith("2") for line in lines)
        if self.process.returncode or len(lines) != self.calls or failed:
            raise Failed(f"h2load: {failed} of {self.calls} calls failed, {len(lines)} ended:\n{said}")
        # A gRPC call that fails is a 200 like any other, and h2load does not read its status; but it has no body.
        traffic = re.search(r"traffic: .*?\((\d+)\) data", said)
        body = int(traffic.group(1)) if traffic else 0
        if strict and body < self.calls * 20:
            raise Failed(f"calls failed: {body} bytes of bodies for {self.calls} answers:\n{said}")
        return [(int(line[0]), int(line[2])) for line in lines], body

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def side_by_side(
    url: str,
    calls: int,
    shape: tuple[int, int],
    requests: Sequence[messages.Request],
    cores: str | None = None,
    strict: bool = True,
) -> Run:
    """As many h2loads as there are requests, at the same time; an h2load knows one request only."""
    with contextlib.ExitStack() as stack:
        loads = []
        for request in requests:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="smsmux-load-"))
            loads.append(Load(url, calls, shape, cores, request, folder))
            stack.callback(loads[-1].stop)
        ends = [load.end(strict) for load in loads]
    ended = [call for calls_of_one, _ in ends for call in calls_of_one]
    return Run(ended, min(begun for begun, _ in ended), max(map(sum, ended)), sum(body for _, body in ends))


def load(
    url: str,
    calls: int,
    in_flight: int,
    cores: str | None = None,
    request: messages.Request = SEND,
    strict: bool = True,
) -> Run:
    """So many calls, so many at a time."""
    return side_by_side(url, calls, senders(in_flight, request.http1), [request], cores, strict)
