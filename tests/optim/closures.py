"""Losses of a few parameters, as a closure in each of the forms that a full-batch method takes."""

from collections.abc import Callable

import torch
from torch import Tensor

from book.optim import FullBatch
from book.optim.second_order import SECOND_ORDER

OF_ANY_LOSS = {  # the methods that a closure of the loss is enough for
    name: method.make
    for name, method in SECOND_ORDER.items()
    if issubclass(method.make, FullBatch) and method.asks in ("gradients", "products", "Hessian")
}
SHAPES = ((4, 3), (), (2, 4), (3,))


def network(dtype: torch.dtype = torch.float64, seed: int = 1) -> list[torch.nn.Parameter]:
    """Parameters of several shapes, one of them a single number."""
    generator = torch.Generator().manual_seed(seed)
    made = [torch.randn(shape, generator=generator, dtype=torch.float64) / 2 for shape in SHAPES]
    return [torch.nn.Parameter(tensor.to(dtype)) for tensor in made]


def examples(count: int = 12, seed: int = 2, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(count, 3, generator=generator, dtype=torch.float64).to(dtype)
    return inputs, torch.stack([inputs.prod(1).tanh(), inputs.sum(1).sin()], dim=1)


def error(params: list[Tensor], batch: tuple[Tensor, Tensor]) -> Tensor:
    """Squared error of a small network, with a little decay that makes the Hessian regular."""
    first, scale, second, shift = params
    inputs, targets = batch
    output = torch.tanh((inputs + shift) @ first.T) @ second.T * scale
    return (output - targets).square().mean() + 0.05 * sum(p.square().sum() for p in params)


def rosenbrock(x: Tensor) -> Tensor:
    """In pairs, as Moré, Garbow and Hillstrom extend it: one minimum, at 1."""
    return (100 * (x[1::2] - x[::2] ** 2) ** 2 + (1 - x[::2]) ** 2).sum()


def valley(n: int = 2, dtype: torch.dtype = torch.float64) -> list[torch.nn.Parameter]:
    """The start of Rosenbrock's function in n dimensions."""
    return [torch.nn.Parameter(torch.tensor([-1.2, 1.0] * (n // 2), dtype=dtype))]


class Calls:
    """A closure that counts how often it was called; the loss alone, or with `backward`."""

    def __init__(self, loss: Callable[[], Tensor], params: list[Tensor], backward: str = "none"):
        self.loss, self.params, self.backward, self.count = loss, params, backward, 0

    def __call__(self) -> Tensor:
        self.count += 1
        loss = self.loss()
        if self.backward != "none":
            for parameter in self.params:
                parameter.grad = None
            loss.backward(create_graph=self.backward == "graph")
        return loss


def plain(params: list[Tensor]) -> list[Tensor]:
    return [p.detach().clone() for p in params]
