"""Two optimizers on copies of one network: how far apart their parameters end."""

from collections.abc import Callable, Iterable

import torch

from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import train

Make = Callable[[Iterable[torch.nn.Parameter]], torch.optim.Optimizer]


def difference(ours: Make, theirs: Make, epochs: int = 2) -> float:
    """The largest difference between two trained networks' parameters, relative to each tensor's largest.

    Both start as the same small network in float64 and see the same minibatches of the MNIST sample.

    Args:
        ours, theirs: from the parameters to an optimizer over them, `lambda p: Adam(p, lr=1e-3)` for one.
        epochs: of 12 steps each.

    Examples:
        >>> from book.optim import SGD
        >>> difference(lambda p: SGD(p, lr=0.1), lambda p: torch.optim.SGD(p, lr=0.1)) < 1e-12
        True
    """
    models = [mlp(784, 16, 10, seed=0).double() for _ in range(2)]
    data, _ = load("mnist")
    for model, make in zip(models, (ours, theirs), strict=True):
        train(model, data, make(model.parameters()), epochs)
    pairs = zip(*(model.parameters() for model in models), strict=True)
    return max(((a - b).abs().max() / b.abs().max()).item() for a, b in pairs)
