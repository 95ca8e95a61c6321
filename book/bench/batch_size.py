"""The batch size on all of MNIST: seconds for an epoch, and the loss after one epoch, rate by rate."""

import math

import torch

from book.bench.harness import interleave, median, one_thread, quartiles, record, significant
from book.training.data.load import Data, load
from book.training.models import mlp
from book.training.run.loop import evaluate, train

WIDTHS = (784, 128, 10)
BATCH_SIZES = (1, 4, 16, 64, 256, 1024, 4096)
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
SEEDS = (0, 1, 2)
TIMED = 4096  # images in one timed pass


@one_thread()
def run(store: bool) -> dict:
    """Time one pass at each batch size, train one epoch at each rate, print the table, store it if asked to.

    All batch sizes have the same grid of rates and the same seeds; a seed draws the initial weights and the
    order of the images. The loss is over all training images, infinite where training diverged.

    Args:
        store: whether to write `assets/results/batch-size.json`.
    """
    data, test = load("mnist", scale="full")
    seconds = interleave({str(size): _pass(data[:TIMED], size) for size in BATCH_SIZES})
    rows = [_row(size, seconds[str(size)], data, test) for size in BATCH_SIZES]
    settings = {"widths": list(WIDTHS), "rates": list(RATES), "seeds": list(SEEDS), "images": len(data)}
    return record("batch-size", {**settings, "timed_images": TIMED, "rows": rows}, store)


def one_epoch(size: int, lr: float, seed: int, data: Data, test: Data) -> tuple[float, float]:
    """The training loss and the test accuracy after one epoch; an infinite loss where training diverged.

    Examples:
        >>> data, test = load("mnist")
        >>> one_epoch(32, 1e6, 0, data, test)[0]
        inf
    """
    model = mlp(*WIDTHS, seed=seed)
    train(model, data, torch.optim.SGD(model.parameters(), lr=lr), 1, batch_size=size, seed=seed)
    loss, accuracy = evaluate(model, data)[0], evaluate(model, test)[1]
    chance = math.log(10)
    return (loss if loss < 10 * chance else math.inf), accuracy


def _pass(data: Data, size: int):
    model = mlp(*WIDTHS)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    return lambda: train(model, data, optimizer, 1, batch_size=size)


def _row(size: int, seconds: list[float], data: Data, test: Data) -> dict:
    ends = [[one_epoch(size, lr, seed, data, test) for seed in SEEDS] for lr in RATES]
    losses = [[_stored(loss) for loss, _ in end] for end in ends]
    accuracies = [[significant(accuracy) for _, accuracy in end] for end in ends]
    per_image = [value / TIMED for value in seconds]
    shown = "  ".join(f"{lr:g}: {' '.join(map(str, some))}" for lr, some in zip(RATES, losses, strict=True))
    print(f"B = {size}: {1e6 * median(per_image):.1f} µs an image; loss by rate {shown}", flush=True)
    return {
        "batch_size": size,
        "seconds_per_image": median(per_image),
        "quartiles": quartiles(per_image),
        "loss": losses,
        "test_accuracy": accuracies,
    }


def _stored(loss: float) -> float | None:
    """Four digits; None for a run that diverged, since JSON has no infinity."""
    return significant(loss) if math.isfinite(loss) else None
