"""Invented records of comparisons, and the explorer over them for the lists of all explorers."""

import math
import random
from functools import cache

from book import explorers
from book.explorers.comparison.compact import compact
from book.project.methods import COMPARED, default_rate
from book.project.rate_search import chosen_rates
from book.project.summary import rows
from book.results import FOLDERS

IMAGES = {"validation": 5_000, "test": 10_000}
EPOCHS, SEEDS = {"tuning": 2, "final": 6}, 5


@cache
def invented_record(
    task: str = "mlp", names: tuple[str, ...] = tuple(COMPARED), seeds: int = SEEDS, rates: int = 8
) -> dict:
    """A record with a best rate for each method, the highest rates of some diverging, and one run as well."""
    draw = random.Random(f"{task} {names}")
    methods = {
        name: {"title": COMPARED[name].title, "rates": list(COMPARED[name].rates[:rates])} for name in names
    }
    declared = {"task": task, "title": TITLES[task], "level": 0.95, "epochs": EPOCHS, "methods": methods}
    declared |= {"version": 2, "images": IMAGES}
    tuning = [_trial(draw, name, lr) for name in names for lr in methods[name]["rates"]]
    chosen = chosen_rates(tuning)
    final = [
        _run(draw, name, chosen[name] if tuned else default_rate(name), seed, tuned)
        for name in names
        for tuned in (True, False)
        for seed in range(seeds)
    ]
    table = rows(declared, tuning, final)
    return {"results": {"protocol": declared, "rows": table, "tuning": tuning, "final": final}}


TITLES = {"mlp": "MLP on MNIST", "cnn": "CNN on CIFAR-10", "vgg13": "VGG13 on CIFAR-10"}


def _trial(draw: random.Random, name: str, lr: float) -> dict:
    away = COMPARED[name].rates.index(lr) - draw.choice([4, 5])
    diverged = lr == COMPARED[name].rates[-1] and name in ("sgd", "momentum", "adagrad")
    accuracy = 10.0 if diverged else round(97 - 0.6 * away**2 + draw.uniform(-0.5, 0.5), 2)
    return {"method": name, "lr": lr, "seed": 0, "accuracy": accuracy, "diverged": diverged}


def _run(draw: random.Random, name: str, lr: float, seed: int, tuned: bool) -> dict:
    best = (98 if tuned else 95) + len(name) / 10
    after = [round(best - 6 * math.exp(-epoch) + draw.uniform(-0.2, 0.2), 2) for epoch in range(1, 7)]
    diverged = name == "adadelta" and not tuned and seed == 1
    ending = (
        {"accuracy": 10.0, "accuracies": after[:3]}
        if diverged
        else {"accuracy": after[-1], "accuracies": after}
    )
    return ending | {
        "method": name,
        "lr": lr,
        "tuned": tuned,
        "diverged": diverged,
        "steps": 60,
        "seconds": 1.0,
    }


def records() -> dict[str, dict]:
    """All methods, some of them, and some with fewer rates."""
    some = ("adam", "sgd", "adamw")
    return {
        "mlp": invented_record("mlp"),
        "cnn": invented_record("cnn", some),
        "vgg13": invented_record("vgg13", some, rates=3),
    }


def stored() -> list[str]:
    """The tasks whose comparison is stored."""
    return [task for task in TITLES if any((folder / f"compare-{task}.json").is_file() for folder in FOLDERS)]


class ComparisonExplorer(explorers.ComparisonExplorer):
    """With invented records where none are given."""

    def __init__(self, given: dict | None = None, *args, **options):
        super().__init__(given or records(), *args, **options)


# --- three methods at three rates: small enough to write down what is to be told of them --------------------

TESTED = {
    ("sgd", True): [92.0, 92.1, 92.2],
    ("sgd", False): [40.0, 41.0, 42.0],
    ("adamw", True): [98.1, 98.5, 98.9],
    ("adamw", False): [10.0, 91.0, 92.0],
    ("adam", True): [98.6, 98.7, 98.8],
    ("adam", False): [97.0, 97.1, 97.2],
}
TRIED = {"sgd": [80.0, 90.0, 10.0], "adamw": [94.0, 95.0, 93.125], "adam": [96.0, 95.0, 90.0]}
RATES, BEST = [0.01, 0.02, 0.05], {"sgd": 0.02, "adamw": 0.02, "adam": 0.01}


def told_results() -> dict:
    """What the explorer is given: accuracies of 10 are runs that diverged."""
    methods = {name: {"title": COMPARED[name].title, "rates": RATES} for name in TRIED}
    epochs = {"tuning": 1, "final": 1}
    declared = {"task": "mlp", "title": "MLP", "level": 0.95, "epochs": epochs, "methods": methods}
    declared |= {"version": 2, "images": IMAGES}
    tuning = [
        {"method": name, "lr": lr, "seed": 0, "accuracy": accuracy, "diverged": accuracy == 10}
        for name, tried in TRIED.items()
        for lr, accuracy in zip(RATES, tried, strict=True)
    ]
    final = [
        {"method": name, "tuned": tuned, "lr": BEST[name] if tuned else 0.001, "accuracy": accuracy}
        | {"diverged": accuracy == 10, "accuracies": [accuracy], "steps": 1, "seconds": 1.0}
        for (name, tuned), accuracies in TESTED.items()
        for accuracy in accuracies
    ]
    table = rows(declared, tuning, final)
    return {
        "mlp": compact({"results": {"protocol": declared, "rows": table, "tuning": tuning, "final": final}})
    }
