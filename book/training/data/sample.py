"""The small sample of each data set that the book carries: contact sheets that a person can open.

A sheet has one row for each class and one image in each column, so that no file of labels is needed. It is
lossless WebP: every pixel is the original's.
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from book.errors import BookError

FOLDERS = (
    Path(__file__).parents[3] / "assets" / "data",  # in the repository
    Path(__file__).parents[2] / "_data",  # in the installed wheel
)
CLASSES = 10


def choose(labels: Tensor, per_class: int, seed: int = 0) -> Tensor:
    """Draw the same number of images of each class, in the order class 0, 1, … 9, 0, 1, …

    Args:
        labels: shape (N,), from 0 to 9.
        per_class: how many of each class.
        seed: of the draw.

    Returns:
        Indices into `labels`, shape (10 per_class,).

    Examples:
        >>> labels = torch.arange(40) // 4
        >>> labels[choose(labels, 2)].tolist()
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for label in range(CLASSES):
        of_class = (labels == label).nonzero().squeeze(1)
        rows.append(of_class[torch.randperm(len(of_class), generator=generator)[:per_class]])
    return torch.stack(rows, dim=1).flatten()


def write_sheet(images: Tensor, file: Path) -> None:
    """Write images as a sheet without loss: image i stands in row i mod 10, column i // 10.

    Args:
        images: uint8, shape (N, C, H, W) with N a multiple of 10, C 1 or 3.
        file: ends in .webp.
    """
    grid = torch.stack(images.split(CLASSES), dim=1)  # (row, column, C, H, W)
    rows, columns, channels, height, width = grid.shape
    sheet = grid.permute(0, 3, 1, 4, 2).reshape(rows * height, columns * width, channels)
    Image.fromarray(sheet.expand(-1, -1, 3).contiguous().numpy()).save(
        file, lossless=True, quality=100, method=6, exact=True
    )


def read_sheet(name: str, channels: int, size: int) -> tuple[Tensor, Tensor]:
    """Read one of the sheets that the book carries.

    Args:
        name: "mnist-train" for one.
        channels: 1 or 3.
        size: height and width of an image.

    Returns:
        Images, uint8, shape (N, channels, size, size), and labels, int64, shape (N,): 0, 1, … 9, 0, 1, …

    Raises:
        BookError: the sheet is not there, or is not a whole picture.

    Examples:
        >>> images, labels = read_sheet("mnist-test", 1, 28)
        >>> images.shape
        torch.Size([500, 1, 28, 28])
    """
    sheet = _pixels(name)[..., :channels]
    grid = sheet.reshape(CLASSES, size, -1, size, channels).permute(2, 0, 4, 1, 3)
    images = grid.reshape(-1, channels, size, size).contiguous()
    return images, torch.arange(len(images)) % CLASSES


def _pixels(name: str) -> Tensor:
    for folder in FOLDERS:
        if (file := folder / f"{name}.webp").is_file():
            try:
                return torch.from_numpy(np.array(Image.open(file)))
            except OSError as error:
                raise BookError(f"{file} is damaged ({error}); install the book again.") from error
    raise BookError(f"The sample {name}.webp is missing from {FOLDERS[0]}; install the book again.")
