"""What each trick of the speedrun buys when it is added alone to a plain network that trains."""

from dataclasses import replace

import torch

from book.bench.harness import record
from book.bench.speedrun import SEEDS, device_title, settings, switched, table
from book.project.recipe import FULL, SMALL, Recipe, alone, plain
from book.project.speedrun import speedrun
from book.training.data.load import Data, load

SLOWER = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003)  # shares of the recipe's rate that the plain one tries
SEARCH_SEED = 1_000  # which no table has


def run(store: bool) -> dict:
    """Choose a rate for the plain recipe, then add one trick after the other to it; store it if asked.

    At the whole recipe's rate the plain one does not train, and all differences would be those of one guess
    to another. With a CUDA device this is the full recipe on all of CIFAR-10, else the small one on the
    sample.

    Args:
        store: whether to write `assets/results/speedrun-alone.json`.
    """
    scale, device, recipe = ("full", "cuda", FULL) if torch.cuda.is_available() else ("sample", "cpu", SMALL)
    data, recipe = load("cifar10", scale=scale), replace(recipe, compiled=False)
    tried = plain_accuracies(recipe, data, device)
    slow = replace(recipe, lr=max(tried, key=lambda lr: (tried[lr], -lr)))
    added = {"nothing": plain(slow)} | {name: alone(slow, name) for name in switched(recipe)}
    results = {
        "scale": scale,
        "device": device_title(device),
        "recipe": settings(plain(slow)),
        "tried": [[lr, accuracy] for lr, accuracy in tried.items()],
        "alone": table(added, data, device, SEEDS[scale]),
    }
    return record("speedrun-alone", results, store, torch.get_num_threads())


def plain_accuracies(recipe: Recipe, data: tuple[Data, Data], device: str) -> dict[float, float]:
    """The plain recipe at rates below the whole one's, on the last fifth of the training images, held out.

    Args:
        recipe, data, device: as for `speedrun`.

    Returns:
        Rate → accuracy, from 0 to 1.
    """
    train, _ = data
    cut = len(train) * 4 // 5
    split, found = (train[:cut], train[cut:]), {}
    for lr in (share * recipe.lr for share in SLOWER):
        found[lr] = speedrun(replace(plain(recipe), lr=lr), split, SEARCH_SEED, device).accuracy
        print(f"plain at rate {lr:g}: {found[lr]:.2%} of the images held out", flush=True)
    return found
