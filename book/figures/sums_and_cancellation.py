"""Figures of the chapter *Sums and cancellation*: many roundings together, and what arithmetic costs."""

import torch
from matplotlib.figure import Figure

from book.figures.floating_point import colour
from book.figures.palette import LIGHT
from book.figures.style import axes, styled


@styled
def should_be_flat(x: torch.Tensor, values: torch.Tensor, truth: float) -> Figure:
    """Draw a computed function, point by point, and the constant that it should be.

    Args:
        x, values: shape (n,).
        truth: the constant.
    """
    figure, ax = axes()
    ax.plot(x, values, ".", color=LIGHT["orange"], markersize=2)
    ax.axhline(truth, color=LIGHT["blue"], ls="--", lw=1.3)
    ax.set(xlabel="x", ylabel=r"$(1-\cos x)/x^2$ in float32", ylim=(-0.05, None))
    return figure


@styled
def condition_of_sums(points: dict[str, list[tuple[float, float]]], bound: float, roundoff: float) -> Figure:
    """Draw the relative errors of sums against their condition numbers, with the bound of the plain sum.

    Args:
        points: by the way to add, pairs (condition number, relative error); an error of 0 is not drawn.
        bound: the largest error of the plain sum at a condition number of 1.
        roundoff: the unit roundoff.
    """
    figure, ax = axes(size=(6.4, 3.8))
    for (name, pairs), series, marker in zip(
        points.items(), ("orange", "purple", "blue"), "os^", strict=True
    ):
        ax.loglog(
            *zip(*pairs, strict=True), marker, color=LIGHT[series], markersize=4.5, alpha=0.8, label=name
        )
    ends = torch.tensor([1.0, max(condition for pairs in points.values() for condition, _ in pairs)])
    ax.loglog(ends, bound * ends, color=LIGHT["orange"], ls="--", lw=1, label="bound, left to right")
    ax.loglog(ends, roundoff * ends, color=LIGHT["muted"], ls=":", lw=1.2, label=r"$u$ times the condition")
    ax.set(xlabel="condition number of the sum", ylabel="relative error")
    ax.legend(loc="upper left", ncols=2)
    return figure


@styled
def cancellation(
    x: torch.Tensor, naive: torch.Tensor, stable: torch.Tensor, predicted: torch.Tensor
) -> Figure:
    """Draw the relative errors of two ways to compute one thing, and the predicted bound of the first.

    Args:
        x, naive, stable, predicted: shape (n,); an error of 0 is not drawn.
    """
    figure, ax = axes()
    ax.loglog(x, predicted, color=LIGHT["muted"], ls="--", lw=1.2, label=r"predicted bound $u/x^2$")
    for errors, series, marker, label in (
        (naive, "orange", "o", r"$(1-\cos x)/x^2$"),
        (stable, "blue", "s", r"$2\,\sin^2(x/2)/x^2$"),
    ):
        seen = errors > 0
        ax.loglog(x[seen], errors[seen], marker, color=LIGHT[series], markersize=3, label=label)
    ax.set(xlabel="x", ylabel="relative error", ylim=(1e-9, 30))
    ax.legend(loc="upper right")
    return figure


@styled
def summation(n: list[int], errors: dict[str, list[float]], bounds: dict[str, list[float]]) -> Figure:
    """Draw the relative error of each way to add against the number of terms, with its bound.

    Args:
        n: the numbers of terms.
        errors: by name, the largest error seen; `bounds`: by the same names, the error that cannot be passed.
    """
    figure, ax = axes(size=(6.4, 3.8))
    for (name, seen), series, marker in zip(errors.items(), ("orange", "purple", "blue"), "os^", strict=True):
        ax.loglog(n, bounds[name], color=LIGHT[series], ls="--", lw=1)
        ax.loglog(n, seen, marker + "-", color=LIGHT[series], markersize=4, label=name)
    ax.plot([], [], color=LIGHT["muted"], ls="--", lw=1, label="bound")
    ax.set(xlabel="number of terms $n$", ylabel="relative error", xscale="log")
    ax.set_xscale("log", base=2)
    ax.legend()
    return figure


@styled
def finite_difference(steps: torch.Tensor, errors: torch.Tensor) -> Figure:
    """Draw the relative error of a finite difference against its step.

    Args:
        steps, errors: shape (n,).
    """
    figure, ax = axes()
    ax.loglog(steps, errors, "o", color=colour("float32"), markersize=3)
    ax.set(xlabel="step $h$", ylabel="relative error of the slope")
    return figure


@styled
def cost_of_exactness(rows: list[tuple[str, float, float]], floor: float = 1e-29) -> Figure:
    """Draw the error of a sum against its time per term, one point a way to add.

    Args:
        rows: (name, time per term in nanoseconds, relative error).
        floor: where an error of 0 is drawn.
    """
    figure, ax = axes(size=(6.4, 3.6))
    for name, time, error in rows:
        exact, below = error < floor, name == "float64, torch.sum"
        ax.loglog(time, max(error, floor), "v" if exact else "o", color=LIGHT["green" if exact else "blue"])
        ax.annotate(
            name, (time, max(error, floor)), (6, -12 if below else 5), textcoords="offset points", fontsize=9
        )
    ax.margins(x=0.16)
    ax.set(xlabel="time per term (ns)", ylabel="relative error of the sum")
    return figure


@styled
def rates(bars: list[tuple[str, float]]) -> Figure:
    """Draw what was reached in floating-point operations per clock cycle, against the belief that it is one.

    Args:
        bars: (name, operations per cycle).
    """
    figure, ax = axes(size=(6.4, 2.8))
    names, values = zip(*bars, strict=True)
    places = range(len(bars))
    ax.barh(places, values, height=0.55, color=LIGHT["blue"])
    for place, value in zip(places, values, strict=True):
        ax.text(value * 1.08, place, f"{value:.2g}", va="center", fontsize=9)
    ax.axvline(1, color=LIGHT["orange"], ls="--", lw=1.3)
    ax.set_yticks(list(places), names)
    ax.invert_yaxis()
    ax.set(xscale="log", xlabel="floating-point operations per clock cycle", xlim=(None, max(values) * 2.2))
    ax.grid(axis="y", visible=False)
    return figure
