"""What *Momentum* and *Nesterov* share: the looks of a series, and the factor of a step against ηλ."""

from collections.abc import Sequence

import torch
from matplotlib.axes import Axes

from book.figures.palette import LIGHT

LOOKS = (("orange", "o", "-"), ("blue", "s", "--"), ("green", "^", "-."), ("purple", "D", ":"))
Marks = tuple[Sequence[float], Sequence[float]]


def draw_factors(
    ax: Axes,
    product: torch.Tensor,
    series: dict[str, tuple[Sequence[float], Marks]],
    lw: float,
    markersize: float,
) -> None:
    """Draw the factor of a step against ηλ: lines by formula, and marks where it was measured.

    Args:
        ax: where to draw.
        product: the values of ηλ, shape (n,).
        series: label → the factor at each of them; and the values of ηλ, with the factors measured there.
        lw, markersize: in points.
    """
    ax.axhline(1, color=LIGHT["ink"], lw=0.9)
    for (label, (factor, seen)), (colour, marker, style) in zip(series.items(), LOOKS, strict=False):
        ax.plot(product, factor, style, color=LIGHT[colour], lw=lw)
        ax.plot(*seen, marker, color=LIGHT[colour], markersize=markersize)
        ax.plot([], [], marker + style, color=LIGHT[colour], markersize=5, label=label)
    ax.set(xlabel=r"learning rate times curvature, $\eta\lambda$", ylabel="factor of a step")
    ax.set(xlim=(0, float(product[-1])), ylim=(0, 1.3))
