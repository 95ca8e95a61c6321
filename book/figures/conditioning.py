"""Figures of the chapter *Conditioning*."""

import torch
from matplotlib.figure import Figure

from book.figures.palette import LIGHT
from book.figures.style import axes, styled


@styled
def crossing_lines(slope: float, constants: list[float]) -> Figure:
    """Draw x + y = 2 with x + slope·y = c for one value of c or two, and mark the crossings.

    Args:
        slope: the coefficient of y in the second line.
        constants: the right-hand sides of the second line.
    """
    figure, ax = axes(size=(5.6, 3.6))
    y = torch.tensor([-0.6, 2.6])
    ax.plot(2 - y, y, color=LIGHT["ink"], lw=1.4, label="$x + y = 2$")
    for c, colour, style in zip(constants, ("blue", "orange"), ("-", "--"), strict=False):
        crossing = (c - 2) / (slope - 1)
        ax.plot(c - slope * y, y, style, color=LIGHT[colour], lw=1.4, label=f"$x + {slope}\\,y = {c}$")
        ax.plot(2 - crossing, crossing, "o", color=LIGHT[colour])
    ax.set(xlabel="$x$", ylabel="$y$")
    ax.legend()
    return figure


@styled
def relative_conditions(x: torch.Tensor, curves: dict[str, torch.Tensor]) -> Figure:
    """Draw relative condition numbers against the input, on logarithmic axes.

    Args:
        x: shape (n,), the inputs.
        curves: label → shape (n,), the condition number at each input.
    """
    figure, ax = axes()
    for (label, values), style in zip(curves.items(), ("-", "--", "-.", ":"), strict=False):
        ax.loglog(x, values, style, label=label)
    ax.axhline(1, color=LIGHT["muted"], lw=0.8)
    ax.set(xlabel="input $x$", ylabel="relative condition number")
    ax.legend(ncols=2)
    return figure


@styled
def circle_to_ellipse(matrix: torch.Tensor) -> Figure:
    """Draw a circle of errors in b and the ellipse of errors in x that the inverse makes of it.

    Args:
        matrix: shape (2, 2).
    """
    angles = torch.linspace(0, 2 * torch.pi, 121, dtype=matrix.dtype)
    circle = torch.stack([angles.cos(), angles.sin()])
    figure, (left, right) = axes(1, 2, size=(6.4, 3.2))
    left.plot(*circle, color=LIGHT["blue"])
    right.plot(*torch.linalg.solve(matrix, circle), color=LIGHT["orange"])
    left.set(title="errors in $b$", xlabel="first equation", ylabel="second equation", aspect="equal")
    right.set(title="errors in the solution", xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    return figure


@styled
def digits(sizes: list[int], predicted: dict[str, list[float]], seen: dict[str, list[float]]) -> Figure:
    """Draw the digits that are left in the solution of a Hilbert system against its size.

    Args:
        sizes: the sizes n of the systems.
        predicted, seen: dtype → correct decimal digits, one for each size.
    """
    figure, ax = axes()
    for (label, values), colour, marker in zip(predicted.items(), ("orange", "blue"), "so", strict=True):
        ax.plot(sizes, values, "--", color=LIGHT[colour], lw=1.2, label=f"{label}, predicted")
        ax.plot(sizes, seen[label], marker, color=LIGHT[colour], label=f"{label}, seen")
    ax.axhline(0, color=LIGHT["muted"], lw=0.8)
    ax.set(xlabel="size $n$ of the Hilbert system", ylabel="correct digits")
    ax.legend(ncols=2)
    return figure


@styled
def recurrences(forward: list[float], backward: list[float]) -> Figure:
    """Draw both recurrences for I_n against n."""
    figure, ax = axes()
    ax.plot(range(len(forward)), forward, "s--", color=LIGHT["orange"], markersize=4, label="forward")
    ax.plot(range(len(backward)), backward, "o-", color=LIGHT["blue"], markersize=4, label="backward")
    ax.set(xlabel="$n$", ylabel="computed $I_n$", ylim=(-0.5, 1), xticks=range(0, len(forward), 2))
    ax.legend()
    return figure


@styled
def valley_paths(curvatures: tuple[float, float], paths: dict[str, torch.Tensor]) -> Figure:
    """Draw paths of descent on the bowl ½(λ₁x² + λ₂y²), one panel each.

    Args:
        curvatures: λ₁ and λ₂.
        paths: title → shape (steps, 2).
    """
    figure, panels = axes(len(paths), 1, size=(6.4, 1.75 * len(paths)), sharex=True)
    x, y = torch.meshgrid(torch.linspace(-11, 11, 111), torch.linspace(-2.5, 2.5, 61), indexing="xy")
    height = (curvatures[0] * x**2 + curvatures[1] * y**2) / 2
    for ax, (title, path) in zip(panels, paths.items(), strict=True):
        ax.contour(x, y, height, levels=range(15, 121, 15), colors=LIGHT["sky"], linewidths=0.8)
        ax.plot(*path.T, "o-", color=LIGHT["orange"], markersize=3, lw=1.2)
        ax.plot(0, 0, "*", color=LIGHT["green"], markersize=10)
        ax.set(title=title, ylabel="$y$", xlim=(-11, 11), ylim=(-2.5, 2.5))
    panels[-1].set_xlabel("$x$")
    return figure


@styled
def step_limit(rates: torch.Tensor, factors: torch.Tensor, limit: float) -> Figure:
    """Draw what is left of the distance after 60 steps against the learning rate.

    Args:
        rates, factors: shape (n,).
        limit: the predicted limit 2/λmax, drawn as a line.
    """
    figure, ax = axes()
    ax.semilogy(rates, factors, color=LIGHT["blue"])
    ax.axvline(limit, color=LIGHT["orange"], ls="--", label=r"$2 / \lambda_{\max}$")
    ax.axhline(1, color=LIGHT["muted"], lw=0.8)
    ax.set(xlabel=r"learning rate $\eta$", ylabel="distance left, as a share of the start")
    ax.legend()
    return figure


@styled
def steps_by_kappa(kappas: list[float], predicted: list[float], seen: list[int]) -> Figure:
    """Draw the steps to a given distance against κ, as predicted and as counted."""
    figure, ax = axes()
    ax.loglog(kappas, predicted, "--", color=LIGHT["orange"], label="predicted")
    ax.loglog(kappas, seen, "o", color=LIGHT["blue"], label="counted")
    ax.set(xlabel=r"condition number $\kappa$", ylabel="steps to a millionth of the distance")
    ax.legend()
    return figure


@styled
def preconditioned(losses: dict[str, list[float]]) -> Figure:
    """Draw the loss at every step, one curve a run, on a logarithmic axis."""
    figure, ax = axes()
    for (label, values), style in zip(losses.items(), ("-", "o-", "--"), strict=True):
        ax.semilogy(range(len(values)), values, style, label=label, markersize=4)
    ax.set(xlabel="step", ylabel="loss", ylim=(1, None))
    ax.legend()
    return figure
