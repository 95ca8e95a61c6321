"""MNIST and CIFAR-10, each as two whole tensors: a sample that the book carries, or all of it."""

import pickle
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from book.errors import known
from book.training.data.sample import read_sheet


@dataclass(frozen=True)
class Facts:
    """What is published about a data set: its shape, the training set's statistics, and whose it is."""

    title: str
    channels: int
    size: int
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    authors: str


FACTS = {
    "mnist": Facts("MNIST", 1, 28, (0.1307,), (0.3081,), "LeCun, Cortes and Burges, CC BY-SA 3.0"),
    "cifar10": Facts(
        "CIFAR-10", 3, 32, (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616), "Krizhevsky, 2009"
    ),
}
NAMES = tuple(FACTS)
SCALES = ("sample", "full")


@dataclass(frozen=True)
class Data:
    """Images and labels, whole. `data[:100]`, a slice or a tensor of indices, gives some of them.

    Args:
        images: uint8, shape (N, C, H, W).
        labels: int64, shape (N,), from 0 to 9.
        source: one sentence: which images these are, how many, and from where.
        facts: of the data set.

    Raises:
        ValueError: images or labels are of another dtype or shape, or a label is below 0.

    Examples:
        >>> train, test = load("mnist")
        >>> print(test.source)  # doctest: +ELLIPSIS
        500 of the 10,000 test images of MNIST, the same number of each class (LeCun, ...
        >>> test[:20].labels.tolist()
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """

    images: Tensor
    labels: Tensor
    source: str
    facts: Facts

    def __post_init__(self):
        if self.images.dtype != torch.uint8 or self.images.ndim != 4:
            raise ValueError(
                "images are uint8 of shape (N, C, H, W), from 0 to 255; got "
                f"{self.images.dtype} of shape {tuple(self.images.shape)}."
            )
        if self.labels.dtype != torch.int64 or self.labels.shape != self.images.shape[:1]:
            raise ValueError(
                f"labels are int64, one to each of the {len(self.images)} images; got {self.labels.dtype} of "
                f"shape {tuple(self.labels.shape)}."
            )
        if len(self.labels) and self.labels.min() < 0:
            raise ValueError(f"Labels start at 0; got {self.labels.min().item()}.")

    @cached_property
    def inputs(self) -> Tensor:
        """What a network sees: (image / 255 - mean) / deviation, float32, shape (N, C, H, W).

        Mean and deviation are those of the full training set, one for each channel, at either scale.
        """
        mean = torch.tensor(self.facts.mean)[:, None, None]
        deviation = torch.tensor(self.facts.deviation)[:, None, None]
        return self.images.float().div_(255).sub_(mean).div_(deviation)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, chosen) -> "Data":
        images = self.images[chosen]
        return replace(
            self, images=images, labels=self.labels[chosen], source=f"{len(images):,} out of: {self.source}"
        )


def load(name: str, scale: str = "sample") -> tuple[Data, Data]:
    """Read a data set: its training and its test images.

    The sample travels with the book: 1,500 training and 500 test images, the same number of each class, in
    the order class 0, 1, … 9, 0, 1, … The full set lies in the folder that the environment variable BOOK_DATA
    names; where that is not set, in `descent` in your cache folder. Whatever is missing there is downloaded
    once: 12 MB for MNIST, 170 MB for CIFAR-10.

    Args:
        name: "mnist" (28 × 28, grey) or "cifar10" (32 × 32, colour).
        scale: "sample" or "full".

    Returns:
        Training and test set.

    Raises:
        BookError: there is no such name or scale, or the files cannot be had; the sentence says what to do.

    Source:
        LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998.
        Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", technical report, 2009.

    Examples:
        >>> train, test = load("cifar10")
        >>> train.images.shape, train.inputs.dtype, len(test)
        (torch.Size([1500, 3, 32, 32]), torch.float32, 500)
    """
    facts = FACTS[known(name, "data set", NAMES)]
    if known(scale, "scale", SCALES) == "sample":
        halves = [read_sheet(f"{name}-{split}", facts.channels, facts.size) for split in ("train", "test")]
    else:
        from book.training.data.cache import fetch  # it brings torchvision, which the sample does without

        halves = READERS[name](fetch(name))
    (train, of_train), (test, of_test) = halves
    total = (60_000, 10_000) if name == "mnist" else (50_000, 10_000)
    return (
        Data(train, of_train, _source(len(train), total[0], "training", facts), facts),
        Data(test, of_test, _source(len(test), total[1], "test", facts), facts),
    )


def _source(count: int, total: int, split: str, facts: Facts) -> str:
    if count == total:
        return f"All {total:,} {split} images of {facts.title} ({facts.authors})."
    of = f"{count:,} of the {total:,} {split} images of {facts.title}"
    return f"{of}, the same number of each class ({facts.authors})."


def _read_mnist(folder: Path) -> list[tuple[Tensor, Tensor]]:
    from book.training.data.vision import datasets

    read = datasets.mnist
    return [
        (
            read.read_image_file(str(folder / f"{split}-images-idx3-ubyte")).unsqueeze(1),
            read.read_label_file(str(folder / f"{split}-labels-idx1-ubyte")),
        )
        for split in ("train", "t10k")
    ]


def _read_cifar10(folder: Path) -> list[tuple[Tensor, Tensor]]:
    # A pickle can run code as it is read. These are opened only after `fetch` has found each one's digest to
    # be the published one; torchvision does the same.
    train = [pickle.loads((folder / f"data_batch_{i}").read_bytes(), encoding="latin1") for i in range(1, 6)]
    test = [pickle.loads((folder / "test_batch").read_bytes(), encoding="latin1")]
    return [
        (
            torch.from_numpy(np.concatenate([batch["data"] for batch in batches])).reshape(-1, 3, 32, 32),
            torch.tensor([label for batch in batches for label in batch["labels"]]),
        )
        for batches in (train, test)
    ]


READERS = {"mnist": _read_mnist, "cifar10": _read_cifar10}
