"""The three problems on which second-order methods meet first-order ones: data, network, loss, lengths."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from book.project.tasks import Splits
from book.training.data.load import Data
from book.training.models import mlp, seeded

CODE = (196, 128, 64, 12, 64, 128, 196)
WORST = 196.0  # the largest squared error that an image of 196 pixels can have


class Part(NamedTuple):
    """What the network sees, and what the loss compares its output with."""

    inputs: Tensor
    targets: Tensor


class Material(NamedTuple):
    """The parts of a problem's data: what is trained on, what a dial is chosen by, what is reported."""

    tuning: Part
    validation: Part
    test: Part


@dataclass(frozen=True)
class Problem:
    """What is trained on what, for how long.

    Args:
        title: as in a table's head.
        data: name of the data set.
        network: from a seed to a new model.
        loss: one that K-FAC knows; it averages over a batch, and over all numbers of an output.
        batch: B of every method but L-BFGS.
        large: B of L-BFGS.
        steps: of a run in which every method takes equally many.
        marks: how many looks at held-out images lie along a final run, the start left out.
        halved: whether images are averaged to half their height and width first.
        rebuilt: whether the network rebuilds its image, and is judged by the squared error.
    """

    title: str
    data: str
    network: Callable[[int], nn.Module]
    loss: nn.Module
    batch: int
    large: int
    steps: int
    marks: int = 12
    halved: bool = False
    rebuilt: bool = False

    def part(self, data: Data) -> Part:
        """Images as the network takes them, and labels, or the images' brightness from 0 to 1."""
        inputs = avg_pool2d(data.inputs, 2) if self.halved else data.inputs
        return Part(inputs.clone(), brightness(inputs, data) if self.rebuilt else data.labels)

    def material(self, data: Splits) -> Material:
        """The parts that runs need, made once for all of them."""
        return Material(*(self.part(some) for some in (data.tuning, data.validation, data.test)))

    @property
    def outputs(self) -> int:
        """How many numbers of an example the loss averages over."""
        return CODE[-1] if self.rebuilt else 1

    def value(self, output: Tensor, targets: Tensor) -> Tensor:
        """What is made small: the loss of an example, summed over its numbers, in the mean of the batch."""
        return self.outputs * self.loss(output, targets)

    def score(self, output: Tensor, targets: Tensor) -> Tensor:
        """Of each example, the higher the better: right or not, or less its squared error."""
        if self.rebuilt:
            return -(output.sigmoid() - targets).square().sum(dim=1)
        return (output.argmax(dim=1) == targets).to(output)

    @property
    def failed(self) -> float:
        """The score of a run that came to nothing."""
        return -WORST if self.rebuilt else 0.1


def digit_mlp(seed: int) -> nn.Sequential:
    """784-256-256-10 with ReLU.

    Examples:
        >>> sum(parameter.numel() for parameter in digit_mlp(0).parameters())
        269322
    """
    return mlp(784, 256, 256, 10, seed=seed)


def autoencoder(seed: int) -> nn.Sequential:
    """196-128-64-12-64-128-196 with tanh, the code linear, on images of 14 × 14.

    The weights are drawn as Glorot and Bengio's uniform ones, the biases are 0.

    Source:
        Hinton and Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", Science, 2006,
        whose network is 784-1000-500-250-30 and back.

    Examples:
        >>> autoencoder(0)(torch.zeros(3, 1, 14, 14)).shape
        torch.Size([3, 196])
    """
    layers: list[nn.Module] = [nn.Flatten()]
    with seeded(seed):
        for number, (inputs, outputs) in enumerate(pairwise(CODE)):
            linear = nn.Linear(inputs, outputs)
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)
            plain = outputs == min(CODE) or number == len(CODE) - 2
            layers += [linear] if plain else [linear, nn.Tanh()]
    return nn.Sequential(*layers)


def small_cnn(seed: int) -> nn.Sequential:
    """The book's small CNN for images of 3 × 16 × 16: 32, 64 and 128 channels, then 10 classes.

    Examples:
        >>> small_cnn(0)(torch.zeros(2, 3, 16, 16)).shape
        torch.Size([2, 10])
    """
    layers: list[nn.Module] = []
    with seeded(seed):
        for inputs, outputs in pairwise((3, 32, 64, 128)):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * 2 * 2, 10))


def brightness(inputs: Tensor, data: Data) -> Tensor:
    """Grey pixels from 0 to 1, shape (N, pixels), of normalised images.

    Args:
        inputs: normalised, shape (N, 1, H, W).
        data: whose mean and deviation were taken.
    """
    (mean,), (deviation,) = data.facts.mean, data.facts.deviation
    return (inputs * deviation + mean).flatten(1).clamp(0, 1)


@torch.no_grad()
def judged(problem: Problem, model: nn.Module, part: Part, at_once: int = 1000) -> tuple[float, float]:
    """The mean loss on images, and the mean score: a share, or less the squared error.

    Args:
        problem, model: of a run.
        part: N images.
        at_once: how many pass through the network together.
    """
    losses, scores = [], []
    for inputs, targets in zip(*(tensor.split(at_once) for tensor in part), strict=True):
        output = model(inputs)
        losses.append(problem.value(output, targets) * len(inputs))
        scores.append(problem.score(output, targets).sum())
    count = len(part.inputs)
    return float(torch.stack(losses).sum() / count), float(torch.stack(scores).sum() / count)


PROBLEMS = {
    "autoencoder": Problem(
        "autoencoder on MNIST",
        "mnist",
        autoencoder,
        nn.BCEWithLogitsLoss(),
        batch=500,
        large=2000,
        steps=100,
        halved=True,
        rebuilt=True,
    ),
    "mlp": Problem(
        "MLP on MNIST", "mnist", digit_mlp, nn.CrossEntropyLoss(), batch=500, large=2000, steps=60
    ),
    "cnn": Problem(
        "CNN on CIFAR-10",
        "cifar10",
        small_cnn,
        nn.CrossEntropyLoss(),
        batch=250,
        large=1000,
        steps=60,
        halved=True,
    ),
}
