"""Figures of the chapter *One training step*."""

from collections.abc import Sequence

import torch
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from book.figures.narrow import is_narrow
from book.figures.palette import LIGHT
from book.figures.style import axes, styled

NODES = ("x", "z", "h", "prediction", "loss")


def _box(ax, x: float, y: float, text: str, colour: str, width: float = 1.3, height: float = 0.62) -> None:
    corner = (x - width / 2, y - height / 2)
    style = "round,pad=0.02,rounding_size=0.12"
    ax.add_patch(
        FancyBboxPatch(corner, width, height, boxstyle=style, fc=LIGHT["wash"], ec=LIGHT[colour], lw=1.6)
    )
    ax.text(x, y, text, ha="center", va="center", fontsize=10, color=LIGHT["ink"])


def _arrow(ax, start: tuple, end: tuple, colour: str, bend: float = 0.0) -> None:
    style = {"arrowstyle": "-|>", "color": LIGHT[colour], "lw": 1.4, "connectionstyle": f"arc3,rad={bend}"}
    ax.annotate("", xy=end, xytext=start, arrowprops=style)


def _blank(ax, width: tuple, height: tuple) -> None:
    ax.set(xlim=width, ylim=height)
    ax.axis("off")


@styled
def weighed(steps: Sequence[tuple[str, float, str]]) -> Figure:
    """Draw what a number goes through, from left to right.

    Args:
        steps: what is done with the number, what it is then, and the weights that take part.
    """
    figure, ax = axes(size=(6.6, 2.1), narrow=(3.3, 3.6))
    narrow = is_narrow()
    _blank(ax, *(((-1.1, 3.9), (-4.9, 0.7)) if narrow else ((-0.9, 6.9), (-1.15, 0.95))))
    for i, (name, value, weights) in enumerate(steps):
        x, y = (0, -1.4 * i) if narrow else (2 * i, 0)
        _box(ax, x, y, name, "accent", width=1.9 if narrow else 1.62)
        at, below = ((1.4, y), (1.9, y)) if narrow else ((x, 0.52), (x, -0.78))
        ax.text(*at, f"{value:g}", ha="center", va="center_baseline", color=LIGHT["blue"], fontsize=12)
        start = "left" if narrow else "center"
        ax.text(*below, weights, ha=start, va="center_baseline", color=LIGHT["orange"], fontsize=10)
        if i:
            ends = ((x, y + 1.05), (x, y + 0.38)) if narrow else ((x - 1.16, 0), (x - 0.84, 0))
            _arrow(ax, *ends, "blue")
    return figure


@styled
def network(values: dict[str, float], gradients: dict[str, float]) -> Figure:
    """Draw the chain x → z → h → prediction → loss, its values above and its gradients below.

    Args:
        values: the forward values by node, for `NODES`.
        gradients: the derivative of the loss by node, for every node but x.
    """
    figure, ax = axes(size=(6.6, 2.5), narrow=(5.6, 2.4))
    _blank(ax, (-0.9, 8.9), (-1.5, 1.25))
    names = (r"$x$", r"$z=w_1x+w_2$", r"$h=\max(0,z)$", r"$\hat{y}=w_3h$", r"$L$")
    for i, (node, name) in enumerate(zip(NODES, names, strict=True)):
        _box(ax, 2 * i, 0, name, "accent", width=1.62)
        ax.text(2 * i, 0.52, f"{values[node]:g}", ha="center", color=LIGHT["blue"], fontsize=12)
        if node in gradients:
            ax.text(2 * i, -0.74, f"{gradients[node]:g}", ha="center", color=LIGHT["orange"], fontsize=12)
        if i:
            _arrow(ax, (2 * i - 1.16, 0.12), (2 * i - 0.84, 0.12), "blue")
            _arrow(ax, (2 * i - 0.84, -0.12), (2 * i - 1.16, -0.12), "orange")
    ax.text(-0.85, 1.02, "forward: the values", color=LIGHT["blue"], fontsize=10)
    ax.text(
        -0.85, -1.32, "backward: how fast the loss grows with each value", color=LIGHT["orange"], fontsize=10
    )
    return figure


