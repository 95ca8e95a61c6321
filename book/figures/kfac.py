"""Figures of the chapter *K-FAC*."""

from collections.abc import Mapping, Sequence

import torch
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from torch import Tensor

from book.figures.factors import LOOKS
from book.figures.palette import LIGHT
from book.figures.style import axes, styled

SHADES = LinearSegmentedColormap.from_list("signed", [LIGHT["orange"], LIGHT["paper"], LIGHT["blue"]])
STAGES = ("whole", "layers", "products", "K-FAC", "diagonal", "gradient")


@styled
def tiles(matrices: Mapping[str, Tensor], tile: int) -> Figure:
    """Draw matrices with lines between their tiles; blue is above 0, orange below.

    Args:
        matrices: title → shape (n, n), all on one scale.
        tile: how many rows a tile has.
    """
    figure, row = axes(1, len(matrices), size=(7.0, 3.4))
    panels = row if len(matrices) > 1 else [row]
    top = max(float(matrix.abs().max()) for matrix in matrices.values())
    for ax, (title, matrix) in zip(panels, matrices.items(), strict=True):
        # Roots show what is small as well.
        shown = matrix.sign() * matrix.abs().sqrt()
        ax.imshow(shown, cmap=SHADES, vmin=-(top**0.5), vmax=top**0.5, interpolation="none")
        for edge in range(tile, len(matrix), tile):
            ax.axhline(edge - 0.5, color=LIGHT["ink"], lw=0.8)
            ax.axvline(edge - 0.5, color=LIGHT["ink"], lw=0.8)
        ax.set(title=title, xticks=[], yticks=[])
    return figure


@styled
def ladder(panels: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Draw what each simplification leaves of a step, as bars to the median with a mark for each seed.

    Args:
        panels: title → stage → the share for each seed, between 0 and 1.
    """
    figure, row = axes(1, len(panels), size=(7.4, 3.0), sharey=True)
    for ax, (title, stages) in zip(row, panels.items(), strict=True):
        for place, (stage, shares) in enumerate(stages.items()):
            colour = LIGHT["accent" if stage == "K-FAC" else "muted"]
            ax.barh(place, torch.tensor(shares).median(), color=colour, alpha=0.45, height=0.7)
            ax.plot(shares, [place] * len(shares), ".", color=LIGHT["ink"], markersize=5)
        ax.set(title=title, xlim=(0, 1.03), xlabel="share of the gain")
        ax.set_yticks(range(len(stages)), list(stages))
        ax.invert_yaxis() if not ax.yaxis_inverted() else None
    return figure


@styled
def by_damping(damping: Sequence[float], curves: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the share of the gain against the damping.

    Args:
        damping: the values of λ.
        curves: label → the share at each.
    """
    figure, ax = axes(size=(6.4, 3.4))
    for (label, shares), (colour, marker, style) in zip(curves.items(), LOOKS, strict=False):
        ax.plot(damping, shares, marker + style, color=LIGHT[colour], markersize=5, label=label)
    ax.set(xscale="log", xlabel=r"damping $\lambda$", ylabel="share of the gain", ylim=(0, 1.05))
    ax.legend(loc="center left", bbox_to_anchor=(0.0, 0.55))
    return figure


@styled
def training(runs: Mapping[str, Sequence[Sequence[float]]], every: int) -> Figure:
    """Draw the training loss against the step, one thin line a seed.

    Args:
        runs: method → for each seed the loss after each so many steps.
        every: how many steps lie between two of them.
    """
    figure, ax = axes(size=(6.4, 3.6))
    for (label, seeds), (colour, marker, style) in zip(runs.items(), LOOKS, strict=False):
        for number, losses in enumerate(seeds):
            steps = [every * k for k in range(len(losses))]
            name = label if number == 0 else None
            ax.plot(steps, losses, marker + style, color=LIGHT[colour], markersize=3.5, lw=1.2, label=name)
    ax.set(yscale="log", xlabel="step", ylabel="training loss")
    ax.set_yticks([2, 1, 0.5, 0.2, 0.1, 0.05, 0.02], ["2", "1", "0.5", "0.2", "0.1", "0.05", "0.02"])
    ax.legend(loc="lower left")
    return figure
