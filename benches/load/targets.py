"""What the project has set itself, and whether it is met."""

from __future__ import annotations

import sys

from compare import DIRECT, ratio, spread
from comparison import JUDGED as AT
from comparison import Comparison
from instructions import Recorded
from say import GREEN, RED, coloured, table
from say import spread as text


def rows(comparison: Comparison, recorded: Recorded | None) -> list[tuple[str, str, bool]]:
    """Each target that there are figures for: what it is, the figure, and whether it is met."""
    found: list[tuple[str, str, bool]] = []
    results = comparison.levels.get(AT, {})
    ours = results.get("smsmux")

    def against(name: str, target: str, what: str, least: float) -> None:
        if ours and name in results:
            figures = ratio(ours, results[name], what)
            found.append((target, text(figures, 3), figures[0] >= least if what == "rate" else figures[0] <= least))

    against("bare", f"calls/s at {AT} in flight at least 1.0 of bare's", "rate", 1)
    against("bare", f"CPU a call at {AT} in flight at most 1.0 of bare's", "cpu", 1)
    against("go", f"calls/s at {AT} in flight more than Go's", "rate", 1)
    against("python", f"calls/s at {AT} in flight at least 5 times Python's", "rate", 5)
    against("python", f"calls/s at {AT} in flight at least 15 times Python's (design)", "rate", 15)
    against("node", f"calls/s at {AT} in flight at least 3 times Node's", "rate", 3)
    one = comparison.levels.get(1, {})
    if "smsmux" in one:
        added = spread(a.p50 - b.p50 for a, b in zip(one["smsmux"], one[DIRECT], strict=True))
        found.append(
            ("p50 at 1 in flight at most 0.2 ms over the vendor's own", f"{text(added, 3)} ms", added[0] <= 0.2)
        )
    found.append(("memory before the first call at most 15 MiB", f"{comparison.idle:.1f} MiB", comparison.idle <= 15))
    found.append(("ready in at most 100 ms", f"{comparison.ready:.0f} ms", comparison.ready <= 100))
    if recorded and recorded.bare:
        figures = f"{recorded.smsmux:,} of {recorded.bare:,}: {recorded.smsmux / recorded.bare:.2f}"
        found.append(("instructions of a call at most bare's", figures, recorded.smsmux <= recorded.bare))
    return found


def targets(comparison: Comparison, recorded: Recorded | None, colours: bool) -> str:
    """The table."""

    def met(is_met: bool) -> str:
        word = "yes" if is_met else "no"
        return coloured(word.rjust(3), GREEN if is_met else RED, sys.stdout) if colours else word

    found = rows(comparison, recorded)
    return table(["target", "figure", "met"], [(target, figures, met(is_met)) for target, figures, is_met in found])
