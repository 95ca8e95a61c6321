"""The speedrun to 94 % on CIFAR-10: its accuracy, its seconds, and what each trick left out costs."""

import os
import subprocess
import sys
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from book.bench.harness import median, paired_ratio, quartiles, record, significant
from book.errors import BookError
from book.project.intervals import mean_interval
from book.project.recipe import FULL, SMALL, TRICKS, Recipe, without
from book.project.speedrun import Result, speedrun, warm_up
from book.training.data.load import Data, load

RUNS = {"full": 50, "sample": 5}  # of the whole recipe
SEEDS = {"full": 10, "sample": 5}  # of every recipe in the tables of tricks
BY_ITSELF = {"compiled"}  # so long in the making that it is not done for each recipe of a table
PUBLIC = "github.com/KellerJordan/cifar10-airbench"
SCRIPT = "cifar10-airbench/legacy/airbench94.py"  # in a clone


def run(store: bool) -> dict:
    """Run the whole recipe, then every recipe with one trick left out; store it if asked.

    With a CUDA device this is the full recipe on all of CIFAR-10. Without one it is a small network for a
    few epochs on the sample: it shows that everything works, and its figures say nothing of 94 %.

    To run the published script beside it on the same device, clone github.com/KellerJordan/cifar10-airbench
    and name its file: `AIRBENCH=/path/to/legacy/airbench94.py python -m book bench speedrun`. It goes first:
    what is wrong with it shows at once.

    Args:
        store: whether to write `assets/results/speedrun.json`; it is written after each part.
    """
    scale, device, recipe = ("full", "cuda", FULL) if torch.cuda.is_available() else ("sample", "cpu", SMALL)
    data, uncompiled = load("cifar10", scale=scale), replace(recipe, compiled=False)
    left_out = {"nothing": uncompiled} | {name: without(uncompiled, name) for name in switched(uncompiled)}
    parts = {
        "airbench": partial(airbench, os.environ.get("AIRBENCH")),
        "whole": partial(whole, recipe, data, device, RUNS[scale]),
        "left out": partial(table, left_out, data, device, SEEDS[scale]),
    }
    results: dict[str, Any] = {
        "scale": scale,
        "device": device_title(device),
        "data": [half.source for half in data],
    }
    results["recipe"] = settings(recipe)
    for name, part in parts.items():
        print(f"\n{name}, {scale} scale, {results['device']}", flush=True)
        results[name] = part()
        kept = record("speedrun", results, store, torch.get_num_threads())
    return kept


def whole(recipe: Recipe, data: tuple[Data, Data], device: str, runs: int) -> dict:
    """The recipe from so many seeds: mean accuracy with its 95 % interval, median seconds with quartiles.

    Args:
        recipe, data, device: as for `speedrun`.
        runs: at least 2, from the seeds 0, 1, …
    """
    if device == "cuda":
        warm_up(recipe, data, device)
    ends = [speedrun(recipe, data, seed, device) for seed in range(runs)]
    row = _row(ends)
    mean, half = row["accuracy"]
    print(f"{runs} runs: {mean:.2%} ± {half:.2%} in {row['seconds']} s", flush=True)
    return row | {"steps": ends[0].steps, "quartiles": quartiles([end.seconds for end in ends])}


def table(recipes: dict[str, Recipe], data: tuple[Data, Data], device: str, seeds: int) -> dict[str, dict]:
    """Every recipe once a seed, in turn; each compared with the first one seed by seed.

    Args:
        recipes: name → recipe.
        data, device: as for `speedrun`.
        seeds: at least 2.

    Returns:
        For each name its accuracies; `difference` from the first one's, mean and half the width of its 95 %
        interval; `times`, the median ratio of seconds.
    """
    if device == "cuda":
        for recipe in recipes.values():
            warm_up(recipe, data, device)
    ends = {name: [] for name in recipes}
    for seed in range(seeds):
        for name, recipe in recipes.items():
            ends[name].append(speedrun(recipe, data, seed, device))
    first = next(iter(ends.values()))
    return {name: _row(some) | _compared(name, some, first) for name, some in ends.items()}


