"""Figures of the chapter *Momentum*: one direction, the factor of a step, steps to a loss."""

from collections.abc import Sequence
from statistics import median

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from book.figures.factors import Marks
from book.figures.labels import name_at
from book.figures.narrow import is_narrow
from book.figures.palette import LIGHT
from book.figures.style import axes, styled

DESCENT, BALL = ("orange", "o", "-"), ("blue", "s", "-")
BY_MEMORY = (DESCENT, ("sky", "^", "-"), BALL)  # no μ, some, much
WIDE = 7.4  # inches


@styled
def components(panels: dict[str, tuple[torch.Tensor, torch.Tensor]]) -> Figure:
    """Draw for each direction the gradients of a path as dots, and what the velocity makes of them as bars.

    Args:
        panels: title → (gradient, velocity), each of shape (steps,).
    """
    figure, places = axes(1, len(panels), size=(WIDE, 3.3))
    for ax, (title, (g, b)) in zip(places, panels.items(), strict=True):
        seen = range(1, len(b) + 1)
        ax.bar(seen, b, width=0.72, color=LIGHT["blue"], alpha=0.7, lw=0)
        ax.plot(seen, g, "o", color=LIGHT["orange"], markersize=3.6)
        ax.axhline(0, color=LIGHT["muted"], lw=0.8)
        ax.set(
            xlabel="gradients so far, $t$",
            title=title,
            ylim=(-1.15 * max(-min(b.min(), g.min()), 0) - 0.5, None),
        )
        ax.grid(visible=False, axis="x")
        ax.set(xlim=(-1, 1.32 * len(b)))
        for name, values, colour in (("velocity $b_t$", b, "blue"), ("gradient $g_{t-1}$", g, "orange")):
            name_at(ax, name, (len(b) + 1, float(values[-2:].max())), colour)
    return figure


@styled
def swings(runs: dict[float, torch.Tensor], rests: dict[float, int]) -> Figure:
    """Draw one coordinate against the step, and its velocity against its position.

    Args:
        runs: μ → shape (steps + 1,).
        rests: μ → the step from which it is at rest.
    """
    figure, (time, phase) = axes(1, 2, size=(WIDE, 3.6))
    for ax in (time, phase):
        ax.axhline(0, color=LIGHT["muted"], lw=0.8)
    for row, ((mu, x), (colour, _, _)) in enumerate(zip(runs.items(), BY_MEMORY, strict=True)):
        time.plot(x, color=LIGHT[colour], lw=2)
        phase.plot(x[1:], x.diff(), "o-", color=LIGHT[colour], markersize=2.4, lw=1.4)
        words = rf"$\mu$ = {mu:g}: at rest from step {rests[mu]}"
        name_at(time, words, (0.3, 0.94 - 0.09 * row), colour, xycoords="axes fraction")
        lowest = int(x.diff().argmin())
        shift = ((0, 13), (-24, -10), (0, 12))[row]
        name_at(
            phase,
            rf"$\mu$ = {mu:g}",
            (float(x[lowest + 1]), float(x.diff()[lowest])),
            colour,
            shift,
            ha="center",
        )
    phase.plot(0, 0, "*", color=LIGHT["ink"], markersize=11)
    phase.plot(1, 0, "o", color=LIGHT["ink"], mfc=LIGHT["paper"], markersize=6)
    name_at(phase, "start, at rest", (1, 0), "muted", (4, 14), ha="right")
    time.set(xlabel="step $t$", ylabel="position $x_t$")
    phase.set(xlabel="position $x_t$", ylabel=r"velocity, $x_t - x_{t-1}$")
    return figure


