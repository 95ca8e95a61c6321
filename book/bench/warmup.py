"""What warm-up does on a deeper network: the curvature of the first steps, and which rates train at all."""

import math
import statistics

import torch
from torch import nn

from book.bench.harness import one_thread, record, significant
from book.bench.schedules import warmup_constant
from book.bench.stability import largest_eigenvalue
from book.optim import SGD, Adam, Momentum
from book.optim.follow import follow
from book.optim.schedules import constant
from book.training.data.load import Data, load
from book.training.models import mlp
from book.training.run.loop import train
from book.training.surface.flat import flat_loss, flat_parameters

WIDTHS = (784, 64, 64, 64, 10)
SCALE = "full"
BATCH = 128
SCALES = (1.0, 2.5)  # what torch's initial weights are multiplied by
SEEDS = (0, 1, 2)
WARMUP = 47  # steps, a tenth of the epoch
RATES_TRIED = {
    "momentum": (Momentum, [round(10 ** (k / 3), 5) for k in range(-6, 1)]),
    "Adam": (Adam, [round(10 ** (k / 3), 5) for k in range(-9, -2)]),
}
IMAGES = 1_000  # for the curvature
SLOW = {1.0: 0.1, 2.5: 0.01}  # rates of the runs on whose way the curvature is measured, by scale
STEPS, EVERY = 60, 5


@one_thread()
def run(store: bool) -> dict:
    """Measure both, print the tables, store them if asked to.

    Args:
        store: whether to write `assets/results/warmup.json`.
    """
    data, test = load("mnist", scale=SCALE)
    curvature = [_curvature(scale, seed, data[:IMAGES]) for scale in SCALES for seed in SEEDS]
    rows = [
        _row(method, scale, lr, data, test)
        for method, (_, rates) in RATES_TRIED.items()
        for scale in SCALES
        for lr in rates
    ]
    settings = {
        "widths": list(WIDTHS),
        "batch_size": BATCH,
        "warmup": WARMUP,
        "seeds": list(SEEDS),
        "images": IMAGES,
        "slow_rates": list(SLOW.values()),
        "every": EVERY,
    }
    return record("warmup", {**settings, "curvature": curvature, "rows": rows}, store)


def network(scale: float, seed: int) -> nn.Sequential:
    """The network with all its initial parameters multiplied by `scale`.

    Examples:
        >>> (network(2.0, 0)[1].weight / network(1.0, 0)[1].weight).mean().item()
        2.0
    """
    model = mlp(*WIDTHS, seed=seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale)
    return model


def _curvature(scale: float, seed: int, data: Data) -> dict:
    """λmax of the whole loss on the way of slow full-batch descent."""
    model = network(scale, seed)
    loss, x = flat_loss(model, data), torch.nn.Parameter(flat_parameters(model))
    optimizer, tops = SGD([x], lr=SLOW[scale]), []
    for step in range(STEPS + 1):
        if step % EVERY == 0:
            tops.append(significant(largest_eigenvalue(loss, x.detach())))
        optimizer.zero_grad()
        loss(x).backward()
        optimizer.step()
    print(f"weights × {scale}, seed {seed}: λmax {tops}", flush=True)
    return {"scale": scale, "seed": seed, "largest_eigenvalues": tops}


def _row(method: str, scale: float, lr: float, data: Data, test: Data) -> dict:
    """The test losses after one epoch, with and without warm-up; None for one that is not finite."""
    ends = {}
    for name, schedule in (("constant", constant()), ("warm-up", warmup_constant(WARMUP))):
        ends[name] = []
        for seed in SEEDS:
            model = network(scale, seed)
            optimizer = RATES_TRIED[method][0](model.parameters(), lr=lr)
            follow(optimizer, schedule)
            loss = train(model, data, optimizer, 1, BATCH, seed, test).test_losses[-1]
            ends[name].append(significant(loss) if math.isfinite(loss) else None)
    medians = {
        name: statistics.median(math.inf if loss is None else loss for loss in losses)
        for name, losses in ends.items()
    }
    print(f"{method:8s} weights × {scale}, rate {lr:<8g} median test loss {medians}", flush=True)
    return {"method": method, "scale": scale, "lr": lr, **ends}
