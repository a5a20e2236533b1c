"""Of `scale`: many calls that wait for a vendor that takes a second, and the memory of each."""

from __future__ import annotations

import pathlib
import re
import time

import h2load
from options import Options
from programs import PROTOCOLS, Programs
from say import Progress, figure, table

PLAIN = (1_000, 2_500, 5_000, 10_000)
HTTP2 = (1_000, 10_000)
WAVES, QUICK_WAVES = 12, 4
"""How often as many calls are made as are in flight: so many seconds at best."""
ENOUGH = 20_000
"""Streams of a connection that carries all calls."""
USUAL = 128
"""nginx' default."""
FEW_PORTS_LEFT = 15_000
"""Of the 28,000 that a system has for connections to one address."""
HEAD = ("server", "vendor with", "in flight", "calls/s", "ideal", "p50 ms", "p99 ms", "all first ones ms", "failed")

Row = tuple[str, str, int, int]
"""A server, the vendor's protocol, the streams of one connection, and the calls in flight."""


def rows(quick: bool) -> list[Row]:
    """What is measured."""
    plain, http2 = (PLAIN[:1], HTTP2[:1]) if quick else (PLAIN, HTTP2)
    found = [("smsmux", "plain", ENOUGH, level) for level in plain] + [("bare", "plain", ENOUGH, plain[-1])]
    found += [("smsmux", "http2", ENOUGH, level) for level in http2] + [("smsmux", "http2", USUAL, http2[-1])]
    # Its client has one connection, and with few streams would take minutes.
    return [*found, ("bare", "http2", ENOUGH, http2[-1])]


def wait_for_ports() -> None:
    """Closed connections hold their ports for a minute: with too many of them the next ones would fail."""
    for _ in range(90):
        closed = re.search(r"tw (\d+)", pathlib.Path("/proc/net/sockstat").read_text())
        if not closed or int(closed.group(1)) < FEW_PORTS_LEFT:
            return
        time.sleep(1)


def measure_one(row: Row, options: Options) -> tuple[list[str], int]:
    """A row of the table, and the most memory there ever was."""
    name, protocol, streams, level = row
    wait_for_ports()
    # A new process for each, as memory that was used once may stay with it.
    with Programs() as programs:
        vendor = programs.vendor(options.rest, "1s", protocol, ["--streams", str(streams)])
        if name == "bare":
            server = programs.baseline(name, vendor, options.server)
        else:
            server = programs.smsmux(vendor, options.server, binary=options.gateway)
        # The login, and what the first calls need.
        first = h2load.load(server.url, 64, 64, options.rest)
        before = server.use()
        calls = level * (QUICK_WAVES if options.quick else WAVES)
        run = h2load.load(server.url, calls, level, options.rest, strict=False)
        after = server.use()
    # At first all calls come at once, each with a connection to make; at the end fewer and fewer are in flight.
    steady = run.without(2 * level, level)
    each = (after.peak - before.resident) / level / 1024
    limited = f", {streams} streams a connection" if protocol == "http2" and streams < ENOUGH else ""
    text = [name, f"{PROTOCOLS[protocol]}{limited}", f"{level:,}", figure(steady.rate), f"{level:,}"]
    text += [f"{steady.percentile(50):,.0f}", f"{steady.percentile(99):,.0f}", f"{run.answered(level):,.0f}"]
    text += [f"{run.failures(first):,}", f"{before.resident / 2**20:.1f}", f"{after.peak / 2**20:.1f}", f"{each:.1f}"]
    return [*text, figure((after.cpu - before.cpu) / run.calls * 1e6)], after.peak


def measure(options: Options, progress: Progress) -> str:
    """The table, and what each further call takes."""
    lines, peaks = [], {}
    for row in rows(options.quick):
        line, peaks[row] = measure_one(row, options)
        lines.append(line)
        progress.step(f"{line[0]}, {line[1]}, {line[2]} in flight: {line[3]} calls/s, {line[11]} KiB a call")
    said = table([*HEAD, "RSS before MiB", "RSS at most MiB", "KiB a call", "CPU µs a call"], lines)
    further = []
    for protocol in ("plain", "http2"):
        ours = [row for row in peaks if row[:3] == ("smsmux", protocol, ENOUGH)]
        few, many = ours[0], ours[-1]
        if few != many:
            each = (peaks[many] - peaks[few]) / (many[3] - few[3]) / 1024
            met = "met" if each < 40 else "not met"
            further.append(f"{each:.1f} KiB with {PROTOCOLS[protocol]} (less than 40 is the target, which is {met})")
    if further:
        said += f"\n\nFrom {PLAIN[0]:,} to {PLAIN[-1]:,} in flight each further call took smsmux {', '.join(further)}."
    return f"#### Calls in flight, at a vendor that takes 1 s\n\n{said}"
