"""What is said while it runs, and how tables look."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Sequence
from typing import TextIO

GREEN, RED, FAINT = "32", "31", "2"


def coloured(text: str, colour: str, stream: TextIO = sys.stdout) -> str:
    """In a colour, where somebody looks."""
    return f"\033[{colour}m{text}\033[0m" if stream.isatty() and "NO_COLOR" not in os.environ else text


class Progress:
    """Says on stderr what runs, and how long the rest will take if it goes on like this."""

    def __init__(self, steps: int) -> None:
        self.steps, self.done, self.begun = steps, 0, time.monotonic()

    def step(self, text: str) -> None:
        """One step has ended."""
        self.done += 1
        self.steps = max(self.steps, self.done)
        left = (time.monotonic() - self.begun) / self.done * (self.steps - self.done)
        rest = f"{left / 60:.0f} min left" if left >= 90 else f"{left:.0f} s left"
        place = coloured(f"[{self.done}/{self.steps}, {rest}]", FAINT, sys.stderr)
        print(f"{place} {text}", file=sys.stderr, flush=True)


def note(text: str) -> None:
    """Something that who runs this should know."""
    print(text, file=sys.stderr, flush=True)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], words: bool = False) -> str:
    """A table in Markdown that reads as well in a terminal: names and words to the left, figures to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]

    def text(line: Sequence[str]) -> str:
        cells = (
            cell.rjust(w) if i and not words else cell.ljust(w)
            for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        return f"| {' | '.join(cells)} |"

    rule = "|".join("-" * (w + 2) if i == 0 or words else "-" * (w + 1) + ":" for i, w in enumerate(widths))
    return "\n".join([text(lines[0]), f"|{rule}|", *map(text, lines[1:])])


def figure(value: float) -> str:
    """Three digits that count, and never an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(of: tuple[float, float, float], digits: int = 2) -> str:
    """A median with its quartiles."""
    median, first, third = (f"{value:.{digits}f}" for value in of)
    return f"{median} [{first}..{third}]"
