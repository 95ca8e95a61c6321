"""Figures of the chapter *AdamW*."""

from collections.abc import Sequence
from statistics import fmean

from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from book.figures.palette import LIGHT, SERIES
from book.figures.style import axes, styled

STYLES = ("-", "--", "-.", ":", (0, (6, 2, 1, 2, 1, 2)))
EVERY = 10


@styled
def shrinking(panels: dict[str, Tensor], sizes: Sequence[float]) -> Figure:
    """Draw the mean size of weights over the steps, one panel a method, one curve for each size of gradient.

    Args:
        panels: title → shape (steps + 1, k).
        sizes: of the gradients, k of them.
    """
    figure, row = axes(1, len(panels), size=(7.2, 3.4), sharey=True)
    for ax, (title, path) in zip(row, panels.items(), strict=True):
        steps = range(0, len(path), EVERY)
        for curve, size, name, style in zip(path.T, sizes, SERIES, STYLES, strict=False):
            ax.plot(steps, curve[::EVERY], ls=style, color=LIGHT[name], lw=1.6, label=f"{size:g}")
        ax.set(title=title, xlabel="step", ylim=(-0.05, 1.1))
    row[0].set_ylabel("mean of 200 weights")
    row[1].legend(title="size of the gradients", loc="upper right", ncols=2)
    return figure


@styled
def norms(kept: Tensor, left: Tensor, level: float) -> Figure:
    """Draw the length of weights over the steps, from several starts, with decay and without.

    Args:
        kept, left: shape (steps + 1, k): with decay, and without.
        level: the predicted length with decay.
    """
    figure, ax = axes(size=(6.4, 3.6))
    for path, name, style, label in (
        (left, "orange", "--", "without decay"),
        (kept, "blue", "-", "with decay"),
    ):
        for k, curve in enumerate(path.T):
            steps = range(0, len(path), EVERY)
            ax.plot(steps, curve[::EVERY], style, color=LIGHT[name], lw=1.6, label=None if k else label)
    ax.axhline(level, color=LIGHT["ink"], ls=":", lw=1.4, label="predicted")
    ax.set(yscale="log", xlabel="step", ylabel=r"length of the weights, $\Vert w \Vert$", ylim=(0.2, 40))
    ax.set_yticks([0.3, 1, 3, 10], ["0.3", "1", "3", "10"])
    ax.minorticks_off()
    ax.legend(loc="upper right", ncols=3)
    return figure


@styled
def grids(rates: Sequence[float], methods: dict[str, tuple[Sequence[float], list]]) -> Figure:
    """Draw the test loss on a grid of learning rates and decays, one panel a method.

    A cell is the darker the lower its loss; a frame marks the best decay at each rate.

    Args:
        rates: growing.
        methods: title → the decays, and for each rate and each decay one loss a seed.
    """
    figure, row = axes(1, len(methods), size=(7.2, 4.4))
    lowest = min(fmean(seeds) for _, rows in methods.values() for cells in rows for seeds in cells)
    for ax, (title, (decays, rows)) in zip(row, methods.items(), strict=True):
        for i, cells in enumerate(rows):
            means = [fmean(seeds) for seeds in cells]
            for j, mean in enumerate(means):
                shade = to_rgba(LIGHT["blue"], max(0.0, 0.6 * (1 - (mean / lowest - 1) / 0.5)))
                ax.add_patch(Rectangle((i - 0.5, j - 0.5), 1, 1, facecolor=shade, lw=0))
                ax.text(i, j, f"{mean:.2f}", ha="center", va="center", fontsize=8)
            best = means.index(min(means))
            ax.add_patch(Rectangle((i - 0.46, best - 0.46), 0.92, 0.92, fill=False, ec=LIGHT["orange"], lw=2))
        ax.set(xlim=(-0.5, len(rates) - 0.5), ylim=(-0.5, len(decays) - 0.5), title=title)
        ax.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
        ax.set_yticks(range(len(decays)), [f"{decay:g}" for decay in decays])
        ax.set_xlabel(r"learning rate $\eta$")
        ax.grid(visible=False)
    row[0].set_ylabel(r"weight decay $\lambda$")
    return figure
