"""Figures of the chapter *Critical points*."""

import numpy as np
import torch
from matplotlib.figure import Figure

from book.figures.narrow import is_narrow
from book.figures.palette import LIGHT, SERIES
from book.figures.style import axes, styled
from book.figures.surface import draw_levels
from book.surfaces import Surface, himmelblau

MARKS = {"minimum": ("*", "green", 13), "maximum": ("^", "purple", 8), "saddle": ("X", "orange", 8)}


@styled
def plateau(losses: torch.Tensor) -> Figure:
    """Draw the loss at every step of one run, on a linear axis.

    Args:
        losses: shape (steps + 1,).
    """
    figure, ax = axes(size=(6.4, 2.9))
    ax.plot(losses, color=LIGHT["blue"])
    ax.set(xlabel="step", ylabel="loss", ylim=(0, None), xlim=(0, len(losses) - 1))
    return figure


@styled
def kinds(surfaces: dict[str, tuple[float, float]]) -> Figure:
    """Draw ½(λ₁x² + λ₂y²) for three pairs of curvatures: the level lines, and the cuts along both axes.

    Args:
        surfaces: title → λ₁ and λ₂.
    """
    figure, panels = axes(2, 3, size=(6.8, 4.4), height_ratios=(3, 2))
    line = torch.linspace(-1, 1, 25)
    x, y = torch.meshgrid(line, line, indexing="xy")
    for (title, (first, second)), (above, below) in zip(surfaces.items(), panels.T, strict=True):
        draw_levels(above, x, y, (first * x**2 + second * y**2) / 2, levels=8)
        above.plot(0, 0, MARKS[title][0], color=LIGHT["ink"], markersize=9)
        above.set(title=title, aspect="equal", xlabel="$x$", xticks=(-1, 0, 1), yticks=(-1, 0, 1))
        below.plot(line, first * line**2 / 2, color=LIGHT["blue"], label="along $x$")
        below.plot(line, second * line**2 / 2, "--", color=LIGHT["orange"], label="along $y$")
        below.set(xlabel="distance from the point", ylim=(-1.1, 1.1), title=title if is_narrow() else "")
    panels[0, 0].set_ylabel("$y$")
    panels[1, 0].set_ylabel("height")
    panels[1, 0].legend(loc="lower center", fontsize=8)
    return figure


@styled
def classified(points: torch.Tensor, kinds: list[str]) -> Figure:
    """Draw critical points of Himmelblau's function on its level lines, each kind with its own mark.

    Args:
        points: shape (n, 2).
        kinds: n words, "minimum", "maximum" or "saddle".
    """
    figure, ax = axes(size=(6.4, 4.5))
    draw_levels(ax, *himmelblau.grid(60))
    for kind, (marker, colour, size) in MARKS.items():
        chosen = points[[index for index, name in enumerate(kinds) if name == kind]]
        label = f"{kind} ({len(chosen)})"
        ax.plot(*chosen.T, marker, color=LIGHT[colour], markersize=size, ls="none", label=label)
    ax.set(xlabel="$x$", ylabel="$y$", aspect="equal", xlim=himmelblau.box[0], ylim=himmelblau.box[1])
    figure.legend(loc="outside right upper")
    return figure


@styled
def flat_cuts(x: torch.Tensor, curves: dict[str, torch.Tensor]) -> Figure:
    """Draw functions of one variable, one panel each, with the point x = 0 marked.

    Args:
        x: shape (n,).
        curves: title → shape (n,).
    """
    figure, panels = axes(1, len(curves), size=(6.8, 2.4), sharey=True)
    for ax, (title, values), name in zip(panels, curves.items(), SERIES, strict=False):
        ax.plot(x, values, color=LIGHT[name])
        ax.plot(0, 0, "o", color=LIGHT["ink"], markersize=5)
        ax.set(title=title, xlabel="$x$")
    panels[0].set_ylabel("height")
    return figure


@styled
def around(surface: Surface, angles: torch.Tensor, circles: dict[str, torch.Tensor]) -> Figure:
    """Draw a surface beside the heights of some surfaces on a circle round the origin.

    Args:
        surface: drawn on the left as level lines.
        angles: shape (n,), in degrees.
        circles: label → shape (n,), the heights on the circle.
    """
    figure, (left, right) = axes(1, 2, size=(6.8, 3.1))
    draw_levels(left, *surface.grid(50))
    left.plot(0, 0, "o", color=LIGHT["ink"], markersize=5)
    left.set(title=surface.name, xlabel="$x$", ylabel="$y$", aspect="equal")
    for (label, heights), style in zip(circles.items(), ("--", "-"), strict=True):
        right.plot(angles, heights, style, label=label)
    right.axhline(0, color=LIGHT["muted"], lw=0.8)
    right.set(xlabel="direction, in degrees", ylabel="height on the circle", xticks=range(0, 361, 90))
    right.set_ylim(top=1.6)
    right.legend(loc="upper right", ncols=2, fontsize=8)
    return figure


@styled
def escape(distances: torch.Tensor, predicted: torch.Tensor, counted: torch.Tensor) -> Figure:
    """Draw the steps that descent needs to leave a saddle against its distance from the ridge.

    Args:
        distances, predicted, counted: shape (n,) each.
    """
    figure, ax = axes(size=(6.4, 3.0))
    ax.semilogx(distances, predicted, "--", color=LIGHT["orange"], label="predicted")
    ax.semilogx(distances, counted, "o", color=LIGHT["blue"], label="counted")
    ax.set(xlabel=r"distance $\delta$ from the ridge at the start", ylabel="steps until $|y| = 1$")
    ax.legend()
    return figure


