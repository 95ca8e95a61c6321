"""Where training ends, by the width of the network: level and spread of the final loss over seeds."""

import statistics

import torch

from book.bench.harness import one_thread, record, significant
from book.training.data.load import Data, load
from book.training.models import mlp
from book.training.run.loop import evaluate, train

WIDTHS = (2, 4, 8, 16, 32, 64, 128, 256, 512)
SEEDS = (0, 1, 2, 3, 4, 5)
EPOCHS = 5
LR = 0.1


@one_thread()
def run(store: bool) -> dict:
    """Train 784-w-10 on all of MNIST by SGD, for each width from each seed; print the table, store it if asked.

    The seed draws the initial weights and the order of the images. Losses are over all training images.

    Args:
        store: whether to write `assets/results/widths.json`.
    """  # noqa: E501
    data, test = load("mnist", scale="full")
    rows = [_row(width, data, test) for width in WIDTHS]
    return record("widths", {"lr": LR, "epochs": EPOCHS, "batch_size": 128, "rows": rows}, store)


def _row(width: int, data: Data, test: Data) -> dict:
    ends = [_train(width, seed, data, test) for seed in SEEDS]
    losses, test_losses, accuracies = zip(*ends, strict=True)
    print(
        f"width {width:4d}: train loss {statistics.mean(losses):.4f} ± {statistics.stdev(losses):.4f}, "
        f"test accuracy {statistics.mean(accuracies):.4f} ± {statistics.stdev(accuracies):.4f}",
        flush=True,
    )
    return {
        "width": width,
        "seeds": list(SEEDS),
        "train_loss": [significant(loss) for loss in losses],
        "test_loss": [significant(loss) for loss in test_losses],
        "test_accuracy": [significant(accuracy) for accuracy in accuracies],
    }


def _train(width: int, seed: int, data: Data, test: Data) -> tuple[float, float, float]:
    model = mlp(784, width, 10, seed=seed)
    train(model, data, torch.optim.SGD(model.parameters(), lr=LR), EPOCHS, seed=seed)
    return (evaluate(model, data)[0], *evaluate(model, test))
