"""Warm-up and cosine decay at equal budget: each with its own best peak rate, on all of MNIST."""

import math
import statistics
from collections.abc import Callable

import torch

from book.bench.harness import one_thread, record, significant
from book.optim import Adam, Momentum
from book.optim.follow import follow
from book.optim.schedules import Schedule, constant, cosine, warmup_cosine
from book.training.data.load import Data, load
from book.training.models import mlp
from book.training.run.loop import evaluate, train

WIDTHS = (784, 32, 10)
BATCH = 128
HELD_OUT = 10_000  # of the training images: they choose the peak rate
EPOCHS = (1, 2, 4)
WARMUP = 0.1  # share of the steps
SCALE = "full"
CHOOSING, SEEDS = (0,), (1, 2, 3, 4, 5)  # seeds that choose the rate, seeds that are reported
RATES_TRIED = {
    "momentum": (Momentum, [round(10 ** (k / 3), 5) for k in range(-6, 0)]),
    "Adam": (Adam, [round(10 ** (k / 3), 5) for k in range(-9, -3)]),
}


def warmup_constant(warmup: int) -> Schedule:
    """The straight rise of `warmup_cosine`, and 1 from then on.

    Examples:
        >>> [round(warmup_constant(2)(t), 3) for t in range(4)]
        [0.01, 0.505, 1.0, 1.0]
    """
    return lambda t: min(1.0, 0.01 + 0.99 * t / warmup)


SCHEDULES: dict[str, Callable[[int], Schedule]] = {
    "constant": lambda steps: constant(),
    "warm-up": lambda steps: warmup_constant(round(WARMUP * steps)),
    "cosine": cosine,
    "warm-up and cosine": lambda steps: warmup_cosine(round(WARMUP * steps), steps),
}


@one_thread()
def run(store: bool) -> dict:
    """Choose the peak rate of each schedule, train anew with it, print the table, store it if asked to.

    Args:
        store: whether to write `assets/results/schedules.json`.
    """
    data, test = load("mnist", scale=SCALE)
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(0))
    held, kept = data[order[:HELD_OUT]], data[order[HELD_OUT:]]
    rows = [
        _row(method, name, epochs, kept, held, test)
        for epochs in EPOCHS
        for method in RATES_TRIED
        for name in SCHEDULES
    ]
    settings = {
        "widths": list(WIDTHS),
        "batch_size": BATCH,
        "images": len(kept),
        "held_out": len(held),
        "warmup": WARMUP,
        "rates": {method: rates for method, (_, rates) in RATES_TRIED.items()},
        "choosing_seeds": list(CHOOSING),
        "seeds": list(SEEDS),
    }
    return record("schedules", {**settings, "rows": rows}, store)


def final(method: str, name: str, lr: float, epochs: int, seed: int, data: Data, test: Data) -> dict:
    """Train one network and evaluate it: on `test` after each epoch, on `data` at the end.

    Args:
        method, name: of `RATES_TRIED` and `SCHEDULES`.
        lr: the peak rate.
        seed: of the network and of the order of the images.
    """
    model = mlp(*WIDTHS, seed=seed)
    optimizer = RATES_TRIED[method][0](model.parameters(), lr=lr)
    follow(optimizer, SCHEDULES[name](epochs * math.ceil(len(data) / BATCH)))
    history = train(model, data, optimizer, epochs, BATCH, seed, test)
    return {
        "train_loss": evaluate(model, data)[0],
        "test_losses": history.test_losses,
        "test_accuracies": history.test_accuracies,
    }


def _row(method: str, name: str, epochs: int, data: Data, held: Data, test: Data) -> dict:
    chosen = {lr: _held_out_loss(method, name, lr, epochs, data, held) for lr in RATES_TRIED[method][1]}
    best = min(chosen, key=chosen.__getitem__)
    runs = [final(method, name, best, epochs, seed, data, test) for seed in SEEDS]
    row = {
        "method": method,
        "schedule": name,
        "epochs": epochs,
        "held_out_losses": [significant(loss) for loss in chosen.values()],
        "lr": best,
        "train_loss": [significant(run["train_loss"]) for run in runs],
        "test_losses": [[significant(loss) for loss in run["test_losses"]] for run in runs],
        "test_accuracies": [run["test_accuracies"] for run in runs],
    }
    ends = [run["test_losses"][-1] for run in runs]
    print(
        f"{epochs} epochs, {method:8s} {name:18s} best rate {best:<8g} "
        f"test loss {statistics.mean(ends):.4f} ± {statistics.stdev(ends):.4f}, "
        f"accuracy {statistics.mean(run['test_accuracies'][-1] for run in runs):.2%}, "
        f"training loss {statistics.mean(row['train_loss']):.4f}",
        flush=True,
    )
    return row


def _held_out_loss(method: str, name: str, lr: float, epochs: int, data: Data, held: Data) -> float:
    """The mean final loss on held-out images; a run that diverged counts as infinite."""
    losses = [final(method, name, lr, epochs, seed, data, held)["test_losses"][-1] for seed in CHOOSING]
    return statistics.mean(loss if math.isfinite(loss) else math.inf for loss in losses)
