"""Figures of *Momentum* on many curvatures: a picture restored, a root, a zone out of reach, noise."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from torch import Tensor

from book.figures.factors import LOOKS
from book.figures.images import GAP, mosaic
from book.figures.narrow import is_narrow
from book.figures.palette import LIGHT
from book.figures.style import axes, styled


@styled
def restored(grid: Tensor, names: Sequence[str], steps: Sequence[int]) -> Figure:
    """Draw what a picture looks like after some steps, one row for each method.

    Args:
        grid: uint8, shape (methods, times, C, H, W).
        names: titles of the rows.
        steps: the times.
    """
    figure, panels = axes(len(names), 1, size=(7.2, 2.0 if is_narrow() else 3.2), sharex=True)
    wide = grid.shape[-1] + GAP
    for ax, row, name in zip(panels, grid, names, strict=True):
        ax.imshow(mosaic(row[None]), interpolation="nearest", aspect="auto")
        ax.set_xticks([column * wide + wide / 2 for column in range(len(steps))], steps)
        ax.set_yticks([])
        ax.tick_params(length=0)
        ax.set_title(name)
        ax.grid(visible=False)
        ax.spines[:].set_visible(False)
    panels[-1].set(xlabel="step $t$")
    return figure


@styled
def steps_by_condition(
    kappas: Sequence[float],
    seen: dict[str, Sequence[int]],
    predicted: dict[str, Sequence[float]],
    losses: dict[str, Tensor],
) -> Figure:
    """Draw the steps needed against the condition number, and the loss step by step in the narrowest valley.

    Args:
        kappas: the condition numbers.
        seen: label → steps counted, drawn as marks.
        predicted: the same labels → steps by formula, drawn as lines.
        losses: the same labels → the loss over its start, shape (steps + 1,).
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.4))
    for (label, steps), (colour, marker, style) in zip(seen.items(), LOOKS, strict=False):
        left.plot(kappas, predicted[label], style, color=LIGHT[colour], lw=1.2)
        left.plot(kappas, steps, marker, color=LIGHT[colour], markersize=6)
        left.plot([], [], marker + style, color=LIGHT[colour], markersize=6, label=label)
        right.plot(losses[label], style, color=LIGHT[colour], lw=1.6)
    left.set(xscale="log", yscale="log", xlabel=r"condition number $\kappa$", ylabel="steps to a millionth")
    left.legend()
    right.axhline(1, color=LIGHT["ink"], lw=0.9)
    right.set(yscale="log", xlabel="step $t$", ylabel="loss over its start")
    right.set_title(rf"$\kappa$ = {kappas[-1]}")
    return figure


@styled
def reach(share: Tensor, left: dict[str, Tensor], bound: Tensor) -> Figure:
    """Draw how far the links of a chain have come, and the distance that no method goes below.

    Args:
        share: x over its value at the minimum, shape (steps + 1, n).
        left: label → the distance over that at the start, shape (steps + 1,).
        bound: the least that can be left, shape (steps + 1,).
    """
    figure, (links, distances) = axes(1, 2, size=(7.6, 3.7))
    _reach(links, share)
    for (label, curve), (colour, _, style) in zip(left.items(), LOOKS, strict=False):
        distances.plot(curve, style, color=LIGHT[colour], lw=2, label=label)
    low = float(bound[-1]) / 8
    distances.plot(bound, color=LIGHT["ink"], lw=1.2)
    distances.fill_between(range(len(bound)), bound, low, color=LIGHT["orange"], alpha=0.16, lw=0)
    distances.text(0.06, 0.13, "no sum of gradients\ncomes here", transform=distances.transAxes, fontsize=10)
    distances.set(yscale="log", xlabel="step $t$", ylim=(low, 3), xlim=(0, len(bound) - 1))
    distances.set_title("distance left")
    distances.legend(loc="lower center", bbox_to_anchor=(0.5, 1.1), ncols=2, fontsize=8.5)
    return figure


