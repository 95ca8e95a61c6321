"""The networks that the book trains, each from a seed: perceptrons, a small CNN, VGG13 for small images."""

from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise

import torch
from torch import nn

from book.numerics.number_types import whole

CNN_CHANNELS = (3, 32, 64, 128)
VGG13_BLOCKS = (64, 128, 256, 512, 512)  # channels of the two convolutions in each block
SEEDS = -(2**63), 2**64 - 1  # what torch's generators take


def mlp(*widths: int, seed: int = 0) -> nn.Sequential:
    """A multilayer perceptron: x ↦ W_L relu(… relu(W_1 x + b_1) …) + b_L, on the flattened input.

    Weights and biases have torch's default distribution, U(-1/√n, 1/√n) with n the layer's inputs. They are
    drawn from the seed alone; torch's global generator stays as it was. `.double()` gives a float64 network.

    Args:
        widths: inputs, hidden layers, outputs: at least two numbers.
        seed: of the initial parameters.

    Raises:
        TypeError: a width or the seed is no number.
        ValueError: there are fewer than two widths, one is no whole number from 1 on, or the seed has more
            than 64 bits.

    Source:
        Rumelhart, Hinton and Williams, "Learning Representations by Back-Propagating Errors", Nature, 1986.

    Examples:
        >>> model = mlp(784, 256, 256, 10)
        >>> sum(parameter.numel() for parameter in model.parameters())
        269322
    """
    widths = tuple(whole("widths", width) for width in widths)
    if len(widths) < 2 or min(widths) < 1:
        raise ValueError(
            f"A network needs inputs and outputs, each at least 1, as mlp(784, 10); got {widths}."
        )
    with seeded(seed):
        layers = [nn.Linear(inputs, outputs) for inputs, outputs in pairwise(widths)]
    hidden = [layer for linear in layers[:-1] for layer in (linear, nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, layers[-1])


def mnist_mlp(seed: int = 0) -> nn.Sequential:
    """784 → 1024 → 1024 → 10 with ReLU, on flattened images of 1 × 28 × 28.

    Args:
        seed: of the initial parameters.

    Examples:
        >>> sum(parameter.numel() for parameter in mnist_mlp().parameters())
        1863690
    """
    return mlp(784, 1024, 1024, 10, seed=seed)


def cifar_cnn(seed: int = 0) -> nn.Sequential:
    """Three times convolution, ReLU and max-pooling, then one linear layer, on images of 3 × 32 × 32.

    The convolutions are 3 × 3 with 32, 64 and 128 channels; each pooling halves height and width.

    Args:
        seed: of the initial parameters.

    Examples:
        >>> import torch
        >>> cifar_cnn()(torch.zeros(5, 3, 32, 32)).shape
        torch.Size([5, 10])
        >>> sum(parameter.numel() for parameter in cifar_cnn().parameters())
        113738
    """
    with seeded(seed):
        layers = []
        for inputs, outputs in pairwise(CNN_CHANNELS):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(CNN_CHANNELS[-1] * 4 * 4, 10))


def vgg13(seed: int = 0, batch_norm: bool = True) -> nn.Sequential:
    """Ten 3 × 3 convolutions in five blocks, then linear layers 512 → 512 → 10, on images of 3 × 32 × 32.

    Each block ends in max-pooling, so that 1 × 1 × 512 is left of an image. The original has three linear
    layers of 4096, 4096 and 1000 outputs, with dropout, for images of 224 × 224.

    Args:
        seed: of the initial parameters.
        batch_norm: whether each convolution is followed by batch normalisation; it has no bias then.

    Source:
        Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015.

    Examples:
        >>> sum(parameter.numel() for parameter in vgg13(batch_norm=False).parameters())
        9672778
    """
    with seeded(seed):
        layers, inputs = [], 3
        for outputs in VGG13_BLOCKS:
            for width in (inputs, outputs):
                layers += _convolution(width, outputs, batch_norm)
            layers.append(nn.MaxPool2d(2))
            inputs = outputs
        return nn.Sequential(
            *layers, nn.Flatten(), nn.Linear(inputs, inputs), nn.ReLU(), nn.Linear(inputs, 10)
        )


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
    seed = whole("seed", seed, *SEEDS)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


def _convolution(inputs: int, outputs: int, batch_norm: bool) -> list[nn.Module]:
    normalisation = [nn.BatchNorm2d(outputs)] if batch_norm else []
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=not batch_norm), *normalisation, nn.ReLU()]
