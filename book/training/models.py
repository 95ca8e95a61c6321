"""The networks that the book trains, each from a seed of its own."""

from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise

import torch
from torch import nn


def mlp(*widths: int, seed: int = 0) -> nn.Sequential:
    """A multilayer perceptron: x ↦ W_L relu(… relu(W_1 x + b_1) …) + b_L, on the flattened input.

    Weights and biases have torch's default distribution, U(-1/√n, 1/√n) with n the layer's inputs. They are
    drawn from the seed alone; torch's global generator stays as it was. `.double()` gives a float64 network.

    Args:
        widths: inputs, hidden layers, outputs: at least two numbers.
        seed: of the initial parameters.

    Raises:
        ValueError: there are fewer than two widths, or one is below 1.

    Source:
        Rumelhart, Hinton and Williams, "Learning Representations by Back-Propagating Errors", Nature, 1986.

    Examples:
        >>> model = mlp(784, 256, 256, 10)
        >>> sum(parameter.numel() for parameter in model.parameters())
        269322
    """
    if len(widths) < 2 or min(widths) < 1:
        raise ValueError(
            f"A network needs inputs and outputs, each at least 1, as mlp(784, 10); got {widths}."
        )
    with seeded(seed):
        layers = [nn.Linear(inputs, outputs) for inputs, outputs in pairwise(widths)]
    hidden = [layer for linear in layers[:-1] for layer in (linear, nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, layers[-1])


@contextmanager
def seeded(seed: int) -> Generator[None]:
    """Draw from a seed inside the block; torch's global generators stay as they were.

    Args:
        seed: of torch's generator inside the block.

    Examples:
        >>> with seeded(7):
        ...     first = torch.rand(2)
        >>> with seeded(7):
        ...     print(torch.equal(first, torch.rand(2)))
        True
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield
