"""Images of a data set as they are: sheets with names beside the rows, pairs, and images under a square."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from book.figures.narrow import is_narrow
from book.figures.palette import LIGHT
from book.figures.style import axes, styled

GAP = 2  # pixels between two images of a sheet


def mosaic(grid: Tensor) -> np.ndarray:
    """Put images side by side, with transparent gaps.

    Args:
        grid: uint8, shape (rows, columns, C, H, W), C 1 or 3.

    Returns:
        uint8, shape (height, width, 4): red, green, blue and opacity.

    Examples:
        >>> mosaic(torch.zeros(2, 3, 1, 28, 28, dtype=torch.uint8)).shape
        (58, 88, 4)
    """
    rows, columns, _, height, width = grid.shape
    colours = grid.expand(-1, -1, 3, -1, -1)
    opaque = torch.cat([colours, torch.full_like(colours[:, :, :1], 255)], dim=2)
    padded = torch.zeros(rows, columns, 4, height + GAP, width + GAP, dtype=torch.uint8)
    padded[..., :height, :width] = opaque
    sheet = padded.permute(0, 3, 1, 4, 2).reshape(rows * (height + GAP), columns * (width + GAP), 4)
    return sheet[:-GAP, :-GAP].numpy()


@styled
def contact_sheet(grid: Tensor, names: Sequence[str], size: tuple[float, float] = (6.4, 4.5)) -> Figure:
    """Draw a sheet of images, with a name beside each row.

    Args:
        grid: uint8, shape (rows, columns, C, H, W).
        names: one for each row.
        size: width and height in inches.
    """
    if is_narrow() and grid.shape[1] % 2 == 0:  # on a phone a name has two rows
        grid = grid.unflatten(1, (2, -1)).flatten(0, 1)
        size = (size[0], 0.4 * len(grid))
    figure, ax = axes(size=size)
    _picture(ax, grid)
    pitch = len(grid) / len(names) * (grid.shape[-2] + GAP)
    ax.set_yticks([(row + 0.5) * pitch - GAP / 2 for row in range(len(names))], names)
    ax.tick_params(length=0, labelsize=10, labelcolor=LIGHT["ink"])
    return figure


@styled
def pairs(panels: Sequence[tuple[Tensor, Tensor, str]], columns: int = 4) -> Figure:
    """Draw pairs of images, each pair under a line of text.

    Args:
        panels: two images, uint8, shape (C, H, W), and the text.
        columns: pairs side by side.
    """
    rows = -(-len(panels) // columns)
    figure, places = axes(rows, columns, size=(6.4, 1.1 * rows + 0.1), squeeze=False)
    for ax, (one, other, text) in zip(places.flat, panels, strict=True):
        _picture(ax, torch.stack([one, other])[None])
        ax.set_title(text, fontsize=9)
    return figure


@styled
def class_counts(counts: dict[str, Sequence[int]]) -> Figure:
    """Draw how many images each class has, one colour a data set.

    Args:
        counts: label → ten counts.
    """
    figure, ax = axes(size=(6.4, 2.8))
    width = 0.8 / len(counts)
    for i, ((label, values), name) in enumerate(zip(counts.items(), ("blue", "orange"), strict=False)):
        places = [k + (i + 0.5) * width - 0.4 for k in range(len(values))]
        ax.bar(places, values, 0.92 * width, color=LIGHT[name], label=label)
    ax.set(xticks=range(10), xlabel="class", ylabel="training images", ylim=(0, 8_900))
    ax.grid(visible=False, axis="x")
    ax.legend(ncols=2, loc="upper right")
    return figure


def _picture(ax: Axes, grid: Tensor) -> None:
    ax.imshow(mosaic(grid), interpolation="none")
    ax.set(xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
