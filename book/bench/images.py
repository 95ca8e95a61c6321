"""What the full data sets hold: images of each class, mean and deviation, and how far two baselines get."""

import torch

from book.bench.harness import record, significant
from book.training.baselines import closest, linear_classifier
from book.training.data.load import FACTS, NAMES, Data, load
from book.training.run.loop import evaluate


def run(store: bool) -> dict:
    """Count and measure all images of MNIST and CIFAR-10; print the table, store it if asked to.

    The nearest neighbour gives a test image the label of the training image that differs least from it.
    It takes some minutes and 6 GB of memory.

    Args:
        store: whether to write `assets/results/images.json`.
    """
    return record("images", {name: _facts(name) for name in NAMES}, store, torch.get_num_threads())


def _facts(name: str) -> dict:
    train, test = load(name, scale="full")
    seen = {
        "train": train.labels.bincount(minlength=10).tolist(),
        "test": test.labels.bincount(minlength=10).tolist(),
        **_statistics(train.images),
        "linear": significant(evaluate(linear_classifier(train), test)[1]),
        "nearest": significant(_nearest(train, test)),
    }
    print(f"{FACTS[name].title}: linear {seen['linear']:.4f}, nearest neighbour {seen['nearest']:.4f}")
    return seen


def _statistics(images: torch.Tensor) -> dict:
    """Mean and deviation of each channel, from how often each of the 256 grey levels occurs."""
    levels = torch.arange(256, dtype=torch.float64) / 255
    counts = [channel.flatten().bincount(minlength=256).double() for channel in images.unbind(1)]
    means = [(count @ levels / count.sum()).item() for count in counts]
    squares = [(count @ levels**2 / count.sum()).item() for count in counts]
    return {
        "mean": [significant(mean) for mean in means],
        "deviation": [
            significant((square - mean**2) ** 0.5) for mean, square in zip(means, squares, strict=True)
        ],
    }


def _nearest(train: Data, test: Data) -> float:
    _, places = closest(test.images, train.images)
    return (train.labels[places] == test.labels).double().mean().item()