def airbench(path: str | None) -> dict:
    """Run the published script, if a path is given: its accuracies, and its seconds by its own clock.

    Args:
        path: of airbench94.py.

    Raises:
        BookError: there is no such file, it failed, or printed no finished run.
    """
    command = f"git clone https://{PUBLIC} && python {SCRIPT}"
    if path is None:
        print(f"not run. To have it beside: {command}; then AIRBENCH={SCRIPT}")
        return {"run": False, "command": command}
    file = Path(path).resolve()
    if not file.is_file():
        raise BookError(f"AIRBENCH names {path}, and there is no such file. Get it with: {command}")
    done = subprocess.run([sys.executable, file.name], cwd=file.parent, capture_output=True, text=True)
    rows = finished(done.stdout)
    if done.returncode or len(rows) < 2:
        last = (done.stderr.strip().splitlines() or ["it printed no finished runs"])[-1]
        raise BookError(f"{file.name} did not get through: {last}. Run it by itself, or unset AIRBENCH.")
    accuracies, seconds = (list(column) for column in zip(*rows, strict=True))
    mean, half = mean_interval(accuracies)
    print(f"{len(rows)} runs: {mean:.2%} ± {half:.2%} in {median(seconds)} s", flush=True)
    accuracy = [significant(mean), significant(half)]
    return {"run": True, "command": command, "accuracies": accuracies} | {
        "accuracy": accuracy,
        "seconds": median(seconds),
    }


def finished(printed: str) -> list[tuple[float, float]]:
    """Accuracy with test-time augmentation and seconds of each run that airbench94.py printed.

    Args:
        printed: its standard output; of each run the row "eval" counts.

    Examples:
        >>> finished("|    1  |  0.93  |           |  2.9  |\\n|  eval  |  0.93  |  0.9405  |  3.1000  |")
        [(0.9405, 3.1)]
    """
    rows = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in printed.splitlines()]
    return [(float(row[-2]), float(row[-1])) for row in rows if "eval" in row]


def settings(recipe: Recipe) -> dict:
    """The recipe as plain values.

    Examples:
        >>> settings(FULL)["optimizer"], settings(FULL)["flip"]
        ('SGD(nesterov=True, fused=True)', 'alternating')
    """
    given = recipe.optimizer
    options = ", ".join(f"{name}={value}" for name, value in given.keywords.items())
    return asdict(recipe) | {
        "optimizer": f"{given.func.__name__}({options})",
        "widths": list(recipe.widths),
    }


def switched(recipe: Recipe) -> list[str]:
    """The tricks that the recipe has, and that a table can afford to leave out.

    Args:
        recipe: not compiled.

    Examples:
        >>> "half precision" in switched(FULL), "half precision" in switched(SMALL)
        (True, False)
    """
    return [name for name in TRICKS if without(recipe, name) != recipe and name not in BY_ITSELF]


def _row(ends: list[Result]) -> dict:
    accuracies = [end.accuracy for end in ends]
    return {
        "accuracies": [significant(accuracy) for accuracy in accuracies],
        "plain_accuracies": [significant(end.plain_accuracy) for end in ends],
        "accuracy": [significant(value) for value in mean_interval(accuracies)],
        "seconds": median([end.seconds for end in ends]),
    }


def _compared(name: str, ends: list[Result], first: list[Result]) -> dict:
    pairs = list(zip(ends, first, strict=True))
    difference = mean_interval([end.accuracy - base.accuracy for end, base in pairs])
    times = paired_ratio([end.seconds for end in ends], [base.seconds for base in first])
    print(f"{name:20} {difference[0]:+.2%} ± {difference[1]:.2%}, time × {times}", flush=True)
    return {"difference": [significant(value) for value in difference], "times": times}


def device_title(device: str) -> str:
    """What a result calls the device.

    Args:
        device: "cpu" or "cuda".

    Examples:
        >>> device_title("cpu")
        'CPU'
    """
    return torch.cuda.get_device_name() if device == "cuda" else "CPU"
