"""`http2`: a slow vendor that allows few streams on one HTTP/2 connection.

As many calls are at the vendor as its streams allow. What waits for one shows here, and what becomes of calls that never
get one: they must not be taken for calls that the vendor may have acted on."""

from __future__ import annotations

import statistics

import h2load
import vendor
from options import Options
from programs import PROTOCOLS, Programs
from say import Progress, figure, table

LEVELS = (256, 1_000)
ROWS = (("smsmux", "tls"), ("smsmux", "http2"), ("bare", "http2"))
WAVES, QUICK_WAVES = 8, 3
"""How often as many calls are made as are in flight."""
ROUNDS = 3
HEAD = ("server", "vendor with", "in flight", "calls/s", "ideal", "p50 ms", "p99 ms", "failed", "resets", "look-ups")


def measure_one(name: str, protocol: str, level: int, options: Options) -> dict[str, float]:
    """One run, with processes of its own."""
    with Programs() as programs:
        limit = ["--streams", str(options.streams)]
        stub = programs.vendor(options.rest, options.delay, protocol, limit)
        if name == "bare":
            server = programs.baseline(name, stub, options.server)
        else:
            server = programs.smsmux(stub, options.server, binary=options.gateway)
        # The login, and how long a body is.
        first = h2load.load(server.url, 64, 64, options.rest)
        waves = QUICK_WAVES if options.quick else WAVES
        run = h2load.load(server.url, waves * level, level, options.rest, strict=False)
        steady, counts = run.without(level, level), vendor.counts(stub)
        return {
            "rate": steady.rate,
            "p50": steady.percentile(50),
            "p99": steady.percentile(99),
            "failed": run.failures(first),
            "resets": counts.abandoned,
            "lookups": counts.lookups,
            "connections": counts.connections,
        }


def measure(options: Options) -> str:
    """The table."""
    rounds = min(options.rounds, ROUNDS)
    progress = Progress(rounds * len(LEVELS) * len(ROWS))
    rows = []
    for level in LEVELS:
        found: dict[tuple[str, str], list[dict[str, float]]] = {row: [] for row in ROWS}
        for _ in range(rounds):
            for name, protocol in ROWS:
                one = measure_one(name, protocol, level, options)
                found[name, protocol].append(one)
                progress.step(f"{level:>6} in flight, {protocol}, {name}: {one['rate']:,.0f} calls/s")
        for (name, protocol), runs in found.items():
            middle = {what: statistics.median(run[what] for run in runs) for what in runs[0]}
            counted = (f"{middle[what]:,.0f}" for what in ("failed", "resets", "lookups", "connections"))
            ideal = f"{level / options.seconds:,.0f}" if options.seconds else ""
            figures = (figure(middle[what]) for what in ("p50", "p99"))
            rows.append([name, PROTOCOLS[protocol], f"{level:,}", figure(middle["rate"]), ideal, *figures, *counted])
    title = f"#### {options.streams} streams a connection, at a vendor that takes {options.delay}"
    return f"{title}\n\n{table([*HEAD, 'connections'], rows)}"
