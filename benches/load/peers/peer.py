"""A gateway beside which smsmux is measured, and how it is asked to send."""

from __future__ import annotations

import dataclasses
import pathlib
import string
from collections.abc import Callable

from programs import ROOT, TARGET, TOOLS, Failed, Program, Programs, Use
from peers import door, tree

FILES = ROOT / "benches/peers"
VENVS = TOOLS / "bench"
GET = TARGET / "baselines/release/get"


@dataclasses.dataclass
class Peer:
    """A running gateway and the stub of its vendor."""

    programs: list[Program]
    vendor: Program
    send: Callable[[int, int], door.Door]
    """Makes so many calls, so many at a time."""

    def use(self) -> Use:
        return tree.together(self.programs)

    def forget_logs(self) -> None:
        for program in self.programs:
            program.forget_log()


def fill_in(programs: Programs, template: str, name: str, **values: object) -> pathlib.Path:
    """Writes a configuration from its template; `$folder` is one of the peer's own."""
    folder = programs.folder / name
    folder.mkdir(exist_ok=True)
    file = folder / template
    text = (FILES / template).read_text()
    file.write_text(string.Template(text).substitute(folder=folder, **values))
    return file


def needed(path: pathlib.Path | None, peer: str, what: str) -> pathlib.Path:
    """What must have been installed."""
    if path is None or not path.exists():
        raise Failed(f"{peer} is not installed: {what} is missing; benches/peers/install.sh {peer} installs it")
    return path
