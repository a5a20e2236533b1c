"""`rules`: what a store, the spend guard and a route add to the instructions of one SendMessage.

The store is in memory: what a disk takes is another question, which `store` answers. Whoever has a store has the list of
people who opted out, too."""

from __future__ import annotations

import statistics

import counting
import messages
from options import Options
from say import Progress, table

NAME = "front"
MEMORY = 'path = ":memory:"'
QUIET = '[guard]\nmode = "off"\n'
GENEROUS = "[guard]\n" + "".join(
    f"{limit} = 60000\n" for limit in ("number_per_10_minutes", "number_per_day", "prefix_per_10_minutes")
) + 'same_text = "0s"\n'
"""Its limits are out of reach, as they are of nearly all sends: here all go to one number."""
ROUTE = f"""
[accounts.{NAME}]
vendor = "route"
rules = [{{ use = ["bench"] }}]
"""

VARIANTS = {
    "a store in memory, the spend guard off": counting.Setup(store=MEMORY, more=QUIET),
    "and the spend guard": counting.Setup(store=MEMORY, more=GENEROUS),
    "and a route in front of the account": counting.Setup(store=MEMORY, more=GENEROUS + ROUTE, request=messages.send_by(NAME)),
}
"""Each with all of those before it."""

ROUNDS = 3
"""What a store does beside the calls makes one count differ from the next by half a percent."""


def measure(options: Options) -> str:
    """A row for each of them, beside the one before it."""
    variants = {"no store": counting.Setup(), **VARIANTS}
    progress = Progress(2 * len(variants) * ROUNDS)
    found: dict[str, list[int]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, setup in variants.items():
            found[name].append(counting.of_one_call("smsmux", "plain", options.gateway, progress.step, setup))
    rows, before = [], 0
    for name, counts in found.items():
        median = statistics.median(counts)
        more = f"{median / before - 1:+.1%}" if before else ""
        rows.append([name, f"{median:,}", f"{min(counts):,} to {max(counts):,}", more])
        before = median
    return table(["smsmux with", "instructions", "least and most", "more than before"], rows)
