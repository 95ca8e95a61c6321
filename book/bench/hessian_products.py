"""What one Hessian-vector product costs, next to one loss and one gradient, on a network for MNIST."""

from collections.abc import Callable

import torch
from torch import Tensor

from book.bench.harness import interleave, median, one_thread, paired_ratio, quartiles, record
from book.calculus import gradient, hvp
from book.training.data.load import Data, load
from book.training.models import mlp
from book.training.surface.flat import flat_loss, flat_parameters

WIDTHS = (784, 256, 256, 10)
BATCHES = (32, 128, 512, 2048)


@one_thread()
def run(store: bool) -> dict:
    """Time the four on one core, print the table, store it if asked to.

    Args:
        store: whether to write `assets/results/hessian-products.json`.
    """
    data = load("mnist", scale="full")[0]
    rows = [_row(data[:batch]) for batch in BATCHES]
    for row in rows:
        print(
            f"batch {row['batch']:5d}: gradient {row['gradient_seconds']:.2e} s; in gradients: loss "
            f"{row['loss']}, forward over reverse {row['forward over reverse']}, reverse over reverse "
            f"{row['reverse over reverse']}"
        )
    return record("hessian-products", {"network": "-".join(map(str, WIDTHS)), "rows": rows}, store)


def contestants(loss: Callable[[Tensor], Tensor], θ: Tensor, v: Tensor) -> dict[str, Callable[[], Tensor]]:
    """The loss, its gradient, and H v in two ways.

    Examples:
        >>> x = torch.tensor([1.0, 2.0])
        >>> calls = contestants(lambda p: (p**3).sum(), x, torch.ones(2))
        >>> {name: call().tolist() for name, call in calls.items()}["reverse over reverse"]
        [6.0, 12.0]
    """
    return {
        "loss": lambda: loss(θ),
        "gradient": lambda: gradient(loss, θ),
        "forward over reverse": lambda: hvp(loss, θ, v),
        "reverse over reverse": lambda: by_double_backward(loss, θ, v),
    }


def by_double_backward(loss: Callable[[Tensor], Tensor], θ: Tensor, v: Tensor) -> Tensor:
    """H v as the gradient of gᵀv: a backward pass through the backward pass.

    Examples:
        >>> by_double_backward(lambda p: (p**3).sum(), torch.tensor([1.0, 2.0]), torch.ones(2))
        tensor([ 6., 12.])
    """
    θ = θ.detach().requires_grad_()
    (g,) = torch.autograd.grad(loss(θ), θ, create_graph=True)
    return torch.autograd.grad(g @ v, θ)[0]


def _row(data: Data) -> dict:
    model = mlp(*WIDTHS)
    θ = flat_parameters(model)
    v = torch.randn(len(θ), generator=torch.Generator().manual_seed(0))
    seconds = interleave(contestants(flat_loss(model, data), θ, v))
    gradients = seconds["gradient"]
    others = [name for name in seconds if name != "gradient"]
    return {
        "batch": len(data),
        "gradient_seconds": median(gradients),
        **{name: paired_ratio(seconds[name], gradients) for name in others},
        "quartiles": {
            name: quartiles([a / b for a, b in zip(seconds[name], gradients, strict=True)]) for name in others
        },
    }
