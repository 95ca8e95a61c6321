"""Crops, flips and cut-outs of a whole batch at once, as tensor operations on the device that holds it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from book.numerics.number_types import whole


@dataclass(frozen=True)
class Augment:
    """What is changed at random in each image, each time that it is seen.

    Args:
        padding: pixels of black (0 after normalisation: grey) on each side, out of which a window of the
            image's size is cut at random; 0 leaves the image where it is.
        flip: whether an image is mirrored left to right with probability ½.
        cutout: side in pixels of a square that is set to 0 around a random pixel; 0 for none.

    Raises:
        TypeError: `padding` or `cutout` is no number, or `flip` neither True nor False.
        ValueError: `padding` or `cutout` is no whole number from 0 on.

    Examples:
        >>> images = torch.arange(12.0).reshape(1, 1, 3, 4)
        >>> augment = Augment(flip=True)
        >>> augment(images, torch.tensor([[0, 0, 1, 0, 0]]))[0, 0, 0].tolist()
        [3.0, 2.0, 1.0, 0.0]
    """

    padding: int = 0
    flip: bool = False
    cutout: int = 0

    def __post_init__(self):
        for name in ("padding", "cutout"):
            object.__setattr__(self, name, whole(name, getattr(self, name), least=0, most=2**31))
        if not isinstance(self.flip, bool | np.bool_):
            raise TypeError(f"flip is True or False; got {self.flip!r}.")
        object.__setattr__(self, "flip", bool(self.flip))

    def draw(self, count: int, height: int, width: int, generator: torch.Generator) -> Tensor:
        """The chances of `count` images, int64, shape (count, 5): row and column of the window, whether to
        mirror, row and column of the cut-out's middle."""
        ends = (2 * self.padding + 1, 2 * self.padding + 1, 1 + self.flip, height, width)
        return torch.stack([torch.randint(end, (count,), generator=generator) for end in ends], dim=1)

    def __call__(self, images: Tensor, drawn: Tensor) -> Tensor:
        """Change each image by its row of what was drawn.

        Args:
            images: shape (B, C, H, W).
            drawn: shape (B, 5), from `draw`.

        Returns:
            New images of the same shape, or the same ones where nothing is to be done.
        """
        rows, columns, mirrored, *middle = drawn.to(images.device).unbind(dim=1)
        if self.padding:
            images = crop(images, rows, columns, self.padding)
        if self.flip:
            images = torch.where(mirrored.bool()[:, None, None, None], images.flip(-1), images)
        return cut_out(images, middle[0], middle[1], self.cutout) if self.cutout else images


def crop(images: Tensor, rows: Tensor, columns: Tensor, padding: int) -> Tensor:
    """Pad each image with zeros and cut out a window of its size.

    Args:
        images: shape (B, C, H, W).
        rows, columns: shape (B,): upper left corner of the window in the padded image, 0 to 2 padding.
        padding: pixels on each side.
    """
    height, width = images.shape[-2:]
    padded = pad(images, (padding,) * 4)
    windows = padded.unfold(2, height, 1).unfold(3, width, 1)  # (B, C, row, column, H, W), nothing copied
    return windows[torch.arange(len(images), device=images.device), :, rows, columns]


def cut_out(images: Tensor, rows: Tensor, columns: Tensor, size: int) -> Tensor:
    """Set a square to 0 around a pixel of each image; what would lie outside is cut off.

    Args:
        images: shape (B, C, H, W).
        rows, columns: shape (B,): the middle; of an even square, the first pixel beyond it.
        size: side of the square, in pixels.

    Source:
        DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017.
    """
    inside = [
        (position >= (middle - size // 2)[:, None]) & (position < (middle - size // 2 + size)[:, None])
        for middle, length in ((rows, images.shape[-2]), (columns, images.shape[-1]))
        for position in [torch.arange(length, device=images.device)]
    ]
    square = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return torch.where(square, 0, images)  # `masked_fill` would not keep the channels last