@styled
def step_length(rates: torch.Tensor, losses: torch.Tensor, taken: float) -> Figure:
    """Draw the loss after one step against the learning rate of that step.

    Args:
        rates, losses: shape (n,), the learning rates and the loss after one step with each.
        taken: the rate of the step taken in the text, which is marked.
    """
    figure, ax = axes()
    ax.plot(rates, losses, color=LIGHT["blue"])
    at = int((rates - taken).abs().argmin())
    ax.plot(rates[at], losses[at], "o", color=LIGHT["orange"])
    ax.annotate(
        "the step above", (rates[at], losses[at]), (12, 6), textcoords="offset points", color=LIGHT["orange"]
    )
    ax.axvline(1 / 15, color=LIGHT["muted"], lw=1, ls="--")
    ax.text(1 / 15 + 0.002, 3.6, r"$\eta = 1/15$", color=LIGHT["muted"])
    ax.set(xlabel=r"learning rate $\eta$", ylabel="loss after one step", ylim=(-0.15, None))
    return figure


@styled
def training_curve(losses: dict[str, list[float]]) -> Figure:
    """Draw the loss at every step, one curve a run, on a logarithmic axis."""
    figure, ax = axes()
    for label, values in losses.items():
        ax.semilogy(range(len(values)), values, marker="o", markersize=3, lw=1.2, label=label)
    ax.set(xlabel="training step", ylabel="loss")
    ax.legend()
    return figure


@styled
def valley(losses: torch.Tensor, w_grid: torch.Tensor, path: torch.Tensor) -> Figure:
    """Draw the loss over (w1, w3) with the path of descent on it.

    Args:
        losses: shape (n, n), indexed [w3, w1].
        w_grid: shape (n,), the values of either weight.
        path: shape (steps, 2), the visited (w1, w3).
    """
    figure, ax = axes(size=(5.2, 4.2))
    levels = [0.01, 0.1, 0.5, 1.5, 4.5, 12, 30, 70]
    ax.contour(w_grid, w_grid, losses, levels=levels, colors=LIGHT["sky"], linewidths=0.9)
    w1 = w_grid[2 * w_grid > -0.64]
    ax.plot(w1, 1 / (2 * w1 + 1), color=LIGHT["green"], lw=2.4)  # where w3 (2 w1 + 1) = 1: no loss
    ax.plot(*path.T, "o-", color=LIGHT["orange"], markersize=3, lw=1.2)
    ax.set(xlabel="$w_1$", ylabel="$w_3$", ylim=(float(w_grid[0]), float(w_grid[-1])))
    return figure


@styled
def regression_cost(results: list[dict]) -> Figure:
    """Draw the seconds that the formula and descent took against the number of weights.

    Args:
        results: rows with `features`, `formula_seconds` and `descent_seconds`.
    """
    figure, ax = axes()
    features = [row["features"] for row in results]
    ax.loglog(features, [row["formula_seconds"] for row in results], "o-", label="formula")
    ax.loglog(features, [row["descent_seconds"] for row in results], "s--", label="descent")
    ax.set(xlabel="number of weights $d$", ylabel="time (s)")
    ax.legend()
    return figure


@styled
def loop_map(stations: list[tuple[str, str, str]]) -> Figure:
    """Draw the training loop as four stations, with what breaks at each and where the book mends it.

    Args:
        stations: four rows (name, what breaks, part of the book).
    """
    figure, ax = axes(size=(6.6, 3.6))
    _blank(ax, (-3.6, 3.6), (-2.1, 2.1))
    bend = -0.15 if is_narrow() else -0.5
    places = ((-1.9, 1.1), (1.9, 1.1), (1.9, -1.1), (-1.9, -1.1))
    for (x, y), (name, breaks, mended) in zip(places, stations, strict=True):
        _box(ax, x, y, name, "accent", width=1.9, height=0.6)
        breaks = breaks.replace(", ", ",\n") if is_narrow() else breaks
        below = y - (0.6 if is_narrow() else 0.5)
        ax.text(x, below, breaks, ha="center", va="center", color=LIGHT["orange"], fontsize=9)
        ax.text(x, y + 0.5, mended, ha="center", va="center", color=LIGHT["green"], fontsize=9)
    _arrow(ax, (-0.85, 1.1), (0.85, 1.1), "blue")
    _arrow(ax, (3.0, 0.95), (3.0, -0.95), "blue", bend=bend)
    _arrow(ax, (0.85, -1.1), (-0.85, -1.1), "blue")
    _arrow(ax, (-3.0, -0.95), (-3.0, 0.95), "blue", bend=bend)
    return figure
