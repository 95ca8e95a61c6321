"""The curvatures of a network for MNIST, before and after training: Lanczos' method on its whole Hessian."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from book.bench.harness import one_thread, record, significant
from book.calculus import Ritz, gradient, hvp, lanczos
from book.training.data.load import Data, load
from book.training.models import mlp
from book.training.run.loop import evaluate, train
from book.training.surface.flat import flat_loss, flat_parameters

WIDTHS = (784, 256, 256, 10)
TRAINING = {"epochs": 10, "lr": 0.1, "batch_size": 128}
SEEDS = (0, 1, 2)
STARTS = (0, 1, 2)
IMAGES = 10_000
STEPS = 60
STEPS_ON_ALL = 40
LARGEST = 20


@one_thread()
def run(store: bool) -> dict:
    """Train, find the spectrum before and after, print the largest eigenvalues, store all if asked to.

    Each seed sets the weights and the order of the images. The Hessian is that of the loss over the first
    10 000 training images; for seed 0, once more over all 60 000, with fewer steps, as a check.

    Args:
        store: whether to write `assets/results/spectrum.json`.
    """
    data, test = load("mnist", scale="full")
    runs = [_run(seed, data, test) for seed in SEEDS]
    for one in runs:
        print(f"seed {one['seed']}: test accuracy {one['test_accuracy']:.2%}")
        for name in ("before", "after", "after, all images"):
            if name in one:
                print(f"  {name}: {one[name]['largest'][:12]}, lowest {one[name]['lowest']}")
    results = {
        "network": "-".join(map(str, WIDTHS)),
        "weights": len(flat_parameters(mlp(*WIDTHS))),
        "training": {**TRAINING, "optimizer": "SGD", "images": len(data)},
        "images": IMAGES,
        "steps": STEPS,
        "steps_on_all": STEPS_ON_ALL,
        "runs": runs,
    }
    return record("spectrum", results, store)


def over_chunks(losses: list[Callable[[Tensor], Tensor]], θ: Tensor) -> Callable[[Tensor], Tensor]:
    """v → H v for the mean of several losses, chunks of equal size of a data set that is too large at once.

    Examples:
        >>> product = over_chunks([lambda p: p[0] ** 2, lambda p: 3 * p[0] ** 2], torch.ones(1))
        >>> product(torch.ones(1))
        tensor([4.])
    """
    return lambda v: torch.stack([hvp(loss, θ, v) for loss in losses]).mean(0)


def _run(seed: int, data: Data, test: Data) -> dict:
    model = mlp(*WIDTHS, seed=seed)
    before = flat_parameters(model)
    sgd = torch.optim.SGD(model.parameters(), lr=TRAINING["lr"])
    train(model, data, sgd, TRAINING["epochs"], TRAINING["batch_size"], seed=seed)
    after = flat_parameters(model)
    losses = [flat_loss(model, data[i : i + IMAGES]) for i in range(0, len(data), IMAGES)]
    starts = STARTS if seed == SEEDS[0] else STARTS[:1]
    found: dict[str, Any] = {"seed": seed, "test_accuracy": significant(evaluate(model, test)[1])}
    found["before"] = _spectrum(losses[:1], before, STEPS, starts)
    found["after"] = _spectrum(losses[:1], after, STEPS, starts)
    if seed == SEEDS[0]:
        found["after, all images"] = _spectrum(losses, after, STEPS_ON_ALL, STARTS[:1])
    return found


def _spectrum(losses: list, θ: Tensor, steps: int, starts: tuple[int, ...]) -> dict:
    product = over_chunks(losses, θ)
    many = [lanczos(product, _start(seed, len(θ)), steps) for seed in starts]
    ends = many[0].values
    return {
        "loss": significant(torch.stack([loss(θ) for loss in losses]).mean().item()),
        "gradient_norm": significant(torch.stack([gradient(f, θ) for f in losses]).mean(0).norm().item()),
        "largest": [significant(value) for value in ends.flip(0)[:LARGEST].tolist()],
        "lowest": significant(ends[0].item()),
        "starts": [_listed(ritz) for ritz in many],
    }


def _start(seed: int, n: int) -> Tensor:
    return torch.randn(n, generator=torch.Generator().manual_seed(seed))


def _listed(ritz: Ritz) -> dict:
    return {name: [significant(x) for x in tensor.tolist()] for name, tensor in ritz._asdict().items()}
