"""Figures of the chapter *Quasi-Newton methods*."""

from collections.abc import Sequence

import torch
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from book.figures.factors import LOOKS
from book.figures.palette import LIGHT
from book.figures.style import axes, styled


@styled
def learned(spectra: torch.Tensor, losses: dict[str, Sequence[float]]) -> Figure:
    """Draw the eigenvalues of B H step by step, and the loss of some methods.

    Args:
        spectra: shape (steps + 1, n).
        losses: label → the loss at each step.
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.3))
    left.axhline(1, color=LIGHT["ink"], lw=0.9)
    left.plot(spectra, ".-", color=LIGHT["blue"], markersize=4, lw=0.9)
    left.set(yscale="log", xlabel="step", ylabel=r"eigenvalues of $BH$")
    for (label, values), (colour, marker, style) in zip(losses.items(), LOOKS, strict=False):
        right.plot(values, marker + style, color=LIGHT[colour], markersize=3, lw=1.3, label=label)
    right.set(yscale="log", xlabel="step", ylabel="loss")
    right.legend(loc="lower left")
    return figure


@styled
def wolfe(
    lengths: torch.Tensor, heights: torch.Tensor, line: torch.Tensor, low: torch.Tensor, flat: torch.Tensor
) -> Figure:
    """Draw φ along a line, Armijo's line, and which steps fulfil one condition or both.

    Args:
        lengths: η, shape (k,).
        heights, line: φ(η) and Armijo's line there, shape (k,).
        low, flat: whether each condition holds, shape (k,).
    """
    figure, ax = axes(size=(6.4, 3.6))
    ax.plot(lengths, heights, color=LIGHT["ink"], lw=1.6, label=r"$\varphi(\eta)$")
    ax.plot(lengths, line, "--", color=LIGHT["muted"], lw=1.2, label="Armijo's line")
    bottom = float(heights.min()) - 0.10 * float(heights.max() - heights.min())
    rows = (
        ("low enough", low, "orange", 0.0),
        ("flat enough", flat, "blue", 1.0),
        ("both", low & flat, "green", 2.0),
    )
    step = 0.05 * float(heights.max() - heights.min())
    for label, mask, colour, place in rows:
        level = torch.where(mask, bottom - place * step, torch.nan)
        ax.plot(lengths, level, color=LIGHT[colour], lw=5, solid_capstyle="butt", label=label)
    ax.set(xlabel=r"length of the step, $\eta$", ylabel=r"$\varphi(\eta) = f(x + \eta d)$")
    ax.legend(loc="upper center", ncols=2)
    return figure


@styled
def forgets(spectra: dict[str, torch.Tensor], steps: dict[int, int], whole: dict[str, int]) -> Figure:
    """Draw what is left of the spectrum for some memories, and the steps needed by memory.

    Args:
        spectra: label → the eigenvalues of B H in order, shape (n,).
        steps: m → steps.
        whole: label → the steps where nothing is forgotten.
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.3))
    left.axhline(1, color=LIGHT["ink"], lw=0.9)
    for (label, values), (colour, _, style) in zip(spectra.items(), LOOKS, strict=False):
        left.plot(values, style, color=LIGHT[colour], lw=1.6, label=label)
    left.set(yscale="log", xlabel="eigenvalue, in order of size", ylabel=r"eigenvalues of $BH$")
    left.legend(loc="lower right")
    for (label, taken), style in zip(whole.items(), (":", "--"), strict=True):
        right.axhline(taken, color=LIGHT["ink"], lw=1.2, ls=style, label=label)
    right.plot(list(steps), list(steps.values()), "o-", color=LIGHT["blue"], label="L-BFGS")
    right.set(xscale="log", ylim=(0, 1.1 * max(steps.values())), xlabel="memory $m$", ylabel="steps")
    right.xaxis.set_major_locator(FixedLocator((3, 10, 30)))
    right.xaxis.set_major_formatter("{x:g}")
    right.xaxis.set_minor_locator(NullLocator())
    right.legend(loc="lower left")
    return figure


@styled
def noise(
    lengths: Sequence[float],
    bands: dict[str, torch.Tensor],
    truth: float,
    losses: dict[str, tuple[list, list]],
) -> Figure:
    """Draw curvatures read off pairs of gradients against the step's length, and training losses.

    Args:
        lengths: of the step.
        bands: label → quantiles 0.1, 0.5 and 0.9 of the curvature at each length, shape (k, 3).
        truth: the Hessian's own.
        losses: label → (passes over the data, loss).
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.4))
    left.axhline(truth, color=LIGHT["ink"], lw=0.9)
    for (label, band), (colour, marker, style) in zip(bands.items(), LOOKS, strict=False):
        left.fill_between(lengths, band[:, 0], band[:, 2], color=LIGHT[colour], alpha=0.25, lw=0)
        left.plot(lengths, band[:, 1], marker + style, color=LIGHT[colour], markersize=4, lw=1.3, label=label)
    left.set(xscale="log", xlabel=r"length of the step, $\Vert s \Vert$", ylabel="curvature along $s$")
    left.set(yscale="symlog")
    left.legend(loc="lower right", fontsize=8)
    for (label, (passes, values)), (colour, _, style) in zip(losses.items(), LOOKS, strict=False):
        right.plot(passes, values, style, color=LIGHT[colour], lw=1.5, label=label)
    right.set(yscale="log", xlabel="passes over the data", ylabel="training loss")
    right.yaxis.set_major_locator(FixedLocator([0.1, 0.2, 0.5, 1, 2]))
    right.yaxis.set_major_formatter("{x:g}")
    right.yaxis.set_minor_locator(NullLocator())
    right.legend(loc="upper right", fontsize=8)
    return figure


@styled
def profiles(factors: Sequence[float], shares: dict[str, Sequence[float]]) -> Figure:
    """Draw performance profiles: the share of problems solved within a factor of the fewest evaluations.

    Args:
        factors: from 1 on.
        shares: label → a share for each factor.
    """
    figure, ax = axes(size=(6.4, 3.6))
    colours = ("blue", "orange", "green", "purple", "gold", "sky", "pink")
    for (label, values), colour, style in zip(
        shares.items(), colours, ("-", "--", "-.", ":") * 2, strict=False
    ):
        ax.step(factors, values, style, where="post", color=LIGHT[colour], lw=1.6, label=label)
    ax.set(
        xscale="log", xlabel="factor of the fewest evaluations", ylabel="share of problems", ylim=(0, 1.02)
    )
    ax.set_xticks([1, 2, 4, 8, 16, 32, 64], labels=["1", "2", "4", "8", "16", "32", "64"])
    ax.minorticks_off()
    ax.legend(loc="lower right")
    return figure
