"""How much momentum saves on MNIST: steps to a training loss, by rate, with minibatches and with all data."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from book.bench.harness import one_thread, record
from book.optim import SGD, Momentum
from book.training.data.load import Data, load
from book.training.models import mlp

MOMENTUM = 0.9
WIDTHS = (784, 64, 10)
SEEDS = (0, 1, 2)
TARGETS = (0.3, 0.1)
CONTESTANTS: dict[str, Callable] = {"sgd": SGD, "momentum": partial(Momentum, momentum=MOMENTUM)}
# The grid is one of effective rates η / (1 − μ), the same for both methods, in sixths of a decade.
SLOW, FINE = (-12, -10, -8), range(-6, 2)
MINIBATCH: dict[str, Any] = {
    "images": 60_000,
    "batch": 128,
    "every": 20,
    "budget": 20_000,
    "sixths": (*SLOW, *FINE),
}
FULL: dict[str, Any] = {"images": 1_000, "batch": 1_000, "every": 1, "budget": 1_500, "sixths": range(-6, 4)}
WATCHED = 5_000  # the loss is that of the first so many training images, all of them where there are fewer


@one_thread()
def run(store: bool) -> dict:
    """Train 784-64-10 by SGD and by momentum 0.9 over a grid of rates; print the table, store it if asked to.

    A run ends where the training loss first reaches the lowest target, or with the budget. It is given up
    where the loss is no longer finite, or above 1 after a quarter of the budget. The seed draws the initial
    weights and the order of the images.

    Args:
        store: whether to write `assets/results/momentum.json`.
    """
    data, _ = load("mnist", scale="full")
    results: dict[str, Any] = {
        "momentum": MOMENTUM,
        "widths": WIDTHS,
        "seeds": SEEDS,
        "targets": TARGETS,
        "watched": WATCHED,
    }
    for name, setting in (("full batch", FULL), ("minibatch", MINIBATCH)):
        some = data[: setting["images"]]
        rows = [_row(method, sixth, some, setting) for method in CONTESTANTS for sixth in setting["sixths"]]
        results[name] = {key: setting[key] for key in ("images", "batch", "every", "budget")} | {"rows": rows}
    return record("momentum", results, store)


def steps_to(
    optimizer: torch.optim.Optimizer,
    model: torch.nn.Module,
    inputs: Tensor,
    labels: Tensor,
    batches: Iterator[Tensor],
    every: int,
    budget: int,
) -> list[int | None]:
    """For each of `TARGETS` the first step at which the training loss is at most that, None if none is.

    Args:
        optimizer: over the model's parameters.
        model: maps inputs to logits.
        inputs, labels: N images and their classes.
        batches: indices, a tensor a step.
        every: steps from one look at the loss to the next.
        budget: at most so many steps.
    """
    hits: list[int | None] = [None] * len(TARGETS)
    for step, batch in zip(range(budget + 1), batches, strict=False):
        if step % every == 0:
            with torch.no_grad():
                loss = cross_entropy(model(inputs[:WATCHED]), labels[:WATCHED]).item()
            hits = [
                step if hit is None and loss <= target else hit
                for hit, target in zip(hits, TARGETS, strict=True)
            ]
            if None not in hits or not loss < (1 if step > budget / 4 else math.inf):
                break
        optimizer.zero_grad()
        cross_entropy(model(inputs[batch]), labels[batch]).backward()
        optimizer.step()
    return hits


def index_batches(n: int, batch: int, seed: int) -> Iterator[Tensor]:
    """Yield batches of indices below n, epoch after epoch in new orders; all in order where one holds all.

    Examples:
        >>> batches = index_batches(4, 3, seed=0)
        >>> [len(next(batches)) for _ in range(4)]
        [3, 1, 3, 1]
    """
    generator = torch.Generator().manual_seed(seed)
    for _ in count():
        order = torch.arange(n) if batch >= n else torch.randperm(n, generator=generator)
        yield from order.split(batch)


def _row(method: str, sixth: int, data: Data, setting: dict) -> dict:
    effective = 10 ** (sixth / 6)
    lr = effective * (1 - MOMENTUM if method == "momentum" else 1)
    hits = []
    for seed in SEEDS:
        model = mlp(*WIDTHS, seed=seed)
        batches = index_batches(len(data), setting["batch"], seed)
        run = CONTESTANTS[method](model.parameters(), lr=lr), model, data.inputs, data.labels, batches
        hits.append(steps_to(*run, setting["every"], setting["budget"]))
    steps = [list(of_target) for of_target in zip(*hits, strict=True)]
    name = f"batch {setting['batch']:4d}, {method:8s}, rate {lr:7.4f}, effective {effective:6.3f}"
    print(f"{name}: {steps}", flush=True)
    return {"method": method, "sixth": sixth, "lr": float(f"{lr:.4g}"), "steps": steps}
