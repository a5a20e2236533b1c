"""`push`: how long it takes from a vendor's push to the message of whoever watches the events, at a steady rate, beside the
time of a flush of the disk: the push is answered, and its event handed out, when it is flushed."""

from __future__ import annotations

import json
import statistics
import subprocess

import h2load
import stores
from options import Options
from programs import KEY, ROOT, TOOLS, Failed, Program, Programs, free_port
from say import Progress, figure, table

ACCOUNT = "pushing"
TOKEN = "0123456789abcdef0123456789abcdef"
COUNT, QUICK_COUNT = 500, 50
RATE = 50
"""Pushes a second."""
ROUNDS = 3
LIMIT = 5
"""Milliseconds over the flush that the target allows the median."""
HEAD = (
    "store",
    "pushes",
    "flush p50 ms",
    "answered p50 ms",
    "answered p99 ms",
    "watcher p50 ms",
    "watcher p99 ms",
    "watcher p50 - flush ms",
    "met",
)


def section(vendor: Program, port: int) -> str:
    """A port for pushes, and an account of a vendor that pushes."""
    return f"""
[webhooks]
listen = "127.0.0.1:{port}"

[accounts.{ACCOUNT}]
vendor = "lox24"
base_url = "{vendor.url}"
token = "1:a"
webhook_tokens = ["{TOKEN}"]
poll = false
"""


def push(server: Program, port: int, options: Options) -> dict[str, list[float]]:
    """One run: the milliseconds of each push."""
    count = QUICK_COUNT if options.quick else COUNT
    line = [str(TOOLS / "bench/python/bin/python"), str(ROOT / "benches/load/pusher.py")]
    line += ["--target", f"127.0.0.1:{server.port}", "--key", KEY, "--account", ACCOUNT]
    line += ["--url", f"http://127.0.0.1:{port}/{ACCOUNT}/{TOKEN}", "--count", str(count), "--rate", str(RATE)]
    pinned = ["taskset", "-c", options.rest] if options.rest else []
    done = subprocess.run([*pinned, *line], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"the pushes failed:\n{done.stderr}")
    found: dict[str, list[float]] = json.loads(done.stdout)
    return found


def one_store(name: str, store: str, programs: Programs, options: Options, progress: Progress) -> list[str]:
    """A row of the table."""
    port, vendor = free_port(), programs.vendor(options.rest)
    more = section(vendor, port)
    server = programs.smsmux(vendor, options.server, binary=options.gateway, store=store, more=more)
    flushes: list[float] = []
    found: dict[str, list[float]] = {"answered": [], "arrived": []}
    for number in range(1 if options.quick else min(options.rounds, ROUNDS)):
        flushes.append(stores.flush_time(programs.folder))
        for what, took in push(server, port, options).items():
            found[what].extend(took)
        flushes.append(stores.flush_time(programs.folder))
        progress.step(f"{name}, round {number + 1}: {statistics.median(found['arrived']):.2f} ms")
    server.stop()
    # Without a flush none is waited for.
    flush = 0.0 if "process" in store else statistics.median(flushes)
    answered, arrived = (sorted(found[what]) for what in ("answered", "arrived"))
    added = statistics.median(arrived) - flush
    percentiles = [figure(h2load.percentile(of, percent)) for of in (answered, arrived) for percent in (50, 99)]
    return [name, f"{len(arrived):,}", figure(flush), *percentiles, figure(added), "yes" if added <= LIMIT else "no"]


def measure(options: Options) -> str:
    """The table."""
    with Programs() as programs:
        kinds = {name: store for name, store in stores.stores(programs).items() if name != stores.OFF}
        progress = Progress(len(kinds) * (1 if options.quick else min(options.rounds, ROUNDS)))
        rows = [one_store(name, store, programs, options, progress) for name, store in kinds.items()]
    title = f"#### From a push to its watcher, {RATE} pushes a second"
    target = f"The target is a p50 of at most a flush and {LIMIT} ms."
    return f"{title}\n\n{table(HEAD, rows)}\n\n{target}"
