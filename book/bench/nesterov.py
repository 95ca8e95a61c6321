"""What momentum and Nesterov's look-ahead gain on MNIST under more and less minibatch noise."""

import math
import statistics
from collections.abc import Callable
from functools import partial

from book.bench.harness import one_thread, record, significant
from book.optim import SGD, Momentum, Nesterov
from book.training.data.load import Data, load
from book.training.models import mlp
from book.training.run.loop import evaluate, train

MOMENTUM = 0.9
WIDTHS = (784, 32, 10)
SEEDS = (0, 1, 2)
FRESH_SEEDS = tuple(range(3, 13))  # for the best rates: those that chose a rate flatter it
STEPS = 240
BATCHES = (4, 16, 64, 250)
CONTESTANTS: dict[str, Callable] = {
    "gradient descent": SGD,
    "Polyak": partial(Momentum, momentum=MOMENTUM),
    "Nesterov": partial(Nesterov, momentum=MOMENTUM),
}
THIRDS = range(-7, 4)  # the grid of effective rates η / (1 − μ), in thirds of a decade, one for all methods


@one_thread()
def run(store: bool) -> dict:
    """Train 784-32-10 for 240 steps with each method, rate and batch size; print the table, store if asked.

    No image is seen twice, so the batch size is the noise and nothing else. The seed draws the initial
    weights and the images. What is kept is the loss on the test images after the last step. The rate with
    the lowest median then runs from ten other seeds.

    Args:
        store: whether to write `assets/results/nesterov.json`.
    """
    data = load("mnist", scale="full")
    rows, finals = [], []
    for batch in BATCHES:
        for method in CONTESTANTS:
            some = [_row(method, batch, third, data, SEEDS) for third in THIRDS]
            rows += some
            finals.append(_row(method, batch, _best(some), data, FRESH_SEEDS))
    settings = {"momentum": MOMENTUM, "widths": WIDTHS, "seeds": SEEDS, "steps": STEPS}
    fresh = {"fresh_seeds": FRESH_SEEDS, "finals": finals}
    return record("nesterov", settings | {"rows": rows} | fresh, store)


def _best(rows: list[dict]) -> int:
    finished = [row for row in rows if None not in row["losses"]]
    return min(finished, key=lambda row: statistics.median(row["losses"]))["third"]


def _row(method: str, batch: int, third: int, data: tuple[Data, Data], seeds: tuple[int, ...]) -> dict:
    lr = 10 ** (third / 3) * (1 if CONTESTANTS[method] is SGD else 1 - MOMENTUM)
    losses = [_loss(method, lr, batch, seed, *data) for seed in seeds]
    print(f"batch {batch:3d}, {method:16s}, rate {lr:7.4f}: {losses}", flush=True)
    return {"method": method, "batch": batch, "third": third, "lr": float(f"{lr:.4g}"), "losses": losses}


def _loss(method: str, lr: float, batch: int, seed: int, data: Data, test: Data) -> float | None:
    """The test loss at the end; None where the run ended at infinity."""
    model = mlp(*WIDTHS, seed=seed)
    size = STEPS * batch  # at a batch of 250 all images, for every seed
    first = seed * size % (len(data) - size + 1)
    some = data[first : first + size]
    train(model, some, CONTESTANTS[method](model.parameters(), lr=lr), epochs=1, batch_size=batch, seed=seed)
    loss, _ = evaluate(model, test)
    return significant(loss) if math.isfinite(loss) else None
