"""Images per second of training, data included: the plain way, and what each of our ingredients buys."""

import statistics
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import torch
from torch.utils.data import DataLoader

from book.bench.harness import interleave, median, paired_ratio, quartiles, record, significant, wall_seconds
from book.bench.training_ways import (
    BATCH,
    LR,
    PARTS,
    PLAIN,
    Batch,
    Pictures,
    Way,
    Workload,
    batches_of,
    feed,
    start,
    timed_steps,
    ways,
)
from book.training.data.augment import Augment
from book.training.data.cache import data_folder, missing
from book.training.data.load import Data, load
from book.training.data.published import PUBLISHED
from book.training.data.vision import torchvision
from book.training.models import cifar_cnn, mnist_mlp, seeded
from book.training.run.fit import fit
from book.training.run.loop import evaluate

BATCHES, ROUNDS = 30, 11  # each contestant takes so many batches a round
EPOCHS, SEEDS = 10, range(8)  # of the accuracies, on the sample
TASKS = {
    "mlp": Workload(mnist_mlp, "mnist", Augment()),
    "cnn": Workload(cifar_cnn, "cifar10", Augment(padding=4, flip=True)),
}


def run(store: bool) -> dict:
    """Time the training of both networks in every way, compare the accuracies, print, store if asked to.

    All cores are used, and the time is that which passes. The data are the full ones where they are on this
    computer, else the sample; each table says which.

    Args:
        store: whether to write `assets/results/throughput.json`.
    """
    results = {
        "torchvision": torchvision.__version__,
        "optimizer": "Adam",
        "lr": LR,
        "batch_size": BATCH,
        "batches": BATCHES,
        "rounds": ROUNDS,
        "tables": [table(name, task) for name, task in TASKS.items()],
    }
    return record("throughput", results, store, torch.get_num_threads())


def table(name: str, task: Workload) -> dict:
    """Everything about one task.

    Args:
        name: of the task, as its row in the record says.
        task: network and data.
    """
    data, ours, spent = images(task), ways(task), {}
    every = min(BATCHES, len(data) // BATCH)
    some = PLAIN | {way: how for way, (how, _) in ours.items()}
    seconds = interleave(contestants(task, some, data, every, spent), ROUNDS, wall_seconds)
    speeds = {way: [every * BATCH / s for s in taken] for way, taken in seconds.items()}
    plain = max(PLAIN, key=lambda way: median(speeds[way]))
    print(f"{name}: {data.source} The plain way: {plain}.", flush=True)
    overs = dict.fromkeys(PLAIN) | {way: over for way, (_, over) in ours.items()}
    rows = [_row(way, speeds, spent.get(way, []), plain, over or plain) for way, over in overs.items()]
    compared = {"plain": PLAIN[plain]} | {way: how for way, how in some.items() if how.fit}
    return {
        "task": name,
        "images": data.source,
        "plain": plain,
        "rows": rows,
        "accuracies": accuracies(task, compared),
    }


def images(task: Workload) -> Data:
    """The full training set where all its files are on this computer, else the sample."""
    published = PUBLISHED[task.data]
    absent = missing(data_folder() / published.folder, published.members)
    return load(task.data, "sample" if absent else "full")[0]


def contestants(
    task: Workload, some: dict[str, Way], data: Data, every: int, spent: dict[str, list]
) -> dict[str, Callable]:
    """For each way a function that trains on with `every` batches.

    Args:
        task: what to train.
        some: ways by name.
        data: to train on.
        every: how many.
        spent: gets by name, call by call, what `train` returns; nothing where `fit` trains.
    """
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(0))
    whole, part = batches_of(task, data), batches_of(task, data[order[: every * BATCH]])
    works: dict[str, Callable] = {}
    for name, way in some.items():
        model, optimizer = start(task, way, seed=0)
        if way.fit:
            works[name] = partial(fit, model, part[way.precision], optimizer, 1, precision=way.precision)
        else:
            turns = feed(task, way, data, whole[way.precision], every)
            works[name] = partial(_turn, model, optimizer, turns, way.precision, spent.setdefault(name, []))
    return works


def accuracy(task: Workload, way: Way, seed: int) -> float:
    """The share of the sample's test images that a network knows once trained on the sample, from 0 to 1.

    Args:
        task, way: what to train, and how.
        seed: of initial parameters, order and augmentation.
    """
    data, test = load(task.data)
    model, optimizer = start(task, way, seed)
    if way.workers is None:
        fit(model, batches_of(task, data, seed)[way.precision], optimizer, EPOCHS, precision=way.precision)
    else:
        loader = DataLoader(Pictures(data, task.augment), BATCH, shuffle=True)
        with seeded(seed):
            for _ in range(EPOCHS):
                timed_steps(model, optimizer, loader, way.precision)
    return evaluate(model, test)[1]


def accuracies(task: Workload, compared: dict[str, Way]) -> dict:
    """For each way the accuracies, seed by seed, and how far their mean lies from the plain way's.

    Args:
        task: what to train.
        compared: ways by name; "plain" is one.
    """
    reached = {name: [accuracy(task, way, seed) for seed in SEEDS] for name, way in compared.items()}
    rows: dict[str, dict[str, Any]] = {name: {"accuracies": values} for name, values in reached.items()}
    for name in [name for name in compared if name != "plain"]:
        gains = [a - b for a, b in zip(reached[name], reached["plain"], strict=True)]
        gain, error = statistics.mean(gains), statistics.stdev(gains) / len(gains) ** 0.5
        rows[name] |= {"gain": significant(gain), "standard_error": significant(error)}
        print(
            f"{name}: {statistics.mean(reached[name]):.1%} right after {EPOCHS} epochs of the sample, plain "
            f"{statistics.mean(reached['plain']):.1%}; {100 * gain:+.1f} ± {100 * error:.1f} points",
            flush=True,
        )
    return {"epochs": EPOCHS, "seeds": list(SEEDS), "test_images": 500, "ways": rows}


def _turn(model, optimizer, turns: Iterator[Iterable[Batch]], precision: str, spent: list) -> None:
    spent.append(timed_steps(model, optimizer, next(turns), precision))


def _row(way: str, speeds: dict, spent: list, plain: str, over: str) -> dict:
    parts = zip(*spent[1:], strict=True)  # the first call warmed up
    milliseconds = [significant(1e3 * statistics.median(part)) for part in parts]
    row = {
        "way": way,
        "images_per_second": median(speeds[way]),
        "quartiles": quartiles(speeds[way]),
        "times_plain": paired_ratio(speeds[way], speeds[plain]),
        "over": over,
        "times_over": paired_ratio(speeds[way], speeds[over]),
        "milliseconds": dict(zip(PARTS, milliseconds, strict=False)),
    }
    times = ", ".join(f"{part} {ms:.3g}" for part, ms in row["milliseconds"].items())
    print(
        f"{way:24} {row['images_per_second']:6.0f} images/s, {row['times_plain']:5.2f} × plain, "
        f"{row['times_over']:5.2f} × {over}; ms a batch: {times or 'not taken apart'}",
        flush=True,
    )
    return row
