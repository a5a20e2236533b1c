"""Writes what was measured into benches/README.md, between its markers, and its charts."""

from __future__ import annotations

import importlib.util
import re

import machine
from comparison import Comparison
from options import Options, command_line
from programs import ROOT, Failed

FILE = ROOT / "benches/README.md"


def check() -> None:
    """Whether all is there that is needed in the end."""
    if not importlib.util.find_spec("matplotlib"):
        raise Failed(
            'matplotlib is missing, which draws the charts: make bench ARGS="... --write" installs and uses it'
        )


def replace(section: str, text: str) -> None:
    """Writes one section anew."""
    old = FILE.read_text()
    pattern = re.compile(rf"(<!-- begin: {section} -->\n).*?(<!-- end: {section} -->)", re.DOTALL)
    new, found = pattern.subn(lambda match: f"{match[1]}{text}\n{match[2]}", old)
    if found != 1:
        raise Failed(f"{FILE.relative_to(ROOT)} has no section {section!r} between its markers")
    FILE.write_text(new)


def write_compare(found: Comparison, tables: str, targets: str, options: Options, arguments: list[str]) -> None:
    import charts  # Only here, as it needs a package.

    charts.draw({level: results for level in found.levels if (results := found.of(level))})
    replace("machine", machine.report(options.gateway, command_line(arguments)))
    replace("targets", targets)
    replace("compare", tables)


def write_at(section: str, tables: str, options: Options, arguments: list[str]) -> None:
    """Writes tables that were made at a time of their own, and says when and with what."""
    replace(section, f"{tables}\n\n{machine.stamp(options.gateway, command_line(arguments))}")
