"""Figures of the chapter *Constraints*."""

import math

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from book.figures.factors import LOOKS
from book.figures.palette import LIGHT
from book.figures.style import axes, styled

Path = Tensor


@styled
def price(walls: Tensor, least: Tensor, multipliers: Tensor, at: float) -> Figure:
    """Draw the least allowed value and the multiplier against the place of a wall, and a slope.

    Args:
        walls: places of the wall, shape (n,).
        least: the least value for each, shape (n,).
        multipliers: λ for each, shape (n,).
        at: the place at which the slope −λ is drawn.
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.1))
    k = int((walls - at).abs().argmin())
    near = (walls - at).abs() < 0.8
    left.plot(walls, least, color=LIGHT["blue"])
    slope = least[k] - multipliers[k] * (walls[near] - walls[k])
    left.plot(walls[near], slope, "--", color=LIGHT["orange"], label=r"slope $-\lambda$")
    left.plot(walls[k], least[k], "o", color=LIGHT["orange"], markersize=6)
    left.set(xlabel="place of the wall $b$", ylabel="least allowed $f$")
    left.legend(loc="upper right")
    right.plot(walls, multipliers, color=LIGHT["orange"])
    right.plot(walls[k], multipliers[k], "o", color=LIGHT["orange"], markersize=6)
    right.set(xlabel="place of the wall $b$", ylabel=r"multiplier $\lambda$")
    return figure


@styled
def on_the_simplex(paths: dict[str, Path], f, best: Tensor) -> Figure:
    """Draw paths over the triangle of three weights that sum to 1, on the level lines of f.

    Args:
        paths: label → shape (steps + 1, 3).
        f: takes shape (3,), returns shape ().
        best: the lowest point, shape (3,).
    """
    figure, ax = axes(size=(6.4, 4.2), narrow=(3.4, 3.6))
    corners = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.5, math.sqrt(3) / 2]], dtype=torch.float64)
    _draw_levels(ax, corners, f)
    for (label, path), (colour, marker, style) in zip(paths.items(), LOOKS, strict=False):
        x, y = (path @ corners).T
        ax.plot(x, y, marker + style, color=LIGHT[colour], markersize=3.5, lw=1.3, label=label)
    ax.plot(*(best @ corners), "*", color=LIGHT["ink"], markersize=13, zorder=5)
    for (x, y), name, (dx, dy) in zip(
        corners, "123", ((-0.05, -0.05), (0.05, -0.05), (0, 0.03)), strict=True
    ):
        ax.text(x + dx, y + dy, f"$w_{name} = 1$", ha="center", va="bottom" if dy > 0 else "top")
    ax.set(aspect="equal", xlim=(-0.14, 1.14), ylim=(-0.16, 1.0))
    ax.set_axis_off()
    ax.legend(loc="upper left", bbox_to_anchor=(-0.02, 1.0))
    return figure


def _draw_levels(ax: Axes, corners: Tensor, f) -> None:
    steps = torch.arange(41, dtype=torch.float64) / 40
    grid = torch.stack([torch.stack([a, b, 1 - a - b]) for a in steps for b in steps if a + b <= 1 + 1e-9])
    heights = torch.stack([f(w) for w in grid])
    x, y = (grid @ corners).T
    levels = torch.linspace(float(heights.min()), float(heights.max()) * 0.6, 10)[1:]
    ax.tricontour(x, y, heights, levels=levels.tolist(), colors=LIGHT["muted"], linewidths=0.6)
    ax.fill(*corners.T, facecolor="none", edgecolor=LIGHT["ink"], lw=1.2)


@styled
def penalties(rho: Tensor, violations: Tensor, conditions: Tensor, steps: dict[str, list[float]]) -> Figure:
    """Draw what is violated and the condition number against the penalty, and beside them the steps it takes.

    Args:
        rho: penalties, shape (n,).
        violations: at the minimum with each, shape (n,).
        conditions: of the Hessian there, shape (n,).
        steps: label → steps or evaluations for each penalty, nan where it did not arrive.
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.2))
    for values, label, (colour, marker, style) in (
        (violations, "violated by", LOOKS[0]),
        (conditions, r"$\kappa$ of the Hessian", LOOKS[1]),
    ):
        left.plot(rho, values, marker + style, color=LIGHT[colour], markersize=4, label=label)
    for (label, values), (colour, marker, style) in zip(steps.items(), LOOKS[1:], strict=False):
        right.plot(rho, values, marker + style, color=LIGHT[colour], markersize=4, label=label)
    right.set(ylabel="steps to the minimum")
    for ax in (left, right):
        ax.set(xscale="log", yscale="log", xlabel=r"penalty $\rho$")
        ax.legend(loc="upper left")
    return figure


@styled
def rounds(runs: dict[str, tuple[list[int], list[float], list[float]]]) -> Figure:
    """Draw what is violated after each round against the evaluations spent, and the penalty of each round.

    Args:
        runs: label → evaluations so far, violation, penalty, one of each for a round.
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.1))
    for (label, (spent, violation, penalty)), (colour, marker, style) in zip(
        runs.items(), LOOKS, strict=False
    ):
        look = {"color": LIGHT[colour], "markersize": 4.5, "label": label}
        left.plot(spent, violation, marker + style, **look)
        right.plot(spent, penalty, marker + style, **look)
    left.set(ylabel="violated by", yscale="log", xlabel="evaluations so far")
    right.set(ylabel=r"penalty $\rho$", yscale="log", xlabel="evaluations so far")
    left.legend(loc="lower left")
    return figure


@styled
def machine(
    X: Tensor, y: Tensor, alpha: Tensor, grid: tuple[Tensor, Tensor], decision: Tensor, C: float
) -> Figure:
    """Draw two clouds, the boundary and its margins, with each example's push as the size of its ring.

    Args:
        X: examples, shape (n, 2).
        y: labels −1 and 1, shape (n,).
        alpha: multipliers, shape (n,).
        grid: places of the decisions, shape (k,) each.
        decision: shape (k, k), rows along the second axis.
        C: the largest multiplier.
    """
    figure, ax = axes(size=(6.4, 4.2), narrow=(3.4, 3.4))
    ax.contour(
        *grid,
        decision,
        levels=[-1, 0, 1],
        colors=LIGHT["muted"],
        linewidths=[0.9, 1.8, 0.9],
        linestyles=["--", "-", "--"],
    )
    for label, name, colour, marker in ((-1, "−1", "blue", "o"), (1, "+1", "orange", "^")):
        mine = y == label
        ax.plot(*X[mine].T, marker, color=LIGHT[colour], markersize=4.5, label=f"label {name}", ls="none")
        pushing = mine & (alpha > 0)
        ax.scatter(
            *X[pushing].T, s=40 + 160 * alpha[pushing] / C, facecolors="none", edgecolors=LIGHT[colour]
        )
    ax.set(aspect="equal", xlabel="$z_1$", ylabel="$z_2$")
    ax.grid(visible=False)
    ax.legend(loc="upper right")
    return figure
