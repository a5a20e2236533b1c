"""The charts beside benches/README.md."""

from __future__ import annotations

import matplotlib

matplotlib.use("svg")
# The same data gives the same file; text stays text, so that it can be found and is small.
matplotlib.rcParams.update({"svg.hashsalt": "smsmux", "svg.fonttype": "none", "font.family": "sans-serif"})

from matplotlib import pyplot  # noqa: E402
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator  # noqa: E402

from compare import DIRECT, Results, spread  # noqa: E402
from programs import ROOT  # noqa: E402

# Told apart also by who sees no colours: each has a mark of its own. smsmux stands out.
STYLES = {
    "smsmux": ("#0b5fa5", "o", 2.8),
    "bare": ("#555555", "s", 1.6),
    "go": ("#0f8b7a", "^", 1.6),
    "node": ("#5d8a1a", "D", 1.6),
    "python": ("#b8860b", "v", 1.6),
    DIRECT: ("#b0b0b0", "x", 1.2),
}
CHARTS = {
    "rate": ("throughput", "Calls a second", False),
    "p99": ("p99", "99 % of the calls answered within, ms", True),
    "cpu": ("cpu", "CPU of the server for a call, µs", True),
}


def draw(levels: dict[int, Results]) -> None:
    """One chart for each figure, by calls in flight."""
    names = [name for name in STYLES if any(name in results for results in levels.values())]
    for what, (file, title, logarithmic) in CHARTS.items():
        figure, axes = pyplot.subplots(figsize=(7.5, 4.2), facecolor="white")
        for name in names:
            # The vendor itself would press all others into the ground.
            if name == DIRECT and what == "rate":
                continue
            colour, mark, width = STYLES[name]
            points = [(level, results[name]) for level, results in levels.items() if name in results]
            x = [level for level, _ in points]
            y = [spread(one.of(what) for one in samples) for _, samples in points]
            order = 3 if name == "smsmux" else 2
            label = "vendor direct" if name == DIRECT else name
            axes.plot(
                x,
                [middle for middle, _, _ in y],
                color=colour,
                marker=mark,
                markersize=5,
                linewidth=width,
                label=label,
                zorder=order,
            )
            axes.fill_between(
                x, [low for _, low, _ in y], [high for _, _, high in y], color=colour, alpha=0.12, linewidth=0
            )
        axes.set_xscale("log")
        axes.set_xticks(list(levels), [f"{level:,}" for level in levels])
        axes.xaxis.set_minor_locator(NullLocator())
        plain = FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
        if logarithmic:
            axes.set_yscale("log")
            axes.yaxis.set_minor_formatter(NullFormatter())
        else:
            axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(plain)
        axes.set_xlabel("calls in flight")
        axes.set_title(title, loc="left", fontsize=11)
        axes.grid(color="#e4e4e4", linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, bbox_to_anchor=(1, 1), loc="upper left")
        figure.savefig(ROOT / f"benches/{file}.svg", bbox_inches="tight", metadata={"Date": None})
        pyplot.close(figure)
