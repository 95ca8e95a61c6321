"""Figures of the chapter *Natural gradient*."""

import math

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from book.figures.factors import LOOKS
from book.figures.palette import LIGHT
from book.figures.style import axes, styled

Bell = tuple[float, float]


@styled
def bells(pairs: dict[str, tuple[Bell, Bell]]) -> Figure:
    """Draw two normal densities in each panel.

    Args:
        pairs: title → the mean and the standard deviation of both.
    """
    figure, panels = axes(1, len(pairs), size=(6.8, 2.7))
    for ax, (title, pair) in zip(panels, pairs.items(), strict=True):
        reach = 3 * max(σ for _, σ in pair) + 0.5
        y = torch.linspace(0.5 - reach, 0.5 + reach, 400)
        for (μ, σ), (name, _, style) in zip(pair, LOOKS, strict=False):
            density = (-((y - μ) ** 2) / (2 * σ**2)).exp() / (σ * math.sqrt(2 * math.pi))
            ax.plot(y, density, style, color=LIGHT[name], label=rf"$\mu$ = {μ:g}")
            ax.fill_between(y, density, color=LIGHT[name], alpha=0.12, lw=0)
        ax.set(title=title, xlabel="$y$", yticks=[], ylim=(0, None))
    panels[0].set(ylabel="density")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


@styled
def scales(μ: Tensor, σ: Tensor, fields: list[Tensor], centres: list[Bell], level: float) -> Figure:
    """Draw around some models all that are equally far in KL; at left over σ, at right over log σ.

    Args:
        μ, σ: the grid, shape (n,) and (m,), with equal steps in log σ.
        fields: for each centre the divergence from it at every point, shape (m, n).
        centres: mean and standard deviation of each.
        level: the divergence of the rings.
    """
    figure, panels = axes(1, 2, size=(6.8, 3.6))
    for ax, heights, label in zip(panels, (σ, σ.log()), (r"$\sigma$", r"$\log\,\sigma$"), strict=True):
        for field, (m, s) in zip(fields, centres, strict=True):
            ax.contour(μ, heights, field, levels=[level], colors=[LIGHT["blue"]], linewidths=1.5)
            ax.plot(m, s if heights is σ else math.log(s), ".", color=LIGHT["ink"], markersize=4)
        ax.set(xlabel=r"$\mu$", ylabel=label)
    return figure


@styled
def paths(μ: Tensor, σ: Tensor, loss: Tensor, panels: dict[str, dict[str, Tensor]]) -> Figure:
    """Draw paths over the level lines of a loss, in one panel for each method.

    Args:
        μ, σ: the grid, shape (n,) and (m,).
        loss: shape (m, n).
        panels: title → label → the path, shape (steps + 1, 2).
    """
    figure, boxes = axes(1, len(panels), size=(7.2, 3.9), sharey=True)
    for ax, (title, runs) in zip(boxes, panels.items(), strict=True):
        _draw_loss(ax, μ, σ, loss)
        for number, (label, path) in enumerate(runs.items()):
            colour, marker, _ = LOOKS[number]
            look = {"lw": 5 - 1.8 * number, "alpha": 0.8, "markersize": 9 - 2 * number}
            every = max(1, len(path) // 9)
            ax.plot(*path.T, "-", marker=marker, markevery=every, color=LIGHT[colour], label=label, **look)
        ax.plot(*next(iter(runs.values()))[0], "o", color=LIGHT["ink"], markersize=7)
        ax.plot(0, 1, "*", color=LIGHT["ink"], markersize=12)
        ax.set(title=title, xlabel=r"$\mu$")
    boxes[0].set(ylabel=r"$\sigma$")
    figure.legend(*boxes[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(runs))
    return figure


@styled
def curves(panels: dict[str, dict[str, Tensor]]) -> Figure:
    """Draw quantities against the step, each in a panel of its own, on logarithmic axes.

    Args:
        panels: what is measured → label → shape (steps,).
    """
    figure, boxes = axes(1, len(panels), size=(3.4 * len(panels) + (2.8 if len(panels) == 1 else 0), 3.2))
    for ax, (measured, runs) in zip(boxes if len(panels) > 1 else [boxes], panels.items(), strict=True):
        for (label, values), (colour, marker, style) in zip(runs.items(), LOOKS, strict=False):
            look = {"markevery": max(1, len(values) // 8), "markersize": 4, "color": LIGHT[colour]}
            ax.plot(values, style, marker=marker, label=label, **look)
        ax.set(yscale="log", xlabel="step", ylabel=measured)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.legend(loc="best")
    return figure


def _draw_loss(ax: Axes, μ: Tensor, σ: Tensor, loss: Tensor) -> None:
    least = float(loss.min())
    levels = [least + 0.02 * 2**k for k in range(10)]
    ax.contour(μ, σ, loss, levels=levels, colors=[LIGHT["muted"]], linewidths=0.6, alpha=0.7)
    ax.set(xlim=(float(μ[0]), float(μ[-1])), ylim=(float(σ[0]), float(σ[-1])))
