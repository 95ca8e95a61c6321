"""What a network is made of: for each layer its output, its parameters, its work, and what it can see."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Layer:
    """One layer, as it treats one image.

    Args:
        module: the layer itself.
        shape: of its output, without the batch.
        parameters: how many numbers it learns.
        multiply_adds: of a forward pass.
    """

    module: nn.Module
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int


def layers(model: nn.Module, shape: tuple[int, ...]) -> list[Layer]:
    """Send one image through a network and note each layer in its turn.

    Args:
        model: on any device, "meta" included, where nothing is computed.
        shape: of an image, (C, H, W).

    Examples:
        >>> model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 30 * 30, 10))
        >>> for layer in layers(model, (3, 32, 32)):
        ...     print(type(layer.module).__name__, layer.shape, layer.parameters, layer.multiply_adds)
        Conv2d (8, 30, 30) 224 194400
        ReLU (8, 30, 30) 0 0
        Flatten (7200,) 0 0
        Linear (10,) 72010 72000
    """
    found = []

    def note(module: nn.Module, _, output: torch.Tensor) -> None:
        shape = tuple(output.shape[1:])
        found.append(Layer(module, shape, parameters(module), multiply_adds(module, shape)))

    leaves = [module for module in model.modules() if not list(module.children())]
    hooks = [module.register_forward_hook(note) for module in leaves]
    mode = model.training
    try:
        with torch.no_grad():
            model.eval()(torch.zeros(1, *shape, device=next(model.parameters()).device))
    finally:
        model.train(mode)
        for hook in hooks:
            hook.remove()
    return found


def parameters(module: nn.Module) -> int:
    """How many numbers a layer learns, by the formula for its kind.

    Examples:
        >>> parameters(nn.Conv2d(64, 128, 3)), parameters(nn.Linear(512, 10)), parameters(nn.BatchNorm2d(64))
        (73856, 5130, 128)
    """
    match module:
        case nn.Conv2d(in_channels=inputs, out_channels=outputs, kernel_size=(high, wide), bias=bias):
            return outputs * (inputs // module.groups * high * wide + (bias is not None))
        case nn.Linear(in_features=inputs, out_features=outputs, bias=bias):
            return outputs * (inputs + (bias is not None))
        case nn.BatchNorm2d(num_features=channels):
            return 2 * channels
    return 0


def multiply_adds(module: nn.Module, shape: tuple[int, ...]) -> int:
    """How many multiplications, each with its addition, one image costs in a convolution or linear layer.

    Args:
        module: the layer; for every other kind the answer is 0.
        shape: of its output, without the batch.

    Examples:
        >>> multiply_adds(nn.Conv2d(64, 128, 3, padding=1), (128, 16, 16))
        18874368
    """
    match module:
        case nn.Conv2d(in_channels=inputs, kernel_size=(high, wide)):
            channels, rows, columns = shape
            return rows * columns * channels * inputs // module.groups * high * wide
        case nn.Linear(in_features=inputs, out_features=outputs):
            return outputs * inputs
    return 0


def receptive_fields(model: nn.Sequential) -> Iterator[tuple[nn.Module, int, int]]:
    """Follow the side of the square of pixels that one number of a layer's output depends on.

    Args:
        model: its convolutions and poolings have square windows, and nothing but them spreads sideways.

    Yields:
        For each convolution and pooling: the layer, the side r of its field, and the step j in pixels from
        the field of one output to that of the next.

    Examples:
        >>> model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3))
        >>> [(field, step) for _, field, step in receptive_fields(model)]
        [(3, 1), (4, 2), (8, 2)]
    """
    field = step = 1
    for module in model:
        if isinstance(module, nn.Conv2d | nn.MaxPool2d):
            window, stride = _side(module.kernel_size), _side(module.stride)
            field, step = field + (window - 1) * step, step * stride
            yield module, field, step


def _side(size: int | tuple[int, ...]) -> int:
    return size if isinstance(size, int) else size[0]
