"""Figures of the chapter *Loss surfaces*."""

import math

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from book.figures.narrow import is_narrow
from book.figures.palette import LIGHT, SERIES
from book.figures.style import axes, styled
from book.figures.surface import draw_levels
from book.surfaces import Surface

STYLES = ("-", "--", "-.", ":")
MARKERS = "os^D"


def draw_lines(ax: Axes, ts: Tensor, groups: dict[str, Tensor]) -> None:
    """Draw groups of curves, one colour, dash and marker a group; the first curve of each carries the label.

    Args:
        ax: where to draw.
        ts: shape (m,).
        groups: label → shape (curves, m), or (m,) for a single curve.
    """
    for (label, curves), name, style, marker in zip(groups.items(), SERIES, STYLES, MARKERS, strict=False):
        curves = torch.atleast_2d(torch.as_tensor(curves))
        look = {"color": LIGHT[name], "ls": style, "lw": 1.3, "marker": marker, "markersize": 3.2}
        ax.plot(ts, curves.T, **look, label=[label] + [None] * (len(curves) - 1))


@styled
def along(ts: Tensor, groups: dict[str, Tensor], x: str, y: str) -> Figure:
    """Draw what was measured along straight lines, against the place on the line.

    Args:
        ts: shape (m,).
        groups: as for `draw_lines`.
        x, y: the labels of the axes.
    """
    figure, ax = axes()
    draw_lines(ax, ts, groups)
    ax.set(xlabel=x, ylabel=y)
    ax.legend()
    return figure


@styled
def side_by_side(ts: Tensor, panels: dict[str, dict[str, Tensor]], x: str, y: str) -> Figure:
    """Draw two pictures such as those of `along` beside each other, on one scale.

    Args:
        ts: shape (m,).
        panels: title → groups.
        x, y: the labels of the axes.
    """
    figure, row = axes(1, len(panels), size=(6.8, 3.3), sharey=True)
    for ax, (title, groups) in zip(row, panels.items(), strict=True):
        draw_lines(ax, ts, groups)
        ax.set(title=title, xlabel=x)
        ax.legend()
    row[0].set_ylabel(y)
    return figure


@styled
def scaled_relu(ks: tuple[float, ...] = (2.0, -1.0)) -> Figure:
    """Draw relu(kz) and k relu(z) for each k."""
    z = torch.linspace(-2, 2, 41)
    figure, row = axes(1, len(ks), size=(6.4, 2.8))
    for ax, k in zip(row, ks, strict=True):
        ax.plot(z, torch.relu(k * z), color=LIGHT["blue"], lw=3.4, alpha=0.5, label=r"$\mathrm{relu}(kz)$")
        ax.plot(z, k * torch.relu(z), "--", color=LIGHT["orange"], label=r"$k\,\mathrm{relu}(z)$")
        ax.set(title=f"$k$ = {k:g}", xlabel="$z$")
        ax.legend()
    row[0].set_ylabel("output")
    return figure


@styled
def plateaus(histories: dict[str, list[float]], level: float) -> Figure:
    """Draw the loss against the step, on a logarithmic axis, until it is three quarters of the level.

    Args:
        histories: label → the loss of each step.
        level: ln of the number of classes, drawn as a line.
    """
    figure, ax = axes()
    for (label, losses), name, style in zip(histories.items(), SERIES, STYLES, strict=False):
        end = next((step for step, loss in enumerate(losses, start=1) if loss < 0.75 * level), len(losses))
        # every step at first, then ever fewer: enough for a logarithmic axis
        steps = torch.logspace(0, math.log10(end), 120, dtype=torch.float64).round().long().unique()
        ax.semilogx(steps, torch.tensor(losses)[steps - 1], style, color=LIGHT[name], lw=1.4, label=label)
    ax.axhline(level, color=LIGHT["muted"], lw=0.8)
    ax.annotate(r"$\ln 10$", (1, level), (0, 4), textcoords="offset points", color=LIGHT["muted"])
    ax.set(xlabel="step", ylabel="loss of the batch", ylim=(1.3, 2.9))
    ax.legend()
    return figure


