"""Figures of the chapter *The speedrun*: eigenvalues of patches, schedules, what each trick buys."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from torch import Tensor

from book.figures.palette import LIGHT
from book.figures.style import axes, styled


@styled
def spectra(lines: dict[str, Tensor]) -> Figure:
    """Draw eigenvalues from the largest to the smallest, one line of dots for each matrix.

    Args:
        lines: label → eigenvalues, positive, descending, shape (n,).
    """
    figure, ax = axes(size=(6.4, 3.2))
    for (label, values), colour, marker in zip(
        lines.items(), ("blue", "orange", "green"), "os^", strict=False
    ):
        places = range(1, len(values) + 1)
        ax.plot(places, values, f"{marker}-", color=LIGHT[colour], markersize=5, lw=1, label=label)
    ranks = range(1, max(map(len, lines.values())) + 1)
    ax.set(xlabel="eigenvalue, from the largest on", ylabel="its size", yscale="log", xticks=ranks)
    ax.legend()
    return figure


@styled
def schedules(share: Sequence[float], panels: dict[str, Sequence[float]]) -> Figure:
    """Draw what changes over a run, one panel each.

    Args:
        share: of the steps that are done, from 0 to 1.
        panels: title → the value at each share.
    """
    figure, places = axes(1, len(panels), size=(6.4, 2.6))
    for ax, (title, values) in zip(places, panels.items(), strict=True):
        ax.plot(share, values, color=LIGHT["blue"])
        ax.set(xlabel="share of the steps", ylim=(0, 1.08 * max(values)))
        ax.set_xticks((0, 0.25, 0.5, 0.75, 1), ("0", "", "0.5", "", "1"))
        ax.set_title(title, fontsize=9.5)
    return figure


@styled
def differences(panels: dict[str, dict[str, tuple[float, float]]]) -> Figure:
    """Draw differences of accuracy with their intervals, one row a trick, one panel a table.

    Args:
        panels: title → name → mean and half the width of the interval, in points; the same names in each.
    """
    names = list(next(iter(panels.values())))
    figure, places = axes(1, len(panels), size=(7.0, 0.24 * len(names) + 1.0), sharey=True)
    for ax, (title, rows) in zip(places, panels.items(), strict=True):
        for place, name in enumerate(names):
            mean, half = rows[name]
            clear = abs(mean) > half
            colour = LIGHT["orange" if clear else "muted"]
            ax.errorbar(mean, place, xerr=half, fmt="o" if clear else ".", color=colour, lw=1.3, ms=5)
        ax.axvline(0, color=LIGHT["ink"], lw=0.9)
        ax.set(xlabel="points of accuracy", ylim=(len(names) - 0.5, -0.5))
        ax.set_title(title, fontsize=9.5)
        ax.grid(visible=False, axis="y")
    places[0].set_yticks(range(len(names)), names)
    return figure
