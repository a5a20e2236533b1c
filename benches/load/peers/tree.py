"""What a gateway of several processes, and their children, has used together."""

from __future__ import annotations

import contextlib
import pathlib
import re
from collections.abc import Iterable

from programs import Program, Use, use


def family(pids: Iterable[int]) -> list[int]:
    """These processes with all that descend from them."""
    parents = {}
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may have anything in it.
            parents[int(status.parent.name)] = int(re.sub(r".*\)", "", status.read_text(), flags=re.DOTALL).split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = list(pids)
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid and child not in found]
    return found


def together(programs: Iterable[Program]) -> Use:
    """The sums over all processes; memory that they share counts for each."""
    uses = []
    for pid in family(program.process.pid for program in programs):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            uses.append(use(pid))
    return Use(sum(one.cpu for one in uses), sum(one.resident for one in uses), sum(one.peak for one in uses))
