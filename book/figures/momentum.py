"""Figures of the chapter *Momentum*."""

from collections.abc import Sequence
from statistics import median

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from book.figures.factors import LOOKS, Marks, draw_factors
from book.figures.palette import LIGHT
from book.figures.style import axes, styled


@styled
def swings(runs: dict[str, torch.Tensor]) -> Figure:
    """Draw one coordinate against the step, and its velocity against its position.

    Args:
        runs: label → shape (steps + 1,).
    """
    figure, (time, phase) = axes(1, 2, size=(7.2, 3.3))
    for ax in (time, phase):
        ax.axhline(0, color=LIGHT["muted"], lw=0.8)
    for (label, x), (colour, marker, style) in zip(runs.items(), LOOKS, strict=False):
        look = {"color": LIGHT[colour], "markersize": 3, "lw": 1.3}
        time.plot(x, marker + style, label=label, **look)
        phase.plot(x[1:], x.diff(), marker + style, **look)
    phase.plot(0, 0, "*", color=LIGHT["ink"], markersize=11)
    time.set(xlabel="step $t$", ylabel="position $x_t$")
    phase.set(xlabel="position $x_t$", ylabel=r"velocity, $x_t - x_{t-1}$")
    time.legend(loc="upper right")
    return figure


@styled
def averages(steps: torch.Tensor, smooth: dict[str, torch.Tensor]) -> Figure:
    """Draw random numbers as dots, and exponential averages of them as lines.

    Args:
        steps: shape (n,).
        smooth: label → shape (n,).
    """
    figure, ax = axes(size=(6.4, 3.4))
    ax.plot(steps, "o", color=LIGHT["muted"], markersize=2.2, alpha=0.55, label="steps drawn")
    for (label, m), (colour, _, style) in zip(smooth.items(), LOOKS, strict=False):
        ax.plot(m, style, color=LIGHT[colour], lw=1.7, label=label)
    ax.set(xlabel="step $t$", ylabel="step, and average", ylim=(-10.5, 10.5))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.17), ncols=4)
    return figure


@styled
def components(panels: dict[str, tuple[torch.Tensor, torch.Tensor]]) -> Figure:
    """Draw for each direction the gradients of a path and what the velocity makes of them.

    Args:
        panels: title → (gradient, velocity), each of shape (steps,).
    """
    figure, places = axes(1, len(panels), size=(6.8, 3))
    for ax, (title, (g, b)) in zip(places, panels.items(), strict=True):
        ax.axhline(0, color=LIGHT["muted"], lw=0.8)
        ax.plot(g, "o:", color=LIGHT["orange"], markersize=3, lw=0.8, label="gradient $g$")
        ax.plot(b, "s-", color=LIGHT["blue"], markersize=3, lw=1.3, label="velocity $b$")
        ax.set(xlabel="step $t$", title=title)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.1), ncols=2, fontsize=8)
    places[0].set(ylabel="component")
    return figure


@styled
def flat_floors(
    product: torch.Tensor, curves: dict[float, Sequence[float]], seen: dict[float, Marks]
) -> Figure:
    """Draw the factor of a step against ηλ, one curve for each μ, and dots where it was measured.

    Args:
        product: the values of ηλ, shape (n,).
        curves: μ → the factor at each of them.
        seen: μ → values of ηλ, and the factors measured there.
    """
    figure, ax = axes(size=(6.4, 3.6))
    series = {rf"$\mu$ = {mu:g}": (factor, seen[mu]) for mu, factor in curves.items()}
    draw_factors(ax, product, series, lw=1.5, markersize=5)
    ax.legend(title="lines: eigenvalues; marks: runs", loc="lower right", ncols=3)
    return figure


