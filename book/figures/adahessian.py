"""Figures of the chapter *AdaHessian*."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from torch import Tensor

from book.figures.narrow import is_narrow
from book.figures.palette import LIGHT
from book.figures.style import axes, styled

LOOKS = {"signs": ("blue", "o", "-"), "normal": ("orange", "s", "--")}
HEIGHTS = (0.03, 0.1, 0.3, 1, 3)
METHODS = {
    "Momentum": ("green", "-."),
    "Adam": ("orange", "--"),
    "AdaHessian": ("blue", "-"),
    "alone": ("purple", ":"),
}


@styled
def errors_by_probes(
    counts: Sequence[int], panels: dict[str, dict[str, tuple[Sequence[float], Sequence[float]]]]
) -> Figure:
    """Draw the error of an estimate against the number of probes: predicted as lines, measured as marks.

    Args:
        counts: of probes.
        panels: title → kind of probe → predicted and measured relative errors.
    """
    figure, places = axes(1, len(panels), size=(7.2, 3.4), squeeze=False)
    for ax, (title, kinds) in zip(places[0], panels.items(), strict=True):
        for kind, (predicted, measured) in kinds.items():
            colour, marker, style = LOOKS[kind]
            ax.plot(counts, predicted, style, color=LIGHT[colour], lw=1.3)
            ax.plot(counts, measured, marker, color=LIGHT[colour], markersize=5, label=kind)
        ax.axhline(1, color=LIGHT["muted"], lw=1, ls=":")
        ax.set(xscale="log", yscale="log", xlabel="probes", ylabel="error ÷ size")
        ax.set_xticks(counts, list(map(str, counts)))
        low, high = ax.get_ylim()
        heights = [height for height in HEIGHTS if low <= height <= high]
        ax.set_yticks(heights, [f"{height:g}" for height in heights])
        ax.minorticks_off()
        ax.set_title(title)
    places[0, 0].legend()
    return figure


@styled
def remembered(rows: Tensor, diagonal: Tensor, root: Tensor) -> Figure:
    """Draw √v against the diagonal, and against the length of the row, entry by entry.

    Args:
        rows: the lengths of the Hessian's rows, shape (n,).
        diagonal: the sizes of its diagonal, shape (n,).
        root: √v of the method, shape (n,).
    """
    figure, places = axes(1, 2, size=(7.2, 3.4), sharey=True)
    ends = [float(diagonal.min()), float(rows.max())]
    reach = ends[0] / 1.5, ends[1] * 1.5
    pairs = (("size of the diagonal entry", diagonal, "orange"), ("length of the row", rows, "blue"))
    for ax, (name, values, colour) in zip(places, pairs, strict=True):
        ax.plot(ends, ends, color=LIGHT["muted"], lw=1)
        ax.plot(values, root, ".", color=LIGHT[colour], markersize=3, alpha=0.6)
        ax.set(xscale="log", yscale="log", xlabel=name, xlim=reach, ylim=reach)
    places[0].set_ylabel(r"$\sqrt{\hat v}$")
    return figure


@styled
def by_block(blocks: Sequence[str], chance: Sequence[float], stays: Sequence[float]) -> Figure:
    """Draw what averaging over neighbours takes from the error by chance, and what it adds for good.

    Args:
        blocks: how many entries share a mean, as words.
        chance, stays: the two errors over the size of the diagonal.
    """
    figure, ax = axes(size=(6.4, 3.2))
    places = range(len(blocks))
    ax.bar([x - 0.2 for x in places], chance, 0.36, color=LIGHT["blue"], label="by chance, one probe")
    ax.bar(
        [x + 0.2 for x in places],
        stays,
        0.36,
        color=LIGHT["orange"],
        hatch="//",
        edgecolor=LIGHT["paper"],
        label="for good",
    )
    ax.axhline(1, color=LIGHT["muted"], lw=1, ls=":")
    ax.set_xticks(list(places), [name.replace(", ", ",\n") if is_narrow() else name for name in blocks])
    ax.set(xlabel="entries that share a mean", ylabel="error ÷ size of the diagonal")
    ax.grid(axis="x", visible=False)
    ax.legend()
    return figure


@styled
def both_axes(curves: dict[str, Tensor], costs: dict[str, float]) -> Figure:
    """Draw losses against steps, and against what they cost in gradients.

    Args:
        curves: method → loss after each epoch, shape (epochs,).
        costs: method → gradients an epoch.
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.4), sharey=True)
    for name, losses in curves.items():
        colour, style = METHODS[name]
        epochs = range(1, len(losses) + 1)
        left.plot(epochs, losses, style, color=LIGHT[colour], label=name)
        right.plot([costs[name] * epoch for epoch in epochs], losses, style, color=LIGHT[colour])
    left.set(xlabel="epochs", ylabel="training loss")
    right.set(xlabel="cost in gradients")
    left.legend()
    return figure