@styled
def plateaus(product: torch.Tensor, curves: dict[float, Sequence[float]], seen: dict[float, Marks]) -> Figure:
    """Draw the factor of a step against ηλ, one curve for each μ, dots where it was measured.

    Args:
        product: the values of ηλ, shape (n,).
        curves: μ → the factor at each of them; the first is descent's.
        seen: μ → values of ηλ, and the factors measured there.
    """
    figure, ax = axes(size=(WIDE, 4.3), narrow=(3.33, 3.9))
    ax.axhspan(1, 1.25, color=LIGHT["muted"], alpha=0.12, lw=0)
    for (mu, factor), (colour, _, _) in zip(curves.items(), BY_MEMORY, strict=True):
        ends = ((1 - mu**0.5) ** 2, (1 + mu**0.5) ** 2)
        ax.plot(ends, [mu**0.5] * 2, color=LIGHT[colour], lw=9, alpha=0.22, solid_capstyle="butt")
        ax.plot(product, factor, color=LIGHT[colour], lw=2.2)
        ax.plot(*seen[mu], "o", color=LIGHT[colour], mfc=LIGHT["paper"], markersize=5, mew=1.5)
        ax.plot(2 * (1 + mu), 1, "|", color=LIGHT[colour], markersize=13, mew=2)
        name_at(ax, f"{2 * (1 + mu):g}", (2 * (1 + mu), 1), colour, (-5, 13), ha="right")
    name_at(ax, "beyond: grows", (0.06, 1.19), "muted")
    name_at(ax, "limits:", (1.75, 1), "muted", (0, 13), ha="right")
    _name_plateaus(ax, list(curves))
    ax.set(xlabel=r"rate times curvature, $\eta\lambda$", ylabel="factor of a step")
    ax.set(xlim=(0, float(product[-1])), ylim=(0, 1.25))
    return figure


def _name_plateaus(ax: Axes, momenta: list[float]) -> None:
    for mu, (colour, _, _), place in zip(momenta, BY_MEMORY, (1.08, 1.8, 0.3), strict=True):
        name = rf"$\mu$ = {mu:g}"
        words = f"{name}: a V" if not mu else rf"{name}: a plateau at $\sqrt{{\mu}}$ = {mu**0.5:.2f}"
        words = name if is_narrow() else words
        name_at(ax, words, (place, mu**0.5 or 0.03), colour, (0, -15 if mu else 0))


