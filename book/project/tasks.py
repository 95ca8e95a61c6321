"""The tasks on which optimizers are compared: a data set, a network, and how images reach it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
from torch import nn

from book.training.data.augment import Augment
from book.training.data.load import Data, load
from book.training.data.sample import choose
from book.training.models import cifar_cnn, mnist_mlp, vgg13

CROPS_AND_FLIPS = Augment(padding=4, flip=True)
VALIDATION = {"sample": 30, "full": 500}  # images of each class that choose the rate
SPLIT_SEED = 0
TENSOR_CORES = (7, 0)  # the first compute capability of NVIDIA that multiplies quickly in float16


@dataclass(frozen=True)
class Task:
    """What is trained on what.

    Args:
        title: as in the table's head.
        data: name of the data set.
        network: from a seed to a new model.
        augment: what is changed at random in each training image; None for nothing.
        batch_size: B.
    """

    title: str
    data: str
    network: Callable[[int], nn.Module]
    augment: Augment | None = None
    batch_size: int = 128


TASKS = {
    "mlp": Task("MLP on MNIST", "mnist", mnist_mlp),
    "cnn": Task("CNN on CIFAR-10", "cifar10", cifar_cnn, CROPS_AND_FLIPS),
    "vgg13": Task("VGG13 with batch normalisation on CIFAR-10", "cifar10", vgg13, CROPS_AND_FLIPS),
    "vgg13-plain": Task(
        "VGG13 without batch normalisation on CIFAR-10",
        "cifar10",
        partial(vgg13, batch_norm=False),
        CROPS_AND_FLIPS,
    ),
}


class Splits(NamedTuple):
    """All training images, their two parts for the choice of the rate, and the test images."""

    train: Data
    tuning: Data
    validation: Data
    test: Data


def splits(name: str, scale: str) -> Splits:
    """Load a data set and hold out validation images: the same ones each time, equally many of each class.

    Args:
        name: of the data set.
        scale: "sample" or "full".

    Raises:
        BookError: the data cannot be had.

    Examples:
        >>> [len(part) for part in splits("mnist", "sample")]
        [1500, 1200, 300, 500]
    """
    train, test = load(name, scale)
    held = choose(train.labels, VALIDATION[scale], SPLIT_SEED)
    rest = torch.ones(len(train), dtype=torch.bool)
    rest[held] = False
    return Splits(train, train[rest], train[held], test)


def device() -> str:
    """Where trials run: "cuda" where there is a CUDA device, else "cpu"."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def precision(device: str) -> str:
    """The quickest precision that the device multiplies in: "bfloat16", else "float16", else "float32".

    A GPU of the years 2017 to 2019, such as the T4, has float16 alone, and `fit` scales its losses. A CPU
    never takes float16, which would be slower there.

    Args:
        device: "cuda" or "cpu".

    Examples:
        >>> precision("cpu") in ("bfloat16", "float32")
        True
    """
    if device == "cuda":
        able = torch.cuda.is_bf16_supported(including_emulation=False)
        if not able and torch.cuda.get_device_capability() >= TENSOR_CORES:
            return "float16"
    else:
        said = getattr(torch.cpu, "get_capabilities", dict)()  # torch 2.10 does not say
        able = said.get("avx512_bf16", False) or said.get("amx_bf16", False)
    return "bfloat16" if able else "float32"
