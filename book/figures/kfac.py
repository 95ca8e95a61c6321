"""Figures of the chapter *K-FAC*."""

from collections.abc import Mapping, Sequence

import torch
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from torch import Tensor

from book.figures.factors import LOOKS
from book.figures.palette import LIGHT
from book.figures.style import axes, styled

BELOW, ABOVE = LIGHT["orange"], LIGHT["blue"]
# At 0 the page shows through, dark or light.
SHADES = LinearSegmentedColormap.from_list(
    "signed", [(0, BELOW), (0.5, (BELOW, 0)), (0.5, (ABOVE, 0)), (1, ABOVE)]
)
STAGES = ("whole", "layers", "products", "K-FAC", "diagonal", "gradient")


@styled
def tiles(matrices: Mapping[str, Tensor], tile: int) -> Figure:
    """Draw matrices with gaps between their tiles; blue is above 0, orange below.

    Args:
        matrices: title → shape (n, n), all on one scale.
        tile: how many rows a tile has.
    """
    figure, row = axes(1, len(matrices), size=(7.0, 3.4))
    panels = row if len(matrices) > 1 else [row]
    top = max(float(matrix.abs().max()) for matrix in matrices.values())
    for ax, (title, matrix) in zip(panels, matrices.items(), strict=True):
        # Roots show what is small as well.
        shown = _apart(matrix.sign() * matrix.abs().sqrt(), tile)
        ax.imshow(shown, cmap=SHADES, vmin=-(top**0.5), vmax=top**0.5, interpolation="none")
        ax.set(title=title, xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    return figure


def _apart(matrix: Tensor, tile: int) -> Tensor:
    """Each entry as 8 by 8 pixels, with 3 empty ones between tiles; the page's own paper shows there."""
    places = torch.arange(len(matrix)).repeat_interleave(8)
    gaps = torch.arange(1, len(matrix) // tile) * tile * 8
    for gap in reversed(gaps.tolist()):
        places = torch.cat([places[:gap], torch.full((3,), len(matrix)), places[gap:]])
    framed = torch.nn.functional.pad(matrix, (0, 1, 0, 1), value=torch.nan)
    return framed[places][:, places]


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
    ax.legend(loc="lower right", ncols=2)
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
