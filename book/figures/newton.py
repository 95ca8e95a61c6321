"""Figures of the chapter *Newton's method*."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
from torch import Tensor

from book.figures.narrow import is_narrow
from book.figures.palette import LIGHT, SERIES
from book.figures.style import axes, styled
from book.figures.surface import draw_levels
from book.surfaces import Surface

STYLES = ("-", "--", "-.", ":")
MARKERS = "os^D"


@styled
def feet(curve: tuple[Tensor, Tensor], points: Sequence[tuple[float, ...]] = (), at: float = 0.0) -> Figure:
    """Draw a curve with a dot on it, and under some dots the parabola with its lowest point.

    Args:
        curve: x and f(x), shape (k,) each.
        points: (x, f, slope, curvature) of each parabola.
        at: where the dot is, if no parabola is drawn.
    """
    figure, ax = axes(size=(6.4, 3.6))
    x, heights = curve
    ax.plot(x, heights, color=LIGHT["blue"], lw=2.4, label="$f$")
    for number, (place, value, slope, bend) in enumerate(points):
        name = SERIES[1 + number]
        parabola = value + slope * (x - place) + bend / 2 * (x - place) ** 2
        ax.plot(x, parabola, STYLES[1 + number], color=LIGHT[name], lw=1.5, label=f"parabola at {place:.3g}")
        lowest = place - slope / bend
        ax.plot(place, value, "o", color=LIGHT[name], markersize=8)
        ax.plot(lowest, value - slope**2 / (2 * bend), "v", color=LIGHT[name], markersize=8)
    if not points:
        index = int((x - at).abs().argmin())
        ax.plot(x[index], heights[index], "o", color=LIGHT["orange"], markersize=8)
    ax.set(xlabel="$x$", ylabel="height", ylim=(0.3, 2.2))
    ax.legend(loc="upper center")
    return figure


@styled
def digits(curves: dict[str, Sequence[float]]) -> Figure:
    """Draw the correct digits against the step; where they double, the line is straight.

    Args:
        curves: label → −log₁₀ of the error after each step, from the start on.
    """
    figure, ax = axes(size=(6.4, 3.8))
    for (label, values), name, style, marker in zip(curves.items(), SERIES, STYLES, MARKERS, strict=False):
        ax.plot(range(len(values)), values, marker + style, color=LIGHT[name], markersize=5, label=label)
    ax.set_yscale("log", base=2)
    ticks = [0.25, 1, 4, 16, 64]
    ax.yaxis.set_major_locator(FixedLocator(ticks))
    ax.yaxis.set_major_formatter(FixedFormatter([f"{tick:g}" for tick in ticks]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set(xlabel="step", ylabel="correct digits", ylim=(0.1, 160))
    ax.legend(loc="upper left")
    return figure


@styled
def basins(surface: Surface, panels: dict[str, Tensor], critical: dict[str, Tensor]) -> Figure:
    """Draw for each start of a grid where a method ends.

    Args:
        surface: with n = 2.
        panels: title → shape (rows, columns): the negative eigenvalues where it ends, 3 where it does not.
        critical: "minimum", "saddle", "maximum" → shape (k, 2).
    """
    figure, row = axes(1, len(panels), size=(7.0, 3.9), sharex=True, sharey=True)
    shades = [LIGHT["sky"], LIGHT["orange"], LIGHT["pink"], LIGHT["rule"]]
    for ax, (title, kinds) in zip(row, panels.items(), strict=True):
        for kind, shade in enumerate(shades):
            ax.add_patch(PathPatch(_cells(kinds == kind, surface), color=shade, alpha=0.55, lw=0))
        for (label, places), marker in zip(critical.items(), "*X^", strict=True):
            ax.plot(*places.T, marker, color=LIGHT["ink"], markersize=8, ls="", label=label)
        ax.grid(visible=False)
        ax.set(title=title, xlabel="$x$", xlim=surface.box[0], ylim=surface.box[1])
    row[0].set_ylabel("$y$")
    marks, labels = row[0].get_legend_handles_labels()
    areas = [Patch(color=shade, alpha=0.55) for shade in shades[:3]]
    keys = [(*marks, *areas), (*labels, *(f"ends in a {label}" for label in labels))]
    order = range(6) if is_narrow() else (0, 3, 1, 4, 2, 5)  # wide, a colour stands below its mark
    keys = [[part[i] for i in order] for part in keys]
    figure.legend(*keys, loc="outside lower center", ncols=2 if is_narrow() else 3)
    return figure


def _cells(inside: Tensor, surface: Surface) -> Path:
    """The cells of a grid that are true, as one outline: the theme can give it another colour."""
    (left, right), (low, high) = surface.box
    x, y = np.linspace(left, right, inside.shape[1] + 1), np.linspace(low, high, inside.shape[0] + 1)
    runs = []
    for bottom, top, row in zip(y, y[1:], inside.int().tolist(), strict=False):
        ends = np.flatnonzero(np.diff([0, *row, 0])).reshape(-1, 2)  # where each run begins and ends
        runs += [[(x[a], bottom), (x[b], bottom), (x[b], top), (x[a], top), (x[a], bottom)] for a, b in ends]
    return Path.make_compound_path(*(Path(run, closed=True) for run in runs))


@styled
def directions(surface: Surface, start: Tensor, steps: dict[str, Tensor]) -> Figure:
    """Draw several steps from one point on a saddle.

    Args:
        surface: with n = 2.
        start: shape (2,).
        steps: label → shape (2,).
    """
    figure, ax = axes(size=(6.2, 4.4))
    draw_levels(ax, *surface.grid(60))
    for (label, step), name in zip(steps.items(), SERIES[1:], strict=False):
        ax.annotate(
            "",
            xy=(start + step).tolist(),
            xytext=start.tolist(),
            arrowprops={"arrowstyle": "-|>", "color": LIGHT[name], "lw": 2.2, "mutation_scale": 14},
        )
        ax.plot([], [], color=LIGHT[name], lw=2.2, label=label)
    ax.plot(*start, "o", color=LIGHT["ink"], markersize=8)
    ax.plot(0, 0, "X", color=LIGHT["ink"], markersize=9, label="saddle")
    ax.set(xlabel="$x$", ylabel="$y$")
    if is_narrow():
        ax.legend(loc="lower right", fontsize=8)
    else:
        figure.legend(loc="outside right upper")
    return figure


@styled
def walls(rows: Sequence[dict], alone: dict) -> Figure:
    """Draw the seconds of a gradient, of the Hessian and of the solution against n, both axes logarithmic.

    Args:
        rows: of the stored result, each with n and the three times.
        alone: n and the time of the solution beyond them.
    """
    figure, ax = axes(size=(6.4, 3.8))
    n = torch.tensor([row["n"] for row in rows])
    for what, name, marker, style in zip(
        ("gradient", "Hessian", "solution"), SERIES, MARKERS, STYLES, strict=False
    ):
        seconds = [row[what] for row in rows]
        places = n.tolist()
        if what == "solution":
            seconds, places = [*seconds, alone["solution"]], [*places, alone["n"]]
        ax.plot(places, seconds, marker + style, color=LIGHT[name], markersize=5, label=what)
    ax.set(xscale="log", yscale="log", xlabel="weights $n$", ylabel="processor seconds")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_locator(NullLocator())
    places = [row["n"] for row in rows] + [alone["n"]]
    ax.set_xticks(
        places[::2] if is_narrow() else places, [f"{p:,}" for p in (places[::2] if is_narrow() else places)]
    )
    ax.legend(loc="upper left")
    return figure


@styled
def costs(curves: dict[str, tuple[Sequence[float], Sequence[float]]]) -> Figure:
    """Draw the loss against the steps, and against what the steps cost, counted in gradients.

    Args:
        curves: label → the loss before each step, and the gradients that were computed until then.
    """
    figure, (left, right) = axes(1, 2, size=(7.0, 3.5), sharey=True)
    for (label, (losses, spent)), name, style in zip(curves.items(), SERIES, STYLES, strict=False):
        left.plot(range(1, len(losses) + 1), losses, style, color=LIGHT[name], label=label)
        right.plot(spent[: len(losses)], losses, style, color=LIGHT[name], label=label)
    for ax, what in ((left, "steps"), (right, "gradients and products")):
        ax.set(xscale="log", xlabel=what, yscale="log")
        ax.yaxis.set_minor_locator(NullLocator())
    left.set_ylabel("loss above the lowest")
    right.legend(loc="lower left")
    return figure
