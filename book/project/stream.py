"""The speedrun's images: on the device, translated and flipped, with nothing that waits for the device."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.functional import pad

from book.project.recipe import Recipe
from book.training.data.augment import cut_out


class Stream:
    """A training set in batches, epoch by epoch; epochs are asked for in their order.

    Args:
        images: normalised, shape (N, C, H, W).
        labels: int64, shape (N,), on the same device.
        recipe: its batch size, flips, translation and cut-out.
        generator: draws everything, on the same device.

    Examples:
        >>> images, labels = torch.rand(50, 3, 32, 32), torch.zeros(50, dtype=torch.int64)
        >>> stream = Stream(images, labels, Recipe(batch_size=20), torch.Generator().manual_seed(0))
        >>> [tuple(inputs.shape) for inputs, labels in stream.epoch(0)]
        [(20, 3, 32, 32), (20, 3, 32, 32)]
    """

    def __init__(self, images: Tensor, labels: Tensor, recipe: Recipe, generator: torch.Generator):
        self.labels, self.recipe, self.generator = labels, recipe, generator
        self.windows = windows(images, recipe.translate)
        self.first = self._draw(2, len(images)).bool()

    def __len__(self) -> int:
        """Batches of an epoch; what is left over is dropped."""
        return len(self.labels) // self.recipe.batch_size

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of one epoch, each as inputs (B, C, H, W) and labels (B,).

        Args:
            number: of the epoch, from 0 on; alternating flips turn with it.
        """
        mirrored = self._mirrored(number)
        device = self.labels.device
        order = torch.randperm(len(self.labels), generator=self.generator, device=device)
        for batch in order.split(self.recipe.batch_size)[: len(self)]:
            rows, columns = self._draw(self.windows.shape[2], 2, len(batch))
            inputs = self.windows[batch, :, rows, columns]
            if self.recipe.flip != "none":
                inputs = torch.where(mirrored[batch][:, None, None, None], inputs.flip(-1), inputs)
            yield self._finish(inputs), self.labels[batch]

    def _mirrored(self, number: int) -> Tensor:
        """Which images are mirrored in this epoch, bool, shape (N,)."""
        if self.recipe.flip == "alternating":
            return self.first ^ bool(number % 2)
        return self._draw(2, len(self.labels)).bool()

    def _finish(self, inputs: Tensor) -> Tensor:
        if self.recipe.cutout:
            rows, columns = self._draw(inputs.shape[-1], 2, len(inputs))
            inputs = cut_out(inputs, rows, columns, self.recipe.cutout)
        return inputs.contiguous(memory_format=memory_format(self.recipe))

    def _draw(self, end: int, *shape: int) -> Tensor:
        return torch.randint(end, shape, generator=self.generator, device=self.labels.device)


def windows(images: Tensor, translate: int) -> Tensor:
    """Every translation of every image, as a view of the padded ones; what moves in is reflected.

    Args:
        images: shape (N, C, H, W).
        translate: pixels r in each direction, below H and W.

    Returns:
        Shape (N, C, 2r + 1, 2r + 1, H, W): [n, :, i, j] is image n, r − i lower and r − j to the right.

    Examples:
        >>> image = torch.tensor([1.0, 2.0, 3.0]).expand(1, 1, 2, 3)
        >>> windows(image, 1)[0, 0, 1, 2, 0].tolist()
        [2.0, 3.0, 2.0]
    """
    height, width = images.shape[-2:]
    padded = pad(images, (translate,) * 4, mode="reflect") if translate else images
    return padded.unfold(2, height, 1).unfold(3, width, 1)


def memory_format(recipe: Recipe) -> torch.memory_format:
    """How the recipe lays images and weights out in memory.

    Examples:
        >>> memory_format(Recipe())
        torch.channels_last
    """
    return torch.channels_last if recipe.channels_last else torch.contiguous_format