@styled
def off_the_ridge(paths: dict[str, torch.Tensor]) -> Figure:
    """Draw the distance from the ridge at every step; steps at which it is exactly 0 are left out.

    Args:
        paths: label → shape (steps + 1,).
    """
    figure, ax = axes(size=(6.4, 3.0))
    for (label, distance), style in zip(paths.items(), ("-", "--", "-."), strict=False):
        step = (distance > 0).nonzero().flatten()
        ax.semilogy(step, distance[step], style, label=label)
    ax.axhline(1, color=LIGHT["muted"], lw=0.8)
    ax.set(xlabel="step", ylabel="distance from the ridge")
    ax.legend(loc="upper left")
    return figure


@styled
def still_there(left: dict[str, torch.Tensor], predicted: list[float], steps: int) -> Figure:
    """Draw the share of runs that are still at the saddle at each step, and the predicted medians.

    Args:
        left: label → shape (runs,), the step at which each run left.
        predicted: one median a label.
        steps: where the axis ends.
    """
    figure, ax = axes(size=(6.4, 3.0))
    step = torch.arange(steps + 1)
    for (label, counts), median, name, style in zip(
        left.items(), predicted, SERIES, ("-", "--", "-."), strict=False
    ):
        share = (counts[:, None] > step).double().mean(0)
        ax.plot(step, 100 * share, style, color=LIGHT[name], label=label)
        ax.plot(median, 50, "o", color=LIGHT[name], markersize=7)
    ax.plot([], [], "o", color=LIGHT["ink"], label="predicted median")
    ax.set(xlabel="step", ylabel="runs still at the saddle, %", xlim=(0, steps))
    ax.set_xticks(range(0, steps + 1, 20))
    ax.legend(loc="upper right", fontsize=8)
    return figure


@styled
def shelves(losses: torch.Tensor, levels: dict[str, float], early: int = 150) -> Figure:
    """Draw the losses of several runs and of two critical points: the early steps, and the lower shelf.

    Args:
        losses: shape (steps + 1, runs).
        levels: label → loss, the upper one first.
        early: how many steps the left panel shows.
    """
    figure, (left, right) = axes(1, 2, size=(6.8, 3.1))
    for run, name in zip(losses.T, SERIES, strict=False):
        left.semilogy(run[: early + 1], color=LIGHT[name], lw=1.2)
        right.plot(run, color=LIGHT[name], lw=1.2)
    lowest = min(levels.values())
    for (label, level), style in zip(levels.items(), ("--", ":"), strict=True):
        for ax in (left, right) if level == lowest else (left,):
            ax.axhline(level, color=LIGHT["ink"], ls=style, lw=1.3, label=label)
    left.set(xlabel="step", ylabel="loss")
    right.set(xlabel="step", ylabel="loss", ylim=(0, 1.3 * lowest))
    left.legend(loc="center right", fontsize=8)
    return figure


@styled
def chances(
    sampled: dict[int, tuple[float, float]], exact: list[float], largest: int, leading: torch.Tensor
) -> Figure:
    """Draw the chance that a critical point in d dimensions is a minimum, by the three accounts.

    Args:
        sampled: d → the share of random matrices and its standard error.
        exact: the exact chances for d = 1, 2, …
        largest: where the horizontal axis ends.
        leading: shape (largest,), the leading term for large d.
    """
    figure, ax = axes(size=(6.4, 3.6))
    d = torch.arange(1, largest + 1)
    ax.semilogy(d, 2.0**-d, ":", color=LIGHT["gold"], label="$2^{-d}$, independent axes")
    ax.semilogy(d, 3.0**-d, "--", color=LIGHT["orange"], label="$3^{-d}$, independent axes")
    ax.semilogy(d, leading, "-.", color=LIGHT["muted"], lw=1.1, label="leading term for large $d$")
    ax.semilogy(d[: len(exact)], exact, "-", color=LIGHT["blue"], label="random matrices, exact")
    share, error = np.array(list(sampled.values())).T
    ax.errorbar(
        list(sampled), share, 2 * error, fmt="o", color=LIGHT["blue"], label="random matrices, sampled"
    )
    ax.set(xlabel="dimension $d$", ylabel="chance of a minimum", xticks=range(1, largest + 1))
    ax.set(ylim=(1e-10, 2))
    ax.legend(loc="lower left", fontsize=8)
    return figure


@styled
def index_by_loss(rows: list[dict], n: int) -> Figure:
    """Draw the share of negative eigenvalues against the loss, for every point at which a search ended.

    Args:
        rows: with `end`, `kind`, `loss` and `negative`.
        n: how many eigenvalues there are.
    """
    figure, ax = axes(size=(6.4, 3.6))
    marks = {
        "gradient-flat": ("s", "gold", 5, "none"),
        "saddle": ("o", "orange", 5, None),
        "minimum": ("*", "green", 11, None),
    }
    for name, (marker, colour, size, face) in marks.items():
        kind = [r for r in rows if name == (r["kind"] if r["end"] == "critical" else r["end"])]
        at, share = [r["loss"] for r in kind], [100 * r["negative"] / n for r in kind]
        label = "gradient-flat, not critical" if name == "gradient-flat" else name
        ax.plot(at, share, marker, color=LIGHT[colour], markersize=size, markerfacecolor=face, label=label)
    ax.set(xlabel="loss", ylabel="negative eigenvalues, %", ylim=(-1, None))
    ax.legend(loc="upper left")
    return figure
