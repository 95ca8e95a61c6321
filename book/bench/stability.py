"""The largest stable learning rate of a network under full-batch descent, beside 2/λmax as measured there."""

import torch
from torch import Tensor

from book.bench.harness import one_thread, record, significant
from book.calculus import hvp, lanczos
from book.calculus.functions import Function
from book.optim import descend
from book.training.data.load import load
from book.training.models import mlp
from book.training.surface.flat import flat_loss, flat_parameters

IMAGES = 2_000
WIDTHS = (784, 256, 256, 10)
SEEDS = (0, 1, 2, 3, 4)
SLOW = 0.02  # the rate of the slow run on whose way the largest stable rate is looked for
STAGES = (0, 60, 120, 240)
FACTORS = tuple(round(0.1 * k, 1) for k in range(1, 21))  # times 2/λmax
HORIZON = 20
RATES = (0.05, 0.1, 0.2)
STEPS, EVERY = 500, 20
PRODUCTS = 8


@one_thread()
def run(store: bool) -> dict:
    """Measure both on the first images of full MNIST, print the tables, store them if asked to.

    Args:
        store: whether to write `assets/results/stability.json`.
    """
    loss_of = _losses()
    stages = [row for seed in SEEDS for row in _stages(seed, *loss_of(seed))]
    loss, start = loss_of(0)
    curves = [_curve(loss, start, lr) for lr in RATES]
    settings = {
        "images": IMAGES,
        "widths": list(WIDTHS),
        "slow_rate": SLOW,
        "factors": list(FACTORS),
        "horizon": HORIZON,
        "every": EVERY,
        "products": PRODUCTS,
    }
    return record("stability", {**settings, "stages": stages, "curves": curves}, store)


def largest_eigenvalue(loss: Function, x: Tensor, products: int = PRODUCTS, seed: int = 0) -> float:
    """λmax of the Hessian at x by Lanczos, from a random start.

    Examples:
        >>> round(largest_eigenvalue(lambda x: (x**2 * torch.tensor([1.0, 3.0])).sum(), torch.ones(2)), 3)
        6.0
    """
    start = torch.randn(len(x), generator=torch.Generator().manual_seed(seed)).to(x)
    return lanczos(lambda v: hvp(loss, x, v), start, products).values[-1].item()


def rises(loss: Function, path: Tensor) -> int:
    """How many steps of a path went up; a step to nan counts.

    Examples:
        >>> rises(lambda x: x.square().sum(), torch.tensor([[3.0], [2.0], [-2.5], [0.0]]))
        1
    """
    heights = torch.stack([loss(x) for x in path])
    return int((~(heights[1:] <= heights[:-1])).sum())


def _losses():
    data = load("mnist", scale="full")[0][:IMAGES]
    print(data.source, tuple(data.inputs.shape))

    def of(seed: int) -> tuple[Function, Tensor]:
        model = mlp(*WIDTHS, seed=seed)
        return flat_loss(model, data), flat_parameters(model)

    return of


def _stages(seed: int, loss: Function, x: Tensor) -> list[dict]:
    """At each stage of a slow run: λmax, and the largest factor up to which no step goes up."""
    rows, at = [], 0
    for stage in STAGES:
        if stage > at:
            x, at = descend(loss, x, SLOW, stage - at)[-1], stage
        top = largest_eigenvalue(loss, x, 2 * PRODUCTS)
        stable = _stable(loss, x, 2 / top)
        row = {"seed": seed, "stage": stage, "loss": significant(loss(x).item())}
        rows.append({**row, "largest_eigenvalue": significant(top), "stable": stable})
        print(f"seed {seed}, step {stage:3d}: loss {row['loss']:.3f}, λmax {top:6.2f}, stable to {stable}")
    return rows


def _stable(loss: Function, x: Tensor, limit: float) -> float:
    """The largest of the factors for which, as for all those below it, none of the next steps goes up."""
    stable = 0.0
    for factor in FACTORS:
        if rises(loss, descend(loss, x, factor * limit, HORIZON)):
            break
        stable = factor
    return stable


def _curve(loss: Function, x: Tensor, lr: float) -> dict:
    """The loss and λmax on the way of one run."""
    losses, tops, ups = [], [], 0
    for step in range(0, STEPS + 1, EVERY):
        losses.append(significant(loss(x).item()))
        tops.append(significant(largest_eigenvalue(loss, x)))
        if step < STEPS:
            path = descend(loss, x, lr, EVERY)
            x, ups = path[-1], ups + rises(loss, path)
    print(f"rate {lr}: λmax {max(tops):.1f} at most, {tops[-1]:.1f} at the end; 2/η = {2 / lr:.1f}; {ups} up")
    return {"lr": lr, "losses": losses, "largest_eigenvalues": tops, "rises": ups}
