"""Figures of the chapter *Conjugate gradient*."""

from collections.abc import Sequence

import torch
from matplotlib.figure import Figure
from torch import Tensor

from book.figures.palette import LIGHT
from book.figures.style import axes, styled

LOOKS = (("blue", "o", "-"), ("orange", "s", "--"), ("green", "^", "-."), ("purple", "D", ":"))


@styled
def by_step(
    curves: dict[str, Sequence[float]],
    bounds: dict[str, Sequence[float]] | None = None,
    ylabel: str = "what is left of the residual",
    bottom: float = 1e-12,
    xlabel: str = "step",
) -> Figure:
    """Draw what is left after each step, over powers of ten, with bounds as thin lines.

    Args:
        curves: label → one number a step, from the start on; 0 is drawn at the bottom.
        bounds: label → the same.
        ylabel, xlabel: of the axes.
        bottom: the lowest number that is drawn.
    """
    figure, ax = axes(size=(6.6, 3.5))
    for (label, seen), (colour, marker, style) in zip(curves.items(), LOOKS, strict=False):
        look = {"color": LIGHT[colour], "markersize": 3.5, "lw": 1.4}
        arrived = next((k for k, value in enumerate(seen) if value <= bottom), len(seen))
        heights = [max(bottom, value) for value in seen[: arrived + 1]]
        every = max(1, len(heights) // 25)
        ax.plot(heights, marker + style, markevery=every, label=label, clip_on=False, **look)
    for label, bound in (bounds or {}).items():
        ax.plot(bound, color=LIGHT["muted"], lw=1.1, label=label)
    ax.set(yscale="log", xlabel=xlabel, ylabel=ylabel, ylim=(bottom, None))
    ax.legend(loc="best")
    return figure


@styled
def polynomials(eigenvalues: Tensor, grid: Tensor, panels: dict[str, tuple[Tensor, Tensor]]) -> Figure:
    """Draw the polynomial of each step, with the eigenvalues at which it must be small.

    Args:
        eigenvalues: shape (n,).
        grid: where the polynomials are drawn, shape (m,).
        panels: title → the polynomial on the grid, and at the eigenvalues.
    """
    figure, places = axes(1, len(panels), size=(7.4, 2.9), sharey=True)
    for ax, (title, (line, marks)) in zip(places, panels.items(), strict=True):
        ax.axhline(0, color=LIGHT["muted"], lw=0.8)
        ax.plot(grid, line, color=LIGHT["blue"], lw=1.6)
        ax.plot(eigenvalues, marks, "o", color=LIGHT["orange"], markersize=4.5)
        ax.plot(0, 1, "*", color=LIGHT["ink"], markersize=10)
        ax.set(title=title, xlabel=r"eigenvalue $\lambda$", ylim=(-1.1, 1.25))
    places[0].set(ylabel=r"$q_k(\lambda)$")
    return figure


@styled
def by_work(runs: dict[str, tuple[Sequence[float], Sequence[float]]]) -> Figure:
    """Draw a loss against the work that it took, both over powers of ten.

    Args:
        runs: label → (work, loss), one entry an evaluation.
    """
    figure, ax = axes(size=(6.6, 3.6))
    for (label, (work, loss)), (colour, _, style) in zip(runs.items(), LOOKS, strict=False):
        ax.plot(work, loss, style, color=LIGHT[colour], lw=1.7, label=label)
    ax.set(xscale="log", yscale="log", xlabel="gradients' worth of work", ylabel="loss")
    ax.legend(loc="lower left")
    return figure


def residual_polynomials(eigenvalues: Tensor, weights: Tensor, steps: int, at: Tensor) -> list[Tensor]:
    """qₖ at some places for k = 0 … steps: what conjugate gradient multiplies the residual by.

    Args:
        eigenvalues: of A, shape (n,).
        weights: the residual at the start in A's eigenvectors, shape (n,).
        steps: how many.
        at: where the polynomials are wanted, shape (m,).

    Examples:
        >>> eigenvalues = torch.tensor([1.0, 3.0])
        >>> residual_polynomials(eigenvalues, torch.ones(2), 2, eigenvalues)[2].abs().max() < 1e-6
        tensor(True)
    """
    r, p, rr = weights, weights, weights @ weights
    value, along = torch.ones_like(at), torch.ones_like(at)  # r and p as polynomials
    found = [value]
    for _ in range(steps):
        step = rr / (p @ (eigenvalues * p))
        r, value = r - step * eigenvalues * p, value - step * at * along
        rr, before = r @ r, rr
        p, along = r + rr / before * p, value + rr / before * along
        found.append(value)
    return found
