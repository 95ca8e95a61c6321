"""Invented pictures, and the explorer over one of them for the lists of all explorers."""

import torch

from book import explorers
from book.explorers.slowness.widget import DEFAULTS, SHAPE


def smooth_picture() -> torch.Tensor:
    """A bright disc on a dark ground, of another size in each colour: broad waves, which are slow."""
    row, column = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
    far = (row - 14) ** 2 + (column - 19) ** 2
    return torch.stack([220.0 - 200 * (far > size).float() for size in (40, 80, 130)]).to(torch.uint8)


def noisy_picture(seed: int = 0) -> torch.Tensor:
    """Each value by itself, from 0 to 255: fine waves, which momentum throws too far."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, SHAPE, generator=generator, dtype=torch.uint8)


class Slowness(explorers.Slowness):
    """With an invented picture where none is given."""

    def __init__(self, picture: torch.Tensor | None = None, steps: int = DEFAULTS["steps"], **options):
        super().__init__(smooth_picture() if picture is None else picture, steps, **options)
