"""`scale`: what grows, and how fast: calls in flight, streams, accounts, recipients."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import time
from collections.abc import Iterator

import compare
import comparison
import h2load
import in_flight
import messages
from compare import spread
from options import Options
from programs import KEY, ROOT, TOOLS, Failed, Program, Programs, account_id
from say import Progress, figure, table
from say import spread as text

LONG_RUN = 40_000
"""Calls of a run beside the streams, which look every second."""
STREAMS = 1_000
ACCOUNTS = 100
SIDES = 4
SHAPE = (2, 8)
"""Senders side by side, each to another account, and their connections and calls on each: 64 in flight."""
RECIPIENTS = (1, 10, 100, 1_000)


@contextlib.contextmanager
def watchers(server: Program, streams: int, cores: str | None) -> Iterator[None]:
    """Keeps streams open."""
    command = [str(TOOLS / "bench/python/bin/python"), str(ROOT / "benches/load/watchers.py")]
    command += ["--target", f"127.0.0.1:{server.port}", "--key", KEY, "--account", f"accounts/{account_id(0)}"]
    command = [*(["taskset", "-c", cores] if cores else []), *command, "--streams", str(streams)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdin and process.stdout
    try:
        if process.stdout.readline() != "open\n":
            raise Failed(f"the streams did not open:\n{process.communicate()[0]}")
        yield
        said, _ = process.communicate("")
        if "all open" not in said:
            raise Failed(f"streams ended: {said}")
    finally:
        process.kill()
        process.wait()


def streams(options: Options, progress: Progress) -> str:
    """Streams that look at the vendor every second, while others send."""
    seconds = 1 if options.quick else 5
    calls = 200 if options.quick else LONG_RUN
    found: dict[str, list[compare.Sample]] = {"without": [], "with": []}
    memory, sockets, kept, cpu = 0.0, 0, 0.0, []
    with Programs() as programs:
        vendor = programs.vendor(options.rest)
        smsmux = programs.smsmux(vendor, options.server, binary=options.gateway)
        compare.sample(smsmux, 64, calls, options.rest)
        for number in range(options.few_rounds):
            found["without"].append(compare.sample(smsmux, 64, calls, options.rest))
            before, files = smsmux.use(), smsmux.files()
            with watchers(smsmux, STREAMS, options.rest):
                time.sleep(1.5)
                begun, start = time.monotonic(), smsmux.use()
                time.sleep(seconds)
                end = smsmux.use()
                cpu.append((end.cpu - start.cpu) / (time.monotonic() - begun))
                if not number:
                    # Later rounds find the memory of the first one.
                    memory, sockets = (end.resident - before.resident) / STREAMS / 1024, smsmux.files() - files
                found["with"].append(compare.sample(smsmux, 64, calls, options.rest))
            time.sleep(0.5)
            kept = smsmux.use().resident / 2**20
            progress.step(
                f"{STREAMS:,} streams, round {number + 1}/{options.few_rounds}: {cpu[-1] * 100:.1f} % of a core"
            )
    measures = ("rate", "p50", "p99", "p999", "cpu", "resident")
    rows = [[name, *(figure(compare.median(samples, what)) for what in measures)] for name, samples in found.items()]
    ratios = [text(compare.ratio(found["with"], found["without"], what)) for what in measures]
    rows.append(["with ÷ without", *ratios])
    head = ["64 sends in flight", "calls/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs a call", "RSS MiB"]
    share = text(spread(100 * one for one in cpu))
    each = 1e6 * statistics.median(cpu) / STREAMS
    return (
        f"#### {STREAMS:,} open streams of received messages, each looking every second\n\n"
        f"A stream takes {memory:.1f} KiB, and all of them brought {sockets:,} sockets. They take {share} % of a core: "
        f"{each:.0f} µs for a look. After {options.few_rounds} times opening and closing all of them {kept:.1f} MiB are "
        f"resident. The CPU of a send has that of the looks in the same time in it.\n\n{table(head, rows)}"
    )


def accounts(options: Options, progress: Progress) -> str:
    """One account against a hundred."""
    spans = range(0, ACCOUNTS, SIDES)
    calls = 100 if options.quick else 800
    found: dict[int, list[tuple[float, float]]] = {1: [], ACCOUNTS: []}
    rows = []
    with Programs() as programs:
        vendor = programs.vendor(options.rest)
        states = {n: comparison.starts(options.gateway, vendor, options.server, n) for n in found}
        servers = {n: programs.smsmux(vendor, options.server, n, options.gateway) for n in found}
        for number in range(options.few_rounds + 1):
            for count, server in servers.items():
                server.forget_log()
                before, seconds = server.use(), 0.0
                for first in spans:
                    # The same senders, to one account or to others each time.
                    requests = [messages.send((first + side) % count) for side in range(SIDES)]
                    seconds += h2load.side_by_side(server.url, calls, SHAPE, requests, options.rest).seconds
                total = len(spans) * SIDES * calls
                cpu = (server.use().cpu - before.cpu) / total * 1e6
                if number:
                    found[count].append((total / seconds, cpu))
                progress.step(f"{count} account{'s' if count > 1 else ''}: {total / seconds:,.0f} calls/s")
        for count, (ready, idle) in states.items():
            rate, cpu = (statistics.median(one[i] for one in found[count]) for i in (0, 1))
            after = servers[count].use().resident / 2**20
            busy = f"{rate * cpu / 1e6:.0%}"
            rows.append([f"{count}", f"{ready:.0f}", f"{idle:.1f}", figure(rate), figure(cpu), busy, f"{after:.1f}"])
    pairs = list(zip(found[ACCOUNTS], found[1], strict=True))
    ratios = [text(spread(many[i] / one[i] for many, one in pairs)) for i in (0, 1)]
    rows.append([f"{ACCOUNTS} ÷ 1", "", "", *ratios, "", ""])
    head = [
        "accounts",
        "ready ms",
        "idle MiB",
        "calls/s at 64 in flight",
        "CPU µs a call",
        "cores busy",
        "RSS MiB after it",
    ]
    return f"#### {ACCOUNTS} accounts, the load spread over all of them\n\n{table(head, rows)}"


def recipients(options: Options, progress: Progress) -> str:
    """Longer and longer templated messages, one at a time."""
    rows = []
    with Programs() as programs:
        vendor = programs.vendor(options.rest)
        smsmux = programs.smsmux(vendor, options.server, binary=options.gateway)
        for count in RECIPIENTS:
            calls = 50 if options.quick else max(300, 4_000 // count)
            found = []
            for _ in range(options.few_rounds + 1):
                found.append(compare.sample(smsmux, 1, calls, options.rest, messages.templated(count)))
            p50, p99, cpu = (compare.median(found[1:], what) for what in ("p50", "p99", "cpu"))
            row = [
                f"{count:,}",
                figure(p50),
                figure(p99),
                figure(cpu),
                f"{1000 * p50 / count:.2f}",
                f"{cpu / count:.2f}",
            ]
            rows.append([*row, f"{found[-1].resident:.1f}"])
            progress.step(f"{count:,} recipients: {p50:.2f} ms")
    head = ["recipients", "p50 ms", "p99 ms", "CPU µs", "p50 µs a recipient", "CPU µs a recipient", "RSS MiB"]
    return f"#### Recipients of a SendTemplatedMessage, 1 call in flight\n\n{table(head, rows)}"


def measure(options: Options) -> str:
    """All of it, as tables."""
    rows = len(in_flight.rows(options.quick))
    progress = Progress(rows + options.few_rounds + 2 * (options.few_rounds + 1) + len(RECIPIENTS))
    parts = (in_flight.measure, streams, accounts, recipients)
    return "\n\n".join(part(options, progress) for part in parts)
