"""Lays the pages that docs/SUMMARY.md lists out for mdBook, each where the repository has it, with the files they show. A
README.md becomes index.md, and a link to a file that is no page leads to the repository. Pages of docs/ that are not listed
come last.

Usage: stage.py ROOT REPOSITORY OUTPUT
"""

import re
import shutil
import sys
from os.path import normpath, relpath
from pathlib import Path

LINK = re.compile(r"(!?\[[^\]]*\]\()([^)\s]+)\)")
# What a page shows or opens beside pages.
ASSETS = {".svg", ".png", ".html"}


def place(page: str) -> str:
    return re.sub(r"README\.md$", "index.md", page)


class Stage:
    """The files of the repository that the site has."""

    def __init__(self, root: Path, repository: str, output: Path):
        self.root, self.repository, self.output = root, repository, output
        summary = (root / "docs/SUMMARY.md").read_text()
        listed = {normpath(link) for _, link in LINK.findall(summary)}
        others = sorted(str(page.relative_to(root / "docs")) for page in (root / "docs").rglob("*.md"))
        others = [page for page in others if page not in listed and page != "SUMMARY.md"]
        if others:
            titles = {page: (root / "docs" / page).read_text().splitlines()[0].lstrip("# ") for page in others}
            summary += "\n# More\n\n" + "".join(f"- [{title}]({page})\n" for page, title in titles.items())
        self.pages = {normpath(f"docs/{link}") for _, link in LINK.findall(summary)}
        self.write("docs/SUMMARY.md", summary, "SUMMARY.md")
        for page in self.pages:
            self.write(page, (root / page).read_text(), place(page))

    def write(self, page: str, text: str, to: str) -> None:
        folder = str(Path(to).parent)
        # Nothing in a block is a link.
        parts = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)
        parts[::2] = [LINK.sub(lambda found: self.link(page, folder, *found.groups()), part) for part in parts[::2]]
        (self.output / to).parent.mkdir(parents=True, exist_ok=True)
        (self.output / to).write_text("".join(parts))

    def link(self, page: str, folder: str, text: str, link: str) -> str:
        target, mark, heading = link.partition("#")
        if not target or "://" in target or target.startswith("mailto:"):
            return f"{text}{link})"
        target = normpath(Path(page).parent / target)
        if (self.root / target).is_dir() and f"{target}/README.md" in self.pages:
            target = f"{target}/README.md"
        if target in self.pages:
            return f"{text}{relpath(place(target), folder)}{mark}{heading})"
        if Path(target).suffix in ASSETS:
            (self.output / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.root / target, self.output / target)
            return f"{text}{relpath(target, folder)}{mark}{heading})"
        kind = "tree" if (self.root / target).is_dir() else "blob"
        return f"{text}{self.repository}/{kind}/main/{target}{mark}{heading})"


if __name__ == "__main__":
    Stage(Path(sys.argv[1]).resolve(), sys.argv[2], Path(sys.argv[3]))
