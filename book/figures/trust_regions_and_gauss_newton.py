"""Figures of the chapter *Trust regions and Gauss–Newton*."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from book.figures.factors import LOOKS
from book.figures.narrow import is_narrow
from book.figures.palette import LIGHT
from book.figures.style import axes, styled
from book.problems.nist import Reference

LINES = {"colors": LIGHT["accent"], "linewidths": 0.6, "linestyles": "solid", "alpha": 0.65}


@styled
def ways(H: Tensor, g: Tensor, radii: Sequence[float], cut: Tensor, best: Tensor) -> Figure:
    """Draw a quadratic model in two dimensions, circles, and where two methods step in each.

    Args:
        H, g: of the model, shape (2, 2) and (2,).
        radii: of the circles.
        cut: conjugate gradients' step for each of many radii, shape (k, 2).
        best: the model's minimum within each of them, shape (k, 2).
    """
    figure, ax = axes(size=(5.6, 3.9), narrow=(3.4, 3.2))
    x, y = np.meshgrid(np.linspace(-0.6, 2.6, 160), np.linspace(-0.7, 1.5, 160))
    p = np.stack([x, y], axis=-1)
    height = p @ g.numpy() + (p @ H.numpy() * p).sum(-1) / 2
    ax.contour(x, y, height, levels=12, **LINES)
    around = np.linspace(0, 2 * np.pi, 200)
    for radius in radii:
        ax.plot(radius * np.cos(around), radius * np.sin(around), color=LIGHT["orange"], lw=0.9)
    ax.plot(best[:, 0], best[:, 1], "--", color=LIGHT["ink"], lw=1.5, label="the best step")
    ax.plot(cut[:, 0], cut[:, 1], color=LIGHT["blue"], lw=2, label="conjugate gradients, cut")
    ax.plot(0, 0, "o", color=LIGHT["pink"], markersize=7)
    ax.plot(*cut[-1], "*", color=LIGHT["ink"], markersize=11)
    ax.set(xlim=(-0.6, 2.6), ylim=(-0.7, 1.5), xlabel="$p_1$", ylabel="$p_2$", aspect="equal")
    ax.grid(visible=False)
    figure.legend(loc="outside upper center", ncols=1 if is_narrow() else 2)
    return figure


@styled
def residuals_left(errors: dict[str, Tensor]) -> Figure:
    """Draw the distance to the minimum against the step, one line for each size of the residuals.

    Args:
        errors: label → shape (steps + 1,).
    """
    figure, ax = axes(size=(6.0, 3.3))
    for (label, error), (colour, marker, style) in zip(errors.items(), LOOKS, strict=False):
        look = {"color": LIGHT[colour], "markersize": 4, "label": label.replace("-", "−")}
        ax.semilogy(error.clamp(min=1e-17), marker + style, **look)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="step", ylabel="distance to the minimum", ylim=(1e-17, 30))
    ax.legend(loc="lower center")
    return figure


@styled
def between(damping: Tensor, length: Tensor, to_newton: Tensor, to_gradient: Tensor) -> Figure:
    """Draw how long the damped step is, and which way it points, against the damping.

    Args:
        damping: λ, shape (k,).
        length: of the step, shape (k,).
        to_newton, to_gradient: the angle to Gauss–Newton's step and to −g, in degrees, shape (k,).
    """
    figure, (long, turn) = axes(1, 2, size=(7.0, 3.0))
    long.loglog(damping, length, color=LIGHT["blue"])
    long.set(xlabel=r"damping $\lambda$", ylabel="length of the step")
    turn.semilogx(damping, to_newton, color=LIGHT["purple"], label="to Gauss–Newton's step")
    turn.semilogx(damping, to_gradient, "--", color=LIGHT["orange"], label="to $-g$")
    turn.set(xlabel=r"damping $\lambda$", ylabel="angle in degrees")
    figure.legend(*turn.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


@styled
def fit(data: Reference, curves: dict[str, Tensor], path: Tensor) -> Figure:
    """Draw the data with some curves, and the way of the parameters over the sum of squares.

    Args:
        data: with two parameters.
        curves: label → the parameters of a curve, shape (2,).
        path: parameters of one fit, shape (k, 2).
    """
    figure, (plot, ground) = axes(1, 2, size=(7.4, 3.5))
    x = torch.linspace(0, 800, 200, dtype=torch.float64)
    plot.plot(data.x, data.y, "o", color=LIGHT["ink"], markersize=4, label="data")
    for (label, b), (colour, _, style) in zip(curves.items(), LOOKS, strict=False):
        plot.plot(x, data.curve(b, x), style, color=LIGHT[colour], lw=1.6, label=label)
    plot.set(xlabel="pressure", ylabel="volume", ylim=(-5, 100))
    plot.legend(loc="upper left")
    amounts = torch.linspace(150, 620, 90, dtype=data.x.dtype)
    rates = torch.linspace(5e-5, 9e-4, 90, dtype=data.x.dtype)
    squares = (data.curve((amounts[:, None], rates[:, None, None])) - data.y).square().sum(-1)
    ground.contour(amounts, 1e4 * rates, squares.log10(), levels=12, **LINES)
    ground.plot(path[:, 0], 1e4 * path[:, 1], "o-", color=LIGHT["blue"], markersize=3.5, lw=1.4)
    ground.plot(data.certified[0], 1e4 * data.certified[1], "*", color=LIGHT["ink"], markersize=11)
    ground.set(xlabel="$b_1$", ylabel=r"$b_2 \cdot 10^4$")
    ground.grid(visible=False)
    return figure