@styled
def level_plane(reach: Tensor, heights: Tensor) -> Figure:
    """Draw the level lines of a slice by a plane; the centre is marked.

    Args:
        reach: shape (m,), the steps along both directions.
        heights: shape (m, m), as `book.training.surface.landscape.plane` gives them.
    """
    figure, ax = axes(size=(5.0, 4.2))
    a, b = torch.meshgrid(reach, reach, indexing="xy")
    draw_levels(ax, a, b, heights)
    lines = ax.contour(a, b, heights, levels=[0.2, 0.5, 1, 2, 3], colors=LIGHT["blue"], linewidths=1.1)
    ax.clabel(lines, fmt="%g", fontsize=8)
    ax.plot(0, 0, "*", color=LIGHT["orange"], markersize=12)
    ax.set(xlabel="step along the first direction", ylabel="step along the second direction", aspect="equal")
    return figure


@styled
def way_to_the_minimum(surface: Surface, point: Tensor, downhill: Tensor) -> Figure:
    """Draw a bowl, the steepest way down from a point, and the way to the minimum.

    Args:
        surface: with n = 2 and its minimum at the origin.
        point: shape (2,).
        downhill: shape (2,), of any length: the direction of steepest descent there.
    """
    figure, ax = axes(size=(6.4, 2.9))
    draw_levels(ax, *surface.grid(61))
    arrow = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.006}
    steepest = 0.8 * downhill / downhill.norm()
    ways = {
        "blue": (-point, "to the minimum", point / 2, (0, 16), "center"),
        "orange": (steepest, "steepest descent", point + steepest, (0, -8), "right"),
    }
    for name, (step, label, place, offset, side) in ways.items():
        ax.quiver(*point, *step, color=LIGHT[name], **arrow)
        ax.annotate(label, place, offset, textcoords="offset points", ha=side, va="center", color=LIGHT[name])
    ax.plot(0, 0, "*", color=LIGHT["ink"], markersize=11)
    ax.plot(*point, "o", color=LIGHT["ink"], markersize=5)
    across = (-0.6, 2.3) if is_narrow() else surface.box[0]
    ax.set(xlabel="$x$", ylabel="$y$", xlim=across, ylim=(-0.9, 0.9), aspect="equal")
    return figure


@styled
def angles(kappas: Tensor, formula: Tensor, scanned: Tensor, typical: Tensor) -> Figure:
    """Draw the angle between the steepest way down and the way to the minimum against κ.

    Args:
        kappas, formula, scanned: shape (m,): the worst angle by the formula and as found, in degrees.
        typical: shape (3, m): least, median and largest angle over random starts.
    """
    figure, ax = axes()
    ax.semilogx(kappas, formula, color=LIGHT["orange"], label="worst, by the formula")
    ax.semilogx(kappas, scanned, "o", color=LIGHT["orange"], markersize=5, label="worst, scanned")
    ax.semilogx(
        kappas, typical[1], "s--", color=LIGHT["blue"], markersize=4, label="random starts, 100 dimensions"
    )
    ax.fill_between(kappas, typical[0], typical[2], color=LIGHT["blue"], alpha=0.15, lw=0)
    ax.set(
        xlabel=r"condition number $\kappa$", ylabel="angle, degrees", ylim=(0, 92), yticks=range(0, 91, 15)
    )
    ax.legend(loc="lower right")
    return figure


@styled
def by_width(widths: list[int], losses: Tensor) -> Figure:
    """Draw the final loss of each seed against the width, and the spread, itself and as a share of the mean.

    Args:
        widths: of the hidden layer.
        losses: shape (widths, seeds).
    """
    figure, (left, right) = axes(1, 2, size=(6.8, 3.3))
    mean, spread = losses.mean(1), losses.std(1)
    left.loglog(widths, mean, color=LIGHT["blue"], lw=1.2)
    left.loglog(widths, losses, "o", color=LIGHT["blue"], markersize=3)
    left.set(xlabel="hidden units", ylabel="final training loss", title="each seed, and the mean")
    right.loglog(widths, spread, "s--", color=LIGHT["orange"], markersize=4, label="standard deviation")
    right.loglog(
        widths, spread / mean, "^-", color=LIGHT["green"], markersize=4, label="its share of the mean"
    )
    right.set(xlabel="hidden units", ylabel="spread over seeds", title="spread", ylim=(2e-4, 0.15))
    right.legend(loc="lower left")
    for ax in (left, right):
        ax.set_xscale("log", base=2)
    return figure