@styled
def phases(
    rates: torch.Tensor,
    momenta: torch.Tensor,
    factor: torch.Tensor,
    marks: dict[str, tuple[float, float]],
) -> Figure:
    """Draw the slowest factor of a valley over rate and momentum, darker where it is faster.

    Args:
        rates, momenta: shape (m,) and (n,).
        factor: shape (n, m).
        marks: label → (η, μ).
    """
    figure, ax = axes(size=(6.4, 3.8))
    levels = np.array([0.7513, 0.8, 0.85, 0.9, 0.94, 0.97, 1.0])
    shades = [to_rgba(LIGHT["accent"], alpha) for alpha in np.linspace(0.5, 0.06, len(levels) - 1)]
    ax.contourf(rates, momenta, factor, levels=levels, colors=shades)
    lines = ax.contour(
        rates, momenta, factor, levels=levels[1:], colors=LIGHT["ink"], linewidths=[0.7] * 5 + [1.8]
    )
    ax.clabel(lines, fmt="%.2f", fontsize=8)
    for (label, place), (colour, marker, _) in zip(marks.items(), LOOKS, strict=False):
        ax.plot(*place, marker, color=LIGHT[colour], markersize=8, label=label, clip_on=False, ls="none")
    ax.set(xlabel=r"learning rate $\eta$", ylabel=r"momentum $\mu$")
    ax.set(xlim=(rates[0], rates[-1]), ylim=(momenta[0], momenta[-1]))
    ax.grid(visible=False)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure


@styled
def costs(rows: dict[str, list[dict]], budgets: dict[str, int], momentum: float) -> Figure:
    """Draw steps to a training loss: against the rate at left, against the effective rate at right.

    Args:
        rows: name → rows with `method`, "sgd" or "momentum", `lr` and `steps`, one for each seed or None.
        budgets: name → steps after which a run was stopped, where the Nones are drawn.
        momentum: μ of the second method.
    """
    figure, panels = axes(len(rows), 2, size=(7.2, 2.9 * len(rows)), sharey="row")
    for (left, right), (name, some) in zip(panels, rows.items(), strict=True):
        for ax, by_effective in ((left, False), (right, True)):
            for method, look in (("sgd", LOOKS[0]), ("momentum", LOOKS[1])):
                share = 1 - momentum if by_effective and method == "momentum" else 1
                mine = [(row["lr"] / share, row["steps"]) for row in some if row["method"] == method]
                _draw_costs(ax, mine, budgets[name], look)
            ax.axhline(budgets[name], color=LIGHT["muted"], lw=0.8)
            ax.set(xscale="log", yscale="log")
        left.set(ylabel=f"{name}: steps")
        right.text(0.99, 0.9, "not reached", ha="right", transform=right.transAxes, fontsize=8)
    for (colour, marker, style), label in zip(LOOKS, ("SGD", rf"$\mu$ = {momentum:g}"), strict=False):
        panels[0, 0].plot([], [], marker + style, color=LIGHT[colour], markersize=4, label=label)
    panels[0, 0].legend(loc="lower left")
    panels[-1, 0].set(xlabel=r"learning rate $\eta$")
    panels[-1, 1].set(xlabel=r"effective rate $\eta/(1 - \mu)$")
    return figure


@styled
def brakes(lengths: dict[str, Sequence[float]], drop: int) -> Figure:
    """Draw the length of each step around a drop of the rate.

    Args:
        lengths: label → one length a step.
        drop: the first step at the lower rate.
    """
    figure, ax = axes(size=(6.4, 3.2))
    ax.axvline(drop - 0.5, color=LIGHT["muted"], lw=1, ls=":")
    for (label, values), (colour, marker, style) in zip(lengths.items(), LOOKS, strict=False):
        ax.plot(values, marker + style, color=LIGHT[colour], markersize=4, lw=1.3, label=label)
    ax.set(yscale="log", xlabel="step $t$", ylabel=r"length of the step, $\Vert x_{t+1} - x_t \Vert$")
    ax.yaxis.set_major_locator(FixedLocator([0.05, 0.1, 0.2, 0.4]))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_locator(NullLocator())
    ax.legend(loc="lower left")
    return figure


def _draw_costs(
    ax: Axes, runs: list[tuple[float, list[int | None]]], budget: int, look: tuple[str, str, str]
) -> None:
    colour, marker, style = look
    whole = []
    for rate, steps in runs:
        reached = [step for step in steps if step is not None]
        ax.plot([rate] * len(reached), reached, marker, color=LIGHT[colour], markersize=3.5)
        if len(reached) < len(steps):
            ax.plot(rate, budget, marker, color=LIGHT[colour], markersize=6, fillstyle="none")
        else:
            whole.append((rate, median(reached)))
    ax.plot(*zip(*whole, strict=True), style, color=LIGHT[colour], lw=1.2)