def _reach(ax: Axes, share: Tensor) -> None:
    steps, n = share.shape[0] - 1, share.shape[1]
    shades = LinearSegmentedColormap.from_list("share", [LIGHT["paper"], LIGHT["blue"]])
    ax.imshow(share.T, cmap=shades, vmin=0, vmax=1, aspect="auto", extent=(-0.5, steps + 0.5, n + 0.5, 0.5))
    edge = np.arange(-0.5, n + 0.6)
    ax.fill_between(edge, edge + 1, n + 0.5, step="post", color=LIGHT["orange"], alpha=0.16, lw=0)
    ax.step(edge, edge + 1, where="post", color=LIGHT["orange"], lw=1.8)
    ax.text(0.05, 0.08, "not reached yet", fontsize=10, transform=ax.transAxes)
    ax.set(xlabel="step $t$", ylabel="link", xlim=(-0.5, steps + 0.5), ylim=(n + 0.5, 0.5))
    ax.set_title("momentum (darker: nearer its goal)")
    ax.grid(visible=False)


@styled
def two_phases(panels: dict[str, dict[str, Tensor]], over: Sequence[int]) -> Figure:
    """Draw the loss with noise as a sum: what is left of the start, and what the noise has added.

    Args:
        panels: title → {"from the start": …, "from the noise": …, "both, measured": …}, shape (steps + 1,).
        over: for each panel the step from which the noise is the larger part.
    """
    figure, places = axes(1, len(panels), size=(7.4, 3.4), sharey=True)
    for ax, (title, curves), step in zip(places, panels.items(), over, strict=True):
        _two_phases(ax, curves, step)
        ax.set(xlabel="step $t$", yscale="log", title=title)
    low = min(float(curves["from the noise"][2]) for curves in panels.values())
    places[0].set(ylabel="mean loss", ylim=(low, None))
    handles, labels = places[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


def _two_phases(ax: Axes, curves: dict[str, Tensor], step: int) -> None:
    for (label, curve), (colour, _, style) in zip(curves.items(), LOOKS, strict=False):
        width = 3.2 if style == "-." else 1.6
        alpha = 0.4 if style == "-." else 1.0
        ax.plot(curve, style, color=LIGHT[colour], lw=width, alpha=alpha, label=label)
    ax.axvline(step, color=LIGHT["muted"], lw=1, ls=":")


@styled
def eigenpolynomials(x: Tensor, shapes: Tensor, curvatures: Sequence[float], points: Tensor) -> Figure:
    """Draw the polynomial that each eigenvector of a regression stands for, the most robust first.

    Args:
        x: shape (n,).
        shapes: shape (n, directions).
        curvatures: one for each direction.
        points: where the data lie, shape (N,).
    """
    columns = (len(curvatures) + 1) // 2
    figure, panels = axes(2, columns, size=(7.4, 3.6), sharex=True, sharey=True)
    for ax in panels.flat[len(curvatures) :]:
        ax.set_axis_off()
    for ax, shape, curvature in zip(panels.flat, shapes.T, curvatures, strict=False):
        ax.axhline(0, color=LIGHT["muted"], lw=0.8)
        ax.plot(x, shape, color=LIGHT["blue"], lw=1.6)
        ax.plot(points, torch.zeros_like(points), "|", color=LIGHT["orange"], markersize=8)
        ax.set_title(
            rf"$\lambda$ = {np.format_float_positional(curvature, 1, fractional=False, trim='-')}",
            fontsize=10,
        )
    for ax in panels[-1]:
        ax.set(xlabel="$s$")
    return figure


@styled
def early_stopping(
    t: Tensor, errors: dict[str, Tensor], x: Tensor, fits: dict[str, Tensor], data: tuple[Tensor, Tensor]
) -> Figure:
    """Draw errors against the step, and the polynomials of some steps among the data.

    Args:
        t: the steps, shape (k,).
        errors: label → shape (k,).
        x: shape (n,).
        fits: label → shape (n,).
        data: inputs and targets, shape (N,) each.
    """
    figure, (left, right) = axes(1, 2, size=(7.4, 3.4))
    for (label, values), (colour, _, style) in zip(errors.items(), LOOKS, strict=False):
        left.plot(t, values, style, color=LIGHT[colour], label=label)
    left.set(xscale="log", yscale="log", xlabel="step $t$", ylabel="root mean square error")
    left.legend(loc="upper left")
    right.plot(*data, "o", color=LIGHT["ink"], markersize=4)
    for (label, values), (colour, _, style) in zip(fits.items(), LOOKS[1:], strict=False):
        right.plot(x, values, style, color=LIGHT[colour], label=label)
    right.set(xlabel="input $s$", ylabel="output", ylim=(-2.2, 2.2))
    right.legend(loc="lower right")
    return figure
