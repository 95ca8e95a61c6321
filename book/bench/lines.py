"""The loss of a network along straight lines: from start to solution, and between two solutions."""

from collections.abc import Callable, Iterable
from itertools import pairwise

import torch
from torch import Tensor, nn

from book.bench.harness import one_thread, record, significant
from book.training.data.load import Data, load
from book.training.models import mlp
from book.training.run.loop import evaluate, train
from book.training.surface.flat import flat_parameters, set_parameters
from book.training.surface.landscape import barrier, rise
from book.training.surface.symmetry import match_units

WIDTHS = (784, 256, 256, 10)
SEEDS = (0, 1, 2, 3, 4)
EPOCHS = 5
LOOKED_AT = 10_000  # training images on which the lines are evaluated
FROM_START = torch.linspace(0, 1, 21).tolist()
BETWEEN = torch.linspace(0, 1, 9).tolist()
OPTIMIZERS: dict[str, Callable[[Iterable], torch.optim.Optimizer]] = {
    "SGD, lr 0.1": lambda parameters: torch.optim.SGD(parameters, lr=0.1),
    "SGD, lr 0.1, momentum 0.9": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
    "Adam, lr 0.001": lambda parameters: torch.optim.Adam(parameters, lr=0.001),
    "Adam, lr 0.01": lambda parameters: torch.optim.Adam(parameters, lr=0.01),
}


@one_thread()
def run(store: bool) -> dict:
    """Train from every seed with every optimizer on all of MNIST, follow the lines, store them if asked to.

    The seed draws the initial weights and the order of the images. Neighbouring seeds make the pairs, the
    last with the first. A line is evaluated on the first 10,000 training images and on the test images.

    Args:
        store: whether to write `assets/results/lines.json`.
    """
    data, test = load("mnist", scale="full")
    halves = {"train": data[:LOOKED_AT], "test": test}
    rows = {name: _row(name, data, halves) for name in OPTIMIZERS}
    results = {
        "widths": WIDTHS,
        "epochs": EPOCHS,
        "batch_size": 128,
        "training images looked at": LOOKED_AT,
        "from_start": [significant(t) for t in FROM_START],
        "between": BETWEEN,
        "rows": rows,
    }
    return record("lines", results, store)


def _row(name: str, data: Data, halves: dict[str, Data]) -> dict:
    starts = [mlp(*WIDTHS, seed=seed) for seed in SEEDS]
    ends = [mlp(*WIDTHS, seed=seed) for seed in SEEDS]
    for seed, model in zip(SEEDS, ends, strict=True):
        train(model, data, OPTIMIZERS[name](model.parameters()), EPOCHS, seed=seed)
    from_start = [
        along_line(*ends_of_line, halves, FROM_START) for ends_of_line in zip(starts, ends, strict=True)
    ]
    pairs = list(pairwise([*ends, ends[0]]))
    row = {
        "from_start": from_start,
        "before": [along_line(a, b, halves, BETWEEN) for a, b in pairs],
        "after": [along_line(a, match_units(a, b), halves, BETWEEN) for a, b in pairs],
    }
    _print(name, row)
    return row


def along_line(start: nn.Module, end: nn.Module, halves: dict[str, Data], ts: list[float]) -> dict:
    """Loss and accuracy on every set along the line from one network to another of the same widths.

    Returns:
        For each set: "loss" and "accuracy", one entry for each t; "rise", the highest climb of the loss on
        the way; "barrier", the height of the loss above the chord of its two ends.

    Examples:
        >>> from book.training.data.load import load
        >>> seen = along_line(mlp(784, 10), mlp(784, 10, seed=1), {"test": load("mnist")[1]}, [0.0, 0.5, 1.0])
        >>> len(seen["test"]["loss"])
        3
    """
    a, b = flat_parameters(start), flat_parameters(end)
    between = mlp(*_widths(start))
    points: dict[str, list[tuple[float, float]]] = {name: [] for name in halves}
    for t in ts:
        set_parameters(between, torch.lerp(a, b, t))
        for name, data in halves.items():
            points[name].append(evaluate(between, data))
    return {name: _summary(torch.tensor(seen), ts) for name, seen in points.items()}


def _summary(seen: Tensor, ts: list[float]) -> dict:
    losses, accuracies = seen.unbind(dim=1)
    return {
        "loss": [significant(loss) for loss in losses.tolist()],
        "accuracy": [significant(accuracy) for accuracy in accuracies.tolist()],
        "rise": significant(rise(losses)),
        "barrier": significant(barrier(losses, torch.tensor(ts))),
    }


def _widths(model: nn.Module) -> list[int]:
    linears = [module for module in model.modules() if isinstance(module, nn.Linear)]
    return [linears[0].in_features, *(linear.out_features for linear in linears)]


def _print(name: str, row: dict) -> None:
    print(f"{name}: test accuracy {[line['test']['accuracy'][-1] for line in row['from_start']]}", flush=True)
    for half in ("train", "test"):
        print(f"  {half}: highest climb from the start {[line[half]['rise'] for line in row['from_start']]}")
        for when in ("before", "after"):
            print(f"  {half}: barrier {when} matching {[line[half]['barrier'] for line in row[when]]}")
