"""A data set on the device: shuffled, augmented mini-batches without worker processes."""

from collections.abc import Iterator

import torch
from torch import Tensor

from book.training.augment import Augment
from book.training.data import Data


class Batches:
    """The whole data set as tensors on one device, in batches of a new random order each epoch.

    What an epoch brings follows from the seed and the number of the epoch alone, so that a run can go on from
    any batch of any epoch without having seen those before.

    Args:
        data: images and labels.
        batch_size: B, at least 1; the last batch of an epoch is smaller where B does not divide the number.
        augment: what is changed at random in each image; nothing by default.
        seed: of order and augmentation.
        device, dtype: of the inputs.

    Raises:
        ValueError: `batch_size` is below 1.

    Examples:
        >>> from book.training.data import load
        >>> batches = Batches(load("cifar10")[0], batch_size=512, augment=Augment(padding=4, flip=True))
        >>> [tuple(inputs.shape) for inputs, labels in batches.epoch(0)]
        [(512, 3, 32, 32), (512, 3, 32, 32), (476, 3, 32, 32)]
        >>> len(batches)
        3
    """

    def __init__(
        self,
        data: Data,
        batch_size: int = 128,
        augment: Augment | None = None,
        seed: int = 0,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ):
        if batch_size < 1:
            raise ValueError(f"batch_size starts at 1; got {batch_size}.")
        self.batch_size, self.augment, self.seed = batch_size, augment, seed
        self.inputs = data.inputs.to(device, dtype, memory_format=torch.channels_last)
        self.labels = data.labels.to(device)

    def __len__(self) -> int:
        """How many batches an epoch has."""
        return -(-len(self.labels) // self.batch_size)

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of one epoch, each as inputs (B, C, H, W) and labels (B,).

        Args:
            number: of the epoch, from 0 on.
            start: number of the first batch that is wanted.
        """
        generator = torch.Generator().manual_seed(1_000_003 * self.seed + number)
        order = torch.randperm(len(self.labels), generator=generator)
        drawn = self.augment and self.augment.draw(len(order), *self.inputs.shape[-2:], generator)
        device = self.labels.device
        places = order.to(device).split(self.batch_size)[start:]
        for index, batch in enumerate(places, start):
            inputs = self.inputs[batch]
            if drawn is not None:
                inputs = self.augment(inputs, drawn[index * self.batch_size :][: len(batch)])
            yield inputs, self.labels[batch]
