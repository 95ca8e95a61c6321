"""Figures of the chapter *The Hessian*."""

from math import nan

import torch
from matplotlib.figure import Figure
from torch import Tensor

from book.figures.palette import LIGHT, SERIES
from book.figures.style import axes, styled
from book.figures.surface import draw_levels


@styled
def same_slope(x: Tensor, curves: dict[str, Tensor], tangent: Tensor, step: float) -> Figure:
    """Draw functions that share their value and slope at 0, their common tangent, and where a step lands.

    Args:
        x: shape (n,), around 0.
        curves: label → shape (n,), the values of each function.
        tangent: shape (n,), the values of the forecast.
        step: where the step ends; one of the entries of x is there.
    """
    figure, ax = axes(size=(6.4, 3.8))
    end = (x - step).abs().argmin()
    ax.plot(x, tangent, "--", color=LIGHT["muted"], lw=1.3, label="linear forecast")
    ax.plot(x[end], tangent[end], "x", color=LIGHT["muted"], ms=8, mew=2)
    for (label, values), name, marker in zip(curves.items(), ("green", "blue", "orange"), "^os", strict=True):
        ax.plot(x, values, color=LIGHT[name], label=label)
        ax.plot(x[end], values[end], marker, color=LIGHT[name], ms=7)
    ax.plot(0, 0, "o", color=LIGHT["ink"], ms=7)
    ax.axvline(step, color=LIGHT["rule"], lw=1, zorder=0)
    ax.set(xlabel="distance from the start, downhill", ylabel="change of the loss", ylim=(-1.9, 1.6))
    ax.legend(loc="upper left")
    return figure


@styled
def forecasts(panels: dict[str, tuple[Tensor, dict[str, Tensor], float]]) -> Figure:
    """Draw real loss and both forecasts against the learning rate of one step, one panel a point.

    Args:
        panels: title → the rates, shape (n,); label → shape (n,); and the rate at which the quadratic
            forecast is lowest, drawn as a line. The real loss comes first and sets the height.
    """
    figure, boxes = axes(1, len(panels), size=(6.8, 3.3))
    for ax, (title, (rates, curves, best)) in zip(boxes, panels.items(), strict=True):
        real, *_ = curves.values()
        styles = (("ink", "-"), ("blue", "--"), ("orange", ":"))
        for (label, values), (name, style) in zip(curves.items(), styles, strict=True):
            ax.plot(rates, values, style, color=LIGHT[name], label=label)
        ax.axvline(best, color=LIGHT["green"], lw=1)
        room = real.max() - real.min()
        ax.set(title=title, xlabel=r"rate $\eta$", ylim=(real.min() - 0.6 * room, real.max() + 0.1 * room))
    boxes[0].set_ylabel("loss after the step")
    handles, labels = boxes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


@styled
def mixed_quotients(ratios: Tensor, curves: dict[str, Tensor]) -> Figure:
    """Draw mixed second difference quotients at the origin against the ratio of their two steps.

    Args:
        ratios: h/k, shape (n,).
        curves: label → shape (n,).
    """
    figure, ax = axes()
    for (label, values), name, style in zip(curves.items(), ("blue", "orange"), ("-", "--"), strict=True):
        ax.semilogx(ratios, values, style, color=LIGHT[name], label=label)
    ax.set(xlabel="$h / k$: step in $x$ over step in $y$", ylabel="mixed difference quotient")
    ax.set_ylim(-1.15, 1.15)
    ax.legend()
    return figure


@styled
def principal_axes(H: Tensor, angles: Tensor, along: Tensor) -> Figure:
    """Draw the level ellipses of ½ vᵀHv with its eigenvectors, and the curvature in every direction.

    Args:
        H: shape (2, 2), positive definite.
        angles: shape (n,), of directions, in degrees.
        along: shape (n,), the curvature in each.
    """
    figure, (left, right) = axes(1, 2, size=(6.8, 3.3), width_ratios=(1, 1.25))
    side = torch.linspace(-1.6, 1.6, 60, dtype=H.dtype)
    x, y = torch.meshgrid(side, side, indexing="xy")
    p = torch.stack([x, y], dim=-1)
    draw_levels(left, x, y, ((p @ H) * p).sum(-1) / 2, levels=8)
    values, vectors = torch.linalg.eigh(H)
    for i, (name, style) in enumerate((("green", "-"), ("orange", "--"))):
        q = vectors[:, i] * vectors[0, i].sign()
        reach = q / values[i].sqrt()
        left.plot(*torch.stack([-reach, reach]).T, style, color=LIGHT[name], lw=2)
        angle = torch.rad2deg(torch.atan2(q[1], q[0])) % 180
        right.plot(angle, values[i], "os"[i], color=LIGHT[name], ms=8, label=rf"$\lambda$ = {values[i]:.2f}")
    right.plot(angles, along, color=LIGHT["blue"])
    left.set(xlabel="$v_1$", ylabel="$v_2$", aspect="equal")
    right.set(xlabel="direction, degrees", ylabel=r"curvature $v^\top H v$", xticks=range(0, 181, 45))
    right.set_ylim(0, 1.3 * values[1].item())
    right.legend(loc="upper right")
    return figure


