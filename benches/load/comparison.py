"""`compare`: smsmux beside the vendor itself, a bare pass-through, and the same job in other languages."""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
import statistics
import time

import compare
from compare import DIRECT, JUDGED, Key, Results, median, ratio
from options import Options
from programs import PROTOCOLS, Program, Programs
from say import Progress, figure, spread, table

STARTS = 10
FREE = ("smsmux", "bare", "go")
FREE_IN_FLIGHT = (64, 256)
NO_HTTP2 = {"python"}
"""aiohttp speaks HTTP/1.1 only."""
ENOUGH = 0.9
"""The share of its core that a server takes then, when no other program wants it."""


@dataclasses.dataclass
class Comparison:
    """What was measured."""

    levels: dict[int, dict[str, Results]]
    """By calls in flight and the vendor's protocol, each server with a core of its own."""
    free: dict[int, Results]
    """The same with nothing pinned; what can use two cores does."""
    ready: float
    """Milliseconds from start to open port."""
    idle: float
    """MiB before the first call."""

    def of(self, level: int, protocol: str = "plain") -> Results:
        """What was measured there, or nothing."""
        return self.levels.get(level, {}).get(protocol, {})


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


def fleet(programs: Programs, protocol: str, options: Options) -> dict[Key, Program]:
    """All that is measured, each at a vendor that speaks this protocol."""
    vendor = programs.vendor(options.rest, protocol=protocol)
    # The vendor that is measured itself is another one, with a core for itself like all that is measured.
    servers = {DIRECT: programs.vendor(options.server, protocol=protocol)}
    others = [name for name in options.only if name != "smsmux" and not (protocol == "http2" and name in NO_HTTP2)]
    if "bare" in others:
        servers["bare"] = programs.baseline("bare", vendor, options.server)
    binaries = ({"smsmux": options.gateway} if "smsmux" in options.only else {}) | before(options)
    servers |= {name: programs.smsmux(vendor, options.server, 1, path) for name, path in binaries.items()}
    servers |= {name: programs.baseline(name, vendor, options.server) for name in others if name != "bare"}
    return {(protocol, name): program for name, program in servers.items()}


def measure(options: Options) -> Comparison:
    """All runs."""
    free_names = [name for name in FREE if name in options.only] if not options.free else []
    free_levels = [level for level in FREE_IN_FLIGHT if level in options.in_flight] if free_names else []
    rounds = options.rounds + 1
    levels: dict[int, dict[str, Results]] = {}
    free: dict[int, Results] = {}
    with Programs() as programs:
        vendor = programs.vendor(options.rest)
        ready, idle = starts(options.gateway, vendor, options.server)
        fleets = {protocol: fleet(programs, protocol, options) for protocol in options.vendor}
        # Where throughput is judged all protocols take their turns, elsewhere the first one does.
        plan = {
            level: [fleets[one] for one in (options.vendor if level == JUDGED else options.vendor[:1])]
            for level in options.in_flight
        }
        steps = sum(len(servers) for fleets in plan.values() for servers in fleets) * rounds
        progress = Progress(steps + len(free_levels) * len(free_names) * rounds + 1)
        progress.step(f"ready in {ready:.0f} ms, {idle:.1f} MiB")
        for level, some in plan.items():
            servers = {key: program for one in some for key, program in one.items()}
            found = compare.interleaved(servers, level, options.rounds, options.rest, progress.step, options.quick)
            levels[level] = {}
            for (protocol, name), samples in found.items():
                levels[level].setdefault(protocol, {})[name] = samples
    if free_levels:
        with Programs() as programs:
            vendor = programs.vendor()
            servers = {}
            for name in free_names:
                arguments = ["--workers", "2"] if name == "bare" else []
                servers["plain", name] = (
                    programs.smsmux(vendor, binary=options.gateway)
                    if name == "smsmux"
                    else programs.baseline(name, vendor, arguments=arguments)
                )
            for level in free_levels:
                found = compare.interleaved(
                    servers, level, options.rounds, None, lambda text: progress.step(f"free, {text}"), options.quick
                )
                free[level] = {name: samples for (_, name), samples in found.items()}
    return Comparison(levels, free, ready, idle)


def level_table(results: Results, cores: bool) -> str:
    """One table: the medians, and the ratios pair by pair to the pass-through."""
    yard = results.get("bare")
    head = ["server", "calls/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs a call"]
    head += ["core busy"] if cores else []
    head += ["RSS MiB"] + (["calls/s ÷ bare's", "CPU ÷ bare's", "p99 ÷ bare's"] if yard else [])
    rows = []
    for name, samples in results.items():
        row = [name, *(figure(median(samples, what)) for what in ("rate", "p50", "p99"))]
        row += [figure(compare.pooled(samples, 99.9)), figure(median(samples, "cpu"))]
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


def protocol_table(protocols: dict[str, Results]) -> str:
    """What another protocol of the vendor changes, for each server."""
    rows = []
    for theirs, ours in itertools.pairwise(protocols):
        for name in protocols[ours]:
            pair = protocols[ours][name], protocols[theirs][name]
            ratios = [spread(ratio(*pair, what)) for what in ("rate", "cpu", "p99")]
            rows.append([f"{name}, {PROTOCOLS[ours]} ÷ {PROTOCOLS[theirs]}", *ratios])
    return table(["pairs", "calls/s", "CPU a call", "p99"], rows)


def tables(comparison: Comparison, options: Options) -> str:
    """All tables."""
    text = []
    for level, protocols in comparison.levels.items():
        for protocol, results in protocols.items():
            title = f"#### {calls(level)}, a vendor with {PROTOCOLS[protocol]}"
            text += [title, level_table(results, cores=not options.free)]
        if len(protocols) > 1:
            text += [f"#### {calls(level)}, the protocols beside each other", protocol_table(protocols)]
    for level, results in comparison.free.items():
        text += [f"#### {calls(level)}, nothing pinned, two threads each", level_table(results, cores=False)]
    if other := before(options):
        rows = []
        for level, protocols in comparison.levels.items():
            for protocol, results in protocols.items():
                for name in other if "smsmux" in results else []:
                    ratios = [spread(ratio(results["smsmux"], results[name], what)) for what in ("rate", "cpu", "p99")]
                    rows.append([f"{level:,} in flight, {protocol}, smsmux ÷ {name}", *ratios])
        text += ["#### Before and after", table(["pairs", "calls/s", "CPU a call", "p99"], rows)]
    return "\n\n".join(text)
