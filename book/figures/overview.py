"""Figures of the chapter *Which way, and how far*."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from matplotlib.figure import Figure

from book.figures.looks import LOOKS
from book.figures.narrow import WIDTH, is_narrow
from book.figures.palette import LIGHT
from book.figures.style import axes, styled
from book.figures.surface import draw_levels
from book.optim.methods import METHODS, ROOT
from book.surfaces import Surface

# Places in the family tree (column, row), and heights on the line of years. Row 1 answers "which way", row −1
# "how far", row 0 both. A method that a chapter teaches has a place here.
PLACES = {
    ROOT: (0, 0),
    "SGD": (1, 0),
    "Momentum": (2, 1),
    "Nesterov": (3, 1),
    "AdaGrad": (2, -1),
    "RMSProp": (3, -1),
    "AdaDelta": (4, -1),
    "Adam": (4, 0),
    "AdamW": (5, 0),
}
HEIGHTS = {"Momentum": 2, "AdaGrad": 2, "RMSProp": -1, "AdaDelta": -2, "Adam": 3, "AdamW": 4}


class Member(NamedTuple):
    """Of the family: the year, what it adds, and from whom it comes."""

    year: int
    adds: str
    parents: tuple[str, ...]


def family() -> dict[str, Member]:
    """Gradient descent (Cauchy, 1847) and the methods that a chapter teaches, in the order of the years.

    Examples:
        >>> family()["Adam"]
        Member(year=2014, adds='both averages', parents=('Momentum', 'RMSProp'))
    """
    taught = {name: method for name, method in METHODS.items() if method.chapter}
    root = {ROOT: Member(1847, "−g", ())}
    return root | {name: Member(m.year, m.adds, m.parents) for name, m in taught.items()}


@styled
def race(surface: Surface, paths: dict[str, torch.Tensor], points: int = 18) -> Figure:
    """Draw one path a panel, all on the same surface.

    Args:
        surface: with n = 2; its minima are marked by stars.
        paths: label → shape (steps + 1, 2), eight of them.
        points: grid points a side.
    """
    figure, panels = axes(2, 4, size=(7.6, 4.0), sharex=True, sharey=True)
    everywhere = torch.cat([*paths.values(), torch.tensor(surface.minima)])
    low, high = everywhere.amin(0) - 0.2, everywhere.amax(0) + 0.2
    seen = replace(surface, box=tuple(zip(low.tolist(), high.tolist(), strict=True)))
    for ax, (label, path) in zip(panels.flat, paths.items(), strict=True):
        draw_levels(ax, *seen.grid(points), levels=5)
        ax.plot(*path.T, ".-", color=LIGHT["orange"], markersize=3, lw=1, markevery=3)
        ax.plot(*surface.minima[0], "*", color=LIGHT["ink"], markersize=9)
        ax.set(title=label, xlim=seen.box[0], ylim=seen.box[1])
    figure.supxlabel("$x$", fontsize=10)
    figure.supylabel("$y$", fontsize=10)
    return figure


@styled
def family_tree() -> Figure:
    """Draw which method took what from which: columns in the order of the years, rows by the question."""
    figure, ax = axes(size=(7.6, 3.9), narrow=(WIDTH, 5.6))
    places = {
        name: (row, -column) if is_narrow() else (column, row) for name, (column, row) in PLACES.items()
    }
    colours = {1: "blue", 0: "ink", -1: "orange"}
    boxes = {}
    for name, (year, adds, _) in family().items():
        row = PLACES[name][1]
        x, y = places[name]
        style = {"boxstyle": "round,pad=0.35", "facecolor": LIGHT["paper"], "lw": 1.2}
        text = {"ha": "center", "va": "center"}
        edge = style | {"edgecolor": LIGHT[colours[row]]}
        boxes[name] = ax.text(x, y, f"{name}\n{year}", fontsize=9, bbox=edge, **text).get_bbox_patch()
        caption = text | {"color": LIGHT["muted"], "zorder": 4, "backgroundcolor": LIGHT["paper"]}
        ax.text(x, y + (0.45 if row > 0 and not is_narrow() else -0.45), adds, fontsize=8, **caption)
    for name, (_, _, parents) in family().items():
        for parent in parents:
            arrow = {"arrowstyle": "-|>", "color": LIGHT["muted"], "lw": 1.1, "shrinkA": 1, "shrinkB": 1}
            curve = "arc3,rad=-0.4" if name == "AdaDelta" else "arc3"
            ends = {"patchA": boxes[parent], "patchB": boxes[name], "connectionstyle": curve}
            ax.annotate("", places[name], places[parent], arrowprops=arrow | ends)
    for row, words in ((1, "which way"), (-1, "how far")):
        place = (row, -0.5) if is_narrow() else (-0.5, row)
        side = "center" if is_narrow() else "left"
        ax.text(*place, words, fontsize=10, style="italic", color=LIGHT[colours[row]], va="center", ha=side)
    ax.set(xlim=(-0.55, 5.5), ylim=(-1.6, 1.6))
    if is_narrow():
        ax.set(xlim=(-1.5, 1.5), ylim=(-5.7, 0.4))
    ax.axis("off")
    return figure


@styled
def timeline(since: int = 1840, until: int = 2020) -> Figure:
    """Draw the years of the methods to scale."""
    figure, ax = axes(size=(7.6, 2.6), narrow=(7.6, 2.6))
    ax.axhline(0, color=LIGHT["muted"], lw=1.2)
    for name, (year, *_) in family().items():
        height = HEIGHTS.get(name, 1)
        ax.plot([year, year], [0, height], color=LIGHT["muted"], lw=0.7)
        ax.plot(year, 0, "o", color=LIGHT["accent"], markersize=5)
        side = "right" if year > 2000 else "center"
        back = {"facecolor": LIGHT["paper"], "edgecolor": "none", "pad": 1.5}
        ax.text(year, height, f"{name} {year}", ha=side, va="center", fontsize=8.5, bbox=back)
    ax.set(xlim=(since, until), ylim=(-2.6, 4.6), xlabel="year", yticks=[])
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False)
    return figure


@styled
def first_steps(entries: torch.Tensor, lengths: dict[str, torch.Tensor], labels: Sequence[str]) -> Figure:
    """Draw how far the first step moves an entry, against the size of its gradient.

    Args:
        entries: sizes of gradient entries, shape (n,).
        lengths: a name in `LOOKS` → shape (n,).
        labels: of these methods, in their order.
    """
    figure, ax = axes(size=(6.4, 3.8))
    for (name, values), label in zip(lengths.items(), labels, strict=True):
        ax.loglog(entries, values, **LOOKS[name].line, markersize=4.5, lw=1.4, markevery=2, label=label)
    ax.set(xlabel="size of the gradient's entry", ylabel="length of the first step")
    ax.legend(loc="upper left", ncols=2, fontsize=8)
    return figure
