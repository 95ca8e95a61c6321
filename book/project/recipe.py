"""The speedrun's recipe: every trick is a field, so that each can be left out or used alone."""

from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import torch

FLIPS = ("none", "random", "alternating")
VIEWS = ("none", "flip", "shift")
NESTEROV, HEAVY_BALL = (partial(torch.optim.SGD, nesterov=on, fused=True) for on in (True, False))
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Recipe:
    """What a speedrun does. The defaults are the hyperparameters of airbench94, for CIFAR-10 on a GPU.

    Rate and decay are decoupled from momentum and batch size. With a steady gradient a step moves the
    parameters in the long run by `lr` times the mean gradient for each 1,024 images, and shrinks them by
    `weight_decay` of their size for each 1,024, whatever the momentum.

    Args:
        epochs: the last one may be cut short; 9.9 are 9 and nine tenths of one.
        batch_size: images of a step; what is left over at the end of an epoch is dropped.
        widths: channels of the three blocks.
        whitening: whether the first convolution whitens the patches of the images and stays so.
        whitening_bias_epochs: how long the whitening convolution's bias is trained.
        dirac: whether the other convolutions start as the identity, as far as their channels reach.
        bias_only: whether batch normalisation has a bias but no scale.
        batch_norm_momentum: weight of the new batch in the running statistics, as torch counts it.
        gelu: whether the activation is GELU; else ReLU.
        logit_scale: what the logits are multiplied by.
        label_smoothing: the share of the target that is spread over all classes.
        flip: "none"; "random", drawn each epoch; "alternating", drawn once, then the other way each epoch.
        translate: pixels by which an image moves at most, its border reflected.
        cutout: side in pixels of a square set to 0; 0 for none.
        lr: decoupled learning rate.
        momentum: of the optimizer.
        weight_decay: decoupled.
        optimizer: called with parameter groups and `momentum`; their `lr` and `weight_decay` are torch's.
        triangular: whether the rate rises from 0.2 and falls to 0.07 of itself; else it stays.
        bias_scale: how many times as fast the biases of batch normalisation learn.
        lookahead: whether the parameters are set back to their moving average every five steps.
        views: of a test image: "none", "flip" (two), "shift" (six, with one-pixel translations).
        precision: of images, network and gradients; batch normalisation keeps float32.
        channels_last: whether a pixel's channels lie side by side in memory.
        compiled: whether the network goes through `torch.compile`; making it is outside the clock.

    Raises:
        ValueError: there is no such flip, view or precision.

    Source:
        Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv:2404.00498, 2024; after
        Balsam, hlb-CIFAR10, 2023, and Page, "How to Train Your ResNet", 2018.

    Examples:
        >>> Recipe().widths, Recipe().epochs
        ((64, 256, 256), 9.9)
    """

    epochs: float = 9.9
    batch_size: int = 1024
    widths: tuple[int, int, int] = (64, 256, 256)
    whitening: bool = True
    whitening_bias_epochs: int = 3
    dirac: bool = True
    bias_only: bool = True
    batch_norm_momentum: float = 0.4
    gelu: bool = True
    logit_scale: float = 1 / 9
    label_smoothing: float = 0.2
    flip: str = "alternating"
    translate: int = 2
    cutout: int = 0
    lr: float = 10.0  # airbench's 11.5 · (1 + 1 / 0.15)⁻¹ · (1 / 0.15): it counts one gradient more
    momentum: float = 0.85
    weight_decay: float = 0.0153 / 1.15  # airbench's, likewise
    optimizer: partial = NESTEROV
    triangular: bool = True
    bias_scale: float = 64.0
    lookahead: bool = True
    views: str = "shift"
    precision: str = "float16"
    channels_last: bool = True
    compiled: bool = True

    def __post_init__(self):
        for field, known in (("flip", FLIPS), ("views", VIEWS), ("precision", tuple(DTYPES))):
            if getattr(self, field) not in known:
                raise ValueError(f"{field} is one of {', '.join(known)}; got {getattr(self, field)!r}.")

    @property
    def dtype(self) -> torch.dtype:
        """Of images, network and gradients."""
        return DTYPES[self.precision]


class Trick(NamedTuple):
    """The fields that a trick changes: their values where it is left out, and where it is used alone."""

    without: dict
    alone: dict


def _trick(**without) -> Trick:
    return Trick(without, {field: getattr(Recipe, field) for field in without})


FULL = Recipe()
SMALL = replace(  # for the sample on a CPU: 60 steps in place of 476, hence the other rates
    FULL,
    epochs=2,
    batch_size=50,
    widths=(24, 24, 24),
    lr=100.0,
    bias_scale=8.0,
    precision="float32",
    compiled=False,
)
TRICKS = {
    "whitening": _trick(whitening=False),
    "whitening bias": _trick(whitening_bias_epochs=0),
    "dirac start": _trick(dirac=False),
    "no batch-norm scale": _trick(bias_only=False),
    "quick batch norm": _trick(batch_norm_momentum=0.1),
    "GELU": _trick(gelu=False),
    "scaled logits": _trick(logit_scale=1.0),
    "label smoothing": _trick(label_smoothing=0.0),
    "flips": Trick({"flip": "none"}, {"flip": "random"}),
    "alternating flips": Trick({"flip": "random"}, {"flip": "alternating"}),
    "translation": _trick(translate=0),
    "Nesterov": _trick(optimizer=HEAVY_BALL),
    "triangular rate": _trick(triangular=False),
    "quick biases": _trick(bias_scale=1.0),
    "lookahead": _trick(lookahead=False),
    "six views": _trick(views="none"),
    "half precision": _trick(precision="float32"),
    "channels last": _trick(channels_last=False),
    "compiled": _trick(compiled=False),
}


def without(recipe: Recipe, name: str) -> Recipe:
    """The recipe with one trick left out.

    Args:
        recipe: which has it.
        name: one of `TRICKS`.

    Examples:
        >>> without(FULL, "translation").translate
        0
    """
    return replace(recipe, **TRICKS[name].without)


def plain(recipe: Recipe) -> Recipe:
    """The recipe with every trick left out.

    Examples:
        >>> plain(FULL).flip, plain(FULL).dtype
        ('none', torch.float32)
    """
    off = {field: value for trick in TRICKS.values() for field, value in trick.without.items()}
    return replace(recipe, **off | {"flip": "none"})


def alone(recipe: Recipe, name: str) -> Recipe:
    """The plain recipe with one trick added.

    Examples:
        >>> alone(FULL, "alternating flips").flip, alone(FULL, "alternating flips").translate
        ('alternating', 0)
    """
    return replace(plain(recipe), **TRICKS[name].alone)
