"""What the project has set itself, and whether it is met."""

from __future__ import annotations

import sys

from compare import DIRECT, ratio, spread
from compare import JUDGED as AT
from comparison import Comparison
from instructions import Recorded
from programs import PROTOCOLS
from say import GREEN, RED, coloured, table
from say import spread as text

ADDED = 1.1


def rows(comparison: Comparison, recorded: Recorded) -> list[tuple[str, str, bool]]:
    """Each target that there are figures for: what it is, the figure, and whether it is met."""
    found: list[tuple[str, str, bool]] = []

    def against(name: str, target: str, what: str, limit: float = 1, protocol: str = "plain") -> None:
        results = comparison.of(AT, protocol)
        if "smsmux" in results and name in results:
            figures = ratio(results["smsmux"], results[name], what)
            found.append((target, text(figures, 3), figures[0] >= limit if what == "rate" else figures[0] <= limit))

    for protocol, what in PROTOCOLS.items():
        against("bare", f"calls/s at {AT} in flight at least 1.0 of bare's, {what}", "rate", protocol=protocol)
        against("bare", f"CPU a call at {AT} in flight at most 1.0 of bare's, {what}", "cpu", protocol=protocol)
    against("go", f"calls/s at {AT} in flight more than Go's", "rate")
    against("python", f"calls/s at {AT} in flight at least 5 times Python's", "rate", 5)
    against("node", f"calls/s at {AT} in flight at least 3 times Node's", "rate", 3)
    one = comparison.of(1)
    if "smsmux" in one and "bare" in one:
        rounds = zip(one["smsmux"], one["bare"], one[DIRECT], strict=True)
        added = spread((ours.p50 - vendor.p50) / (bare.p50 - vendor.p50) for ours, bare, vendor in rounds)
        target = f"what the p50 at 1 in flight adds to the vendor's own at most {ADDED} of what bare's adds"
        found.append((target, text(added, 3), added[0] <= ADDED))
    found.append(("memory before the first call at most 15 MiB", f"{comparison.idle:.1f} MiB", comparison.idle <= 15))
    found.append(("ready in at most 100 ms", f"{comparison.ready:.0f} ms", comparison.ready <= 100))
    for protocol, cost in recorded.items():
        figures = f"{cost.smsmux:,} of {cost.bare:,}: {cost.smsmux / cost.bare:.2f}"
        target = f"instructions of a call at most bare's, {PROTOCOLS[protocol]}"
        found.append((target, figures, cost.smsmux <= cost.bare))
    return found


def targets(comparison: Comparison, recorded: Recorded, colours: bool) -> str:
    """The table."""

    def met(is_met: bool) -> str:
        word = "yes" if is_met else "no"
        return coloured(word.rjust(3), GREEN if is_met else RED, sys.stdout) if colours else word

    found = rows(comparison, recorded)
    return table(["target", "figure", "met"], [(target, figures, met(is_met)) for target, figures, is_met in found])