@styled
def errors_by_step(steps: Tensor, panels: dict[str, dict[str, Tensor]]) -> Figure:
    """Draw errors of forecasts against the length of the step, both logarithmic, one panel a function.

    Args:
        steps: shape (n,).
        panels: title → label → shape (n,); an error of 0 is left out.
    """
    figure, boxes = axes(1, len(panels), size=(6.6, 3.4), sharey=True, squeeze=False)
    for ax, (title, curves) in zip(boxes[0], panels.items(), strict=True):
        for (label, values), name, marker in zip(curves.items(), SERIES, "os^", strict=False):
            shown = values > 0
            ax.loglog(steps[shown], values[shown], marker + "-", color=LIGHT[name], ms=4, lw=1.2, label=label)
        ax.set(title=title, xlabel="length of the step")
    boxes[0, 0].set_ylabel("error")
    handles, labels = boxes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


@styled
def best_step(rates: Tensor, losses: Tensor, marks: dict[str, float]) -> Figure:
    """Draw the loss after one step against the rate, with rates of interest as lines.

    Args:
        rates, losses: shape (n,).
        marks: label → rate.
    """
    figure, ax = axes()
    ax.plot(rates, losses, color=LIGHT["ink"])
    for (label, rate), name, style in zip(marks.items(), SERIES, ("--", "-", ":"), strict=False):
        ax.axvline(rate, color=LIGHT[name], ls=style, label=label)
    ax.set(xlabel=r"learning rate $\eta$", ylabel="loss after one step", ylim=(0, None))
    figure.legend(loc="outside upper center", ncols=3)
    return figure


@styled
def ritz_values(by_step: dict[int, Tensor], eigenvalues: Tensor) -> Figure:
    """Draw Ritz values step by step, as dashes, with true eigenvalues as lines.

    Args:
        by_step: number of steps → the Ritz values after so many.
        eigenvalues: those to draw as lines.
    """
    figure, ax = axes(size=(6.4, 4.2))
    for value in eigenvalues.tolist():
        ax.axhline(value, color=LIGHT["orange"], lw=0.8)
    x = [end for k, values in by_step.items() for end in (k - 0.3, k + 0.3, nan) * len(values)]
    y = [height for values in by_step.values() for v in values.tolist() for height in (v, v, nan)]
    ax.plot(x, y, color=LIGHT["blue"], lw=1.6)
    ax.set(xlabel="steps $k$", ylabel="Ritz values", xlim=(0, max(by_step) + 1))
    ax.grid(visible=False)
    return figure


@styled
def dense_spectra(spectra: dict[str, Tensor], count: int = 18) -> Figure:
    """Draw how many eigenvalues lie where, on a logarithmic axis, and the largest ones by their rank.

    Args:
        spectra: label → eigenvalues, ascending, shape (n,).
        count: how many of the largest to draw.
    """
    figure, (left, right) = axes(1, 2, size=(6.8, 3.3))
    every = torch.cat([*spectra.values()])
    margin = 0.01 * (every.max() - every.min())  # the ends lie inside their bins
    edges = torch.linspace(every.min() - margin, every.max() + margin, 41, dtype=every.dtype)
    for (label, values), name, fill in zip(spectra.items(), ("muted", "blue"), (True, False), strict=True):
        kind = "stepfilled" if fill else "step"
        left.hist(values.numpy(), edges.tolist(), histtype=kind, color=LIGHT[name], lw=1.5, label=label)
    _draw_largest(right, {label: values.flip(0) for label, values in spectra.items()}, count)
    left.set(xlabel="eigenvalue", ylabel="how many", yscale="log", ylim=(0.7, None))
    left.legend(loc="upper right")
    return figure


@styled
def stored_spectra(ritz: dict[str, tuple[list[float], list[float]]], largest: dict[str, list]) -> Figure:
    """Draw Ritz values with their shares of the spectrum, and the largest ones of each run by their rank.

    Args:
        ritz: title → values and weights, one pair for each start vector put together.
        largest: label → eigenvalues, descending.
    """
    figure, boxes = axes(1, len(ritz) + 1, size=(7.2, 3.3))
    for ax, (title, (values, weights)) in zip(boxes, ritz.items(), strict=False):
        ends = [(x, y) for x, w in zip(values, weights, strict=True) for y in (1e-8, w, nan)]
        ax.plot(*zip(*ends, strict=True), color=LIGHT["blue"], lw=1.1)
        ax.set(title=title, xlabel="eigenvalue", yscale="log", ylim=(1e-8, 2))
    boxes[0].set_ylabel("share of the spectrum")
    _draw_largest(boxes[-1], {k: torch.tensor(v) for k, v in largest.items()}, 18)
    boxes[-1].set_title("the largest")
    return figure


def _draw_largest(ax, spectra: dict[str, Tensor], count: int) -> None:
    names = ("muted", "blue") if len(spectra) == 2 else SERIES
    for (label, values), name, marker in zip(spectra.items(), names, "s^od", strict=False):
        ax.plot(range(1, count + 1), values[:count], marker, color=LIGHT[name], ms=4, label=label)
    ax.axvline(9.5, color=LIGHT["orange"], ls="--", lw=1)
    ax.set(
        xlabel="rank of the eigenvalue", ylabel="eigenvalue", ylim=(0, None), xticks=range(3, count + 1, 3)
    )
    ax.legend()
