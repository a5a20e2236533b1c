"""`compare`: smsmux beside the vendor itself, a bare pass-through, and the same job in other languages."""

from __future__ import annotations

import dataclasses
import pathlib
import statistics
import time
from collections.abc import Callable

import compare
from compare import DIRECT, Results, median, ratio
from options import Options
from programs import Program, Programs
from say import Progress, figure, spread, table

STARTS = 10
FREE_IN_FLIGHT = (64, 256)
JUDGED = 64
"""Calls in flight at which throughput is judged: the server is busy, and nothing waits for long."""
ENOUGH = 0.9
"""The share of its core that a server takes then, when no other program wants it."""


@dataclasses.dataclass
class Comparison:
    """What was measured."""

    levels: dict[int, Results]
    """By calls in flight, each server with a core of its own."""
    free: dict[int, Results]
    """The same with nothing pinned; what can use two cores does."""
    ready: float
    """Milliseconds from start to open port."""
    idle: float
    """MiB before the first call."""


def starts(gateway: pathlib.Path, vendor: Program, cores: str | None, accounts: int = 1) -> tuple[float, float]:
    """Milliseconds until it is ready and MiB while it does nothing: the medians of several starts."""
    ready, idle = [], []
    for _ in range(STARTS):
        with Programs() as programs:
            smsmux = programs.smsmux(vendor, cores, accounts, gateway)
            ready.append(smsmux.ready * 1000)
            time.sleep(0.2)
            idle.append(smsmux.use().resident / 2**20)
    return statistics.median(ready), statistics.median(idle)


def before(options: Options) -> dict[str, pathlib.Path]:
    """The other smsmux binaries, by the names that they have in the tables."""
    return {f"before-{i}" if i > 1 else "before": path for i, path in enumerate(options.baseline, 1)}


def measure(options: Options) -> Comparison:
    """All runs."""
    others = [name for name in options.only if name != "smsmux"]
    binaries = ({"smsmux": options.gateway} if "smsmux" in options.only else {}) | before(options)
    shown = {"smsmux": options.gateway, "bare": None, "go": None}
    free_names = [name for name in shown if name in options.only] if not options.free else []
    free_levels = [level for level in FREE_IN_FLIGHT if level in options.in_flight] if free_names else []
    rounds = options.rounds + 1
    steps = len(options.in_flight) * (1 + len(others) + len(binaries)) * rounds
    progress = Progress(steps + len(free_levels) * len(free_names) * rounds + 1)

    def said(prefix: str) -> Callable[[str], None]:
        return lambda text: progress.step(prefix + text)

    levels, free = {}, {}
    with Programs() as programs:
        vendor = programs.vendor(options.rest)
        ready, idle = starts(options.gateway, vendor, options.server)
        progress.step(f"ready in {ready:.0f} ms, {idle:.1f} MiB")
        # The vendor that is measured itself is another one, with a core for itself like all that is measured.
        servers = {DIRECT: programs.vendor(options.server)}
        if "bare" in others:
            servers["bare"] = programs.baseline("bare", vendor, options.server)
        servers |= {name: programs.smsmux(vendor, options.server, 1, path) for name, path in binaries.items()}
        servers |= {n: programs.baseline(n, vendor, options.server) for n in others if n != "bare"}
        for level in options.in_flight:
            levels[level] = compare.interleaved(servers, level, options.rounds, options.rest, said(""), options.quick)
    if free_levels:
        with Programs() as programs:
            vendor = programs.vendor()
            servers = {}
            for name in free_names:
                arguments = ["--workers", "2"] if name == "bare" else []
                servers[name] = (
                    programs.smsmux(vendor, binary=options.gateway)
                    if name == "smsmux"
                    else programs.baseline(name, vendor, arguments=arguments)
                )
            for level in free_levels:
                free[level] = compare.interleaved(servers, level, options.rounds, None, said("free, "), options.quick)
    return Comparison(levels, free, ready, idle)


def level_table(results: Results, cores: bool) -> str:
    """One table: the medians, and the ratios pair by pair to the pass-through."""
    yard = results.get("bare")
    head = ["server", "calls/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs a call"]
    head += ["core busy"] if cores else []
    head += ["RSS MiB"] + (["calls/s ÷ bare's", "CPU ÷ bare's", "p99 ÷ bare's"] if yard else [])
    rows = []
    for name, samples in results.items():
        row = [name, *(figure(median(samples, what)) for what in ("rate", "p50", "p99", "p999", "cpu"))]
        if cores:
            busy = statistics.median(one.rate * one.cpu / 1e6 for one in samples)
            row.append(f"{min(busy, 1):.0%}")
        row.append(f"{median(samples, 'resident'):.1f}")
        if yard:
            compared = name not in (DIRECT, "bare")
            row += [spread(ratio(samples, yard, what)) if compared else "" for what in ("rate", "cpu", "p99")]
        rows.append(row)
    return table(head, rows)


def disturbed(results: Results) -> str | None:
    """What to know of figures that were taken while something else ran."""
    for name, samples in results.items():
        busy = statistics.median(one.rate * one.cpu / 1e6 for one in samples)
        if name in ("bare", "smsmux") and busy < ENOUGH:
            return f"{name} had only {busy:.0%} of its core: something else ran on this machine. Measure again."
    return None


def calls(level: int) -> str:
    return f"{level:,} call{'s' if level > 1 else ''} in flight"


def tables(comparison: Comparison, options: Options) -> str:
    """All tables."""
    text = []
    for level, results in comparison.levels.items():
        text += [f"#### {calls(level)}", level_table(results, cores=not options.free)]
    for level, results in comparison.free.items():
        text += [f"#### {calls(level)}, nothing pinned, two threads each", level_table(results, cores=False)]
    if other := before(options):
        rows = []
        for level, results in comparison.levels.items():
            if "smsmux" not in results:
                continue
            for name in other:
                ratios = [spread(ratio(results["smsmux"], results[name], what)) for what in ("rate", "cpu", "p99")]
                rows.append([f"{level:,} in flight, smsmux ÷ {name}", *ratios])
        text += ["#### Before and after", table(["pairs", "calls/s", "CPU a call", "p99"], rows)]
    return "\n\n".join(text)
