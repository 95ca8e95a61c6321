"""A data set on the device: shuffled, augmented mini-batches without worker processes."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from book.numerics.number_types import whole
from book.training.data.augment import Augment
from book.training.data.load import Data


class Batches:
    """The whole data set as tensors on one device, in batches of a new random order each epoch.

    What an epoch brings follows from the seed and the number of the epoch alone, so that a run can go on from
    any batch of any epoch without having seen those before. Everything random is drawn on the CPU, so that it
    is the same on every device, and goes to the device once an epoch: no batch waits for a transfer.

    Args:
        data: images and labels.
        batch_size: B, at least 1; the last batch of an epoch is smaller where B does not divide the number.
        augment: what is changed at random in each image; nothing by default.
        seed: of order and augmentation, at least 0.
        device, dtype: of the inputs. Where autocast computes in bfloat16 it rounds its inputs first, so
            bfloat16 inputs give the same numbers there in half the memory.

    Raises:
        TypeError: an argument is of another type.
        ValueError: `batch_size` is no whole number from 1 on, or `seed` none from 0 on; there is no image, or
            no such device.

    Examples:
        >>> from book.training.data.load import load
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
        if not isinstance(data, Data):
            raise TypeError(f"data is a Data, as load makes it; got a {type(data).__name__}.")
        if not len(data):
            raise ValueError("data holds no image.")
        if not isinstance(augment, Augment | None):
            raise TypeError(f"augment is an Augment, as Augment(flip=True); got {augment!r}.")
        if not isinstance(dtype, torch.dtype) or not dtype.is_floating_point:
            raise TypeError(f"dtype is one of the float dtypes, as torch.float32; got {dtype!r}.")
        self.batch_size = whole("batch_size", batch_size, 1, most=2**63 - 1)
        self.augment, self.seed = augment or Augment(), whole("Seeds", seed, least=0)
        device = known_device(device)
        once = replace(data)  # whose inputs are freed after this, while `data` would keep its own
        self.inputs = once.inputs.to(device, dtype, memory_format=torch.channels_last)
        self.labels, self.largest_label = data.labels.to(device), int(data.labels.max())

    def __len__(self) -> int:
        """How many batches an epoch has."""
        return -(-len(self.labels) // self.batch_size)

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of one epoch, each as inputs (B, C, H, W), channels last in memory, and labels (B,).

        Args:
            number: of the epoch, from 0 on.
            start: number of the first batch that is wanted.

        Raises:
            TypeError, ValueError: one is no whole number from 0 on.
        """
        number, start = whole("number", number, least=0), whole("start", start, least=0)
        order, drawn = (tensor.to(self.labels.device) for tensor in self._draw(number))
        parts = zip(order.split(self.batch_size), drawn.split(self.batch_size), strict=True)
        for chosen, of_each in islice(parts, start, None):
            yield self.augment(self.inputs[chosen], of_each), self.labels[chosen]

    def _draw(self, number: int) -> tuple[Tensor, Tensor]:
        """The order of an epoch's images, shape (N,), and what is drawn for each, shape (N, 5)."""
        generator = generator_of(self.seed, number)
        order = shuffled(len(self.labels), generator)
        height, width = self.inputs.shape[-2:]
        return order, self.augment.draw(len(order), height, width, generator)


def known_device(device: torch.device | str) -> torch.device:
    """The device of a name.

    Raises:
        ValueError: there is none of that name, or this computer lacks it.

    Examples:
        >>> known_device("gpu")
        Traceback (most recent call last):
        ValueError: There is no device 'gpu' here; take "cpu", or "cuda" where there is a GPU.
    """
    try:
        return torch.empty(0, device=device).device
    except Exception as error:  # torch raises four kinds, by the build
        raise ValueError(
            f'There is no device {device!r} here; take "cpu", or "cuda" where there is a GPU.'
        ) from error


def generator_of(seed: int, number: int) -> torch.Generator:
    """What draws the order of an epoch first, and then its augmentation.

    Args:
        seed: of the batches.
        number: of the epoch.
    """
    return torch.Generator().manual_seed(hashed(seed, number))


def shuffled(count: int, generator: torch.Generator) -> Tensor:
    """The numbers of so many images in a random order, shape (N,).

    Examples:
        >>> shuffled(4, generator_of(seed=0, number=1)).sort().values
        tensor([0, 1, 2, 3])
    """
    return torch.randperm(count, generator=generator)


def hashed(seed: int, number: int) -> int:
    """A seed for each pair of a seed and a number: 32 bits, all that torch's CPU generator takes of a seed.

    Args:
        seed, number: at least 0.

    Examples:
        >>> hashed(0, 1) != hashed(1, 0)
        True
    """
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