@styled
def by_memory(momenta: torch.Tensor, curves: dict[str, torch.Tensor]) -> Figure:
    """Draw steps against the momentum, with the fewest of each curve marked.

    Args:
        momenta: shape (n,).
        curves: name → steps, shape (n,); the last is the lower.
    """
    figure, ax = axes(size=(WIDE, 3.3))
    for row, ((name, steps), colour) in enumerate(zip(curves.items(), ("blue", "purple"), strict=True)):
        least = int(steps.argmin())
        ax.plot(momenta, steps, color=LIGHT[colour], lw=2.2)
        ax.plot(momenta[least], steps[least], "o", color=LIGHT[colour], markersize=7)
        words = rf"{name}: {steps[least]} steps at $\mu$ = {momenta[least]:.2f}"
        name_at(ax, words, (0.45, 0.94 - 0.1 * row), colour, xycoords="axes fraction", ha="center")
    ax.set(xlabel=r"momentum $\mu$", ylabel="steps to a hundredth", yscale="log", xlim=(0, 1), ylim=(12, 300))
    ax.yaxis.set_major_locator(FixedLocator([20, 50, 100]))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_locator(NullLocator())
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
        marks: label → (η, μ), descent's first.
    """
    figure, ax = axes(size=(WIDE, 4.2))
    levels = np.array([0.7513, 0.8, 0.85, 0.9, 0.94, 0.97, 1.0])
    shades = [to_rgba(LIGHT["accent"], alpha) for alpha in np.linspace(0.5, 0.06, len(levels) - 1)]
    ax.contourf(rates, momenta, factor, levels=levels, colors=shades)
    lines = ax.contour(
        rates, momenta, factor, levels=levels[1:], colors=LIGHT["ink"], linewidths=[0.7] * 5 + [1.8]
    )
    ax.clabel(lines, fmt="%.2f", fontsize=9)
    for (label, place), (colour, marker, _) in zip(marks.items(), (DESCENT, BALL), strict=True):
        ax.plot(*place, marker, color=LIGHT[colour], markersize=8, clip_on=False)
        name_at(ax, label, place, colour, (16, -9) if place[1] else (18, 9))
    ax.set(xlabel=r"learning rate $\eta$", ylabel=r"momentum $\mu$")
    ax.set(xlim=(rates[0], rates[-1]), ylim=(momenta[0], momenta[-1]))
    ax.grid(visible=False)
    return figure


@styled
def costs(rows: dict[str, list[dict]], budgets: dict[str, int], momentum: float) -> Figure:
    """Draw steps to a training loss: against the rate at left, against the effective rate at right.

    Args:
        rows: name → rows with `method`, "sgd" or "momentum", `lr` and `steps`, one for each seed or None.
        budgets: name → steps after which a run was stopped, where the Nones are drawn.
        momentum: μ of the second method.
    """
    figure, panels = axes(len(rows), 2, size=(WIDE, 2.9 * len(rows)), sharey="row")
    for (left, right), (name, some) in zip(panels, rows.items(), strict=True):
        for ax, by_effective in ((left, False), (right, True)):
            for method, look in (("sgd", DESCENT), ("momentum", BALL)):
                share = 1 - momentum if by_effective and method == "momentum" else 1
                mine = [(row["lr"] / share, row["steps"]) for row in some if row["method"] == method]
                _draw_costs(ax, mine, budgets[name], look)
            ax.axhline(budgets[name], color=LIGHT["muted"], lw=0.8)
            ax.set(xscale="log", yscale="log")
        left.set(ylabel="steps", title=f"{name}: against the rate")
        right.set(title="against the effective rate")
        name_at(right, "not reached", (0.99, 0.9), "muted", xycoords="axes fraction", ha="right", fontsize=9)
    for ax in panels.flat:
        for row, (words, colour) in enumerate((("SGD", "orange"), (rf"$\mu$ = {momentum:g}", "blue"))):
            name_at(ax, words, (0.04, 0.19 - 0.11 * row), colour, xycoords="axes fraction")
    panels[-1, 0].set(xlabel=r"learning rate $\eta$")
    panels[-1, 1].set(xlabel=r"effective rate $\eta/(1 - \mu)$")
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
    ax.plot(*zip(*whole, strict=True), style, color=LIGHT[colour], lw=1.4)


@styled
def averages(steps: torch.Tensor, smooth: dict[str, torch.Tensor]) -> Figure:
    """Draw random numbers as dots, and exponential averages of them as lines.

    Args:
        steps: shape (n,).
        smooth: label → shape (n,).
    """
    figure, ax = axes(size=(WIDE, 3.4))
    ax.plot(steps, "o", color=LIGHT["muted"], markersize=2.2, alpha=0.55)
    looks = zip(smooth.items(), ("orange", "sky", "blue"), (1.2, 1.7, 2.4), strict=True)
    for row, ((label, m), colour, width) in enumerate(looks):
        ax.plot(m, color=LIGHT[colour], lw=width)
        name_at(ax, label, (0.02 + 0.32 * row, 1.04), colour, xycoords="axes fraction")
    ax.set(xlabel="step $t$", ylabel="draw (dots), and average", ylim=(-10.5, 10.5))
    return figure


@styled
def brakes(lengths: dict[str, Sequence[float]], drop: int) -> Figure:
    """Draw the length of each step around a drop of the rate.

    Args:
        lengths: label → one length a step; the rate outside first.
        drop: the first step at the lower rate.
    """
    figure, ax = axes(size=(WIDE, 3.4))
    ax.axvspan(drop - 0.5, drop + 18, color=LIGHT["muted"], alpha=0.1, lw=0)
    places = ((drop, (-8, 0), "right"), (drop + 5, (4, 14), "left"))
    for (label, values), (colour, marker, style), (step, offset, side) in zip(
        lengths.items(), (BALL, DESCENT), places, strict=True
    ):
        ax.plot(values, marker + style, color=LIGHT[colour], markersize=4, lw=1.6)
        name_at(ax, label, (step, values[step]), colour, offset, ha=side)
    place = (drop - 0.5, 0.94)
    name_at(ax, r"from here on $\eta$ / 10", place, "muted", (6, 0), xycoords=("data", "axes fraction"))
    ax.set(yscale="log", xlabel="step $t$", ylabel="length of the step")
    ax.yaxis.set_major_locator(FixedLocator([0.05, 0.1, 0.2, 0.4]))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_locator(NullLocator())
    return figure
