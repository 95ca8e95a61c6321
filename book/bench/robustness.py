"""How wide the band of good learning rates is, in decades, for each first-order method."""

import math
from functools import partial
from itertools import pairwise

from book.bench.harness import one_thread, record, significant
from book.optim import SGD, AdaDelta, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp
from book.training.data.load import Data, load
from book.training.models import mlp
from book.training.run.loop import evaluate, train

CONTESTANTS = {
    "SGD": SGD,
    "Momentum": partial(Momentum, momentum=0.9),
    "Nesterov": partial(Nesterov, momentum=0.9),
    "AdaGrad": AdaGrad,
    "RMSProp": RMSProp,
    "AdaDelta": AdaDelta,
    "Adam": Adam,
    "AdamW": AdamW,
}
NETWORKS = {"one hidden layer": (784, 64, 10), "four hidden layers": (784, 32, 32, 32, 32, 10)}
BATCH = 128
SEEDS = (0, 1, 2)
EXPONENTS = range(-15, 10)  # of the rates, in thirds of a decade
RATES = tuple(significant(10 ** (k / 3)) for k in EXPONENTS)
JUDGED = 10_000  # training images on which the loss is taken at the end
TOLERANCES = (1.25, 1.5, 2.0)  # a rate is good where the loss is at most so many times the best
STATED = 1.5  # the tolerance at which each seed is judged as well
CHANCE = math.log(10)  # the loss of ten equal probabilities; what is worse, or not a number, counts as this


@one_thread()
def run(store: bool) -> dict:
    """Train one epoch with each method, rate and seed; print the bands, store them if asked to.

    Args:
        store: whether to write `assets/results/robustness.json`.
    """
    data, test = load("mnist", scale="full")
    print(data.source, tuple(data.inputs.shape))
    networks = {name: _network(name, widths, data, test) for name, widths in NETWORKS.items()}
    settings = {"widths": NETWORKS, "batch": BATCH, "seeds": SEEDS, "judged": JUDGED}
    grid = {"rates": RATES, "tolerances": TOLERANCES, "stated": STATED, "chance": significant(CHANCE)}
    return record("robustness", {**settings, **grid, "networks": networks}, store)


def bands(losses: dict[str, list[list[float]]]) -> dict[str, dict]:
    """For each method its best loss and rate, and the widths of its band by its own and by the overall best.

    Args:
        losses: method → for each rate, one number a seed.

    Returns:
        Method → `best`, the lowest mean over the seeds; `rate`, where; `own` and `overall`, tolerance → the
        width of the band of the mean; `seeds`, the width of each seed's own band at the stated tolerance.

    Examples:
        >>> wide, narrow = [[9.0]] + [[1.0]] * 23 + [[9.0]], [[9.0]] * 10 + [[2.0]] * 5 + [[9.0]] * 10
        >>> found = bands({"wide": wide, "narrow": narrow})
        >>> found["narrow"]["best"], found["narrow"]["overall"]["1.5"], found["narrow"]["own"]["1.5"] > 1.3
        (2.0, 0.0, True)
    """
    means = {name: [sum(seeds) / len(seeds) for seeds in rows] for name, rows in losses.items()}
    overall = min(min(mean) for mean in means.values())
    return {name: _band(losses[name], mean, overall) for name, mean in means.items()}


def decades(rates: tuple[float, ...], losses: list[float], limit: float) -> float:
    """The decades over which the loss is at most `limit`, on straight lines between the rates, log on log.

    Args:
        rates: growing.
        losses: one for each rate, above 0.
        limit: above 0.

    Examples:
        >>> decades((0.01, 0.1, 1.0, 10.0), [4.0, 1.0, 1.0, 4.0], 2.0)
        2.0
    """
    points = list(zip(map(math.log10, rates), map(math.log10, losses), strict=True))
    high = math.log10(limit)
    return round(sum(_below(a, b, high) for a, b in pairwise(points)), 3)


def _below(a: tuple[float, float], b: tuple[float, float], high: float) -> float:
    """How much of the way from a to b, along the first coordinate, the second is at most `high`."""
    (x, low), (end, top) = a, b
    if max(low, top) <= high or min(low, top) > high:
        return end - x if max(low, top) <= high else 0.0
    return (end - x) * (high - min(low, top)) / abs(top - low)


def _band(rows: list[list[float]], mean: list[float], overall: float) -> dict:
    best = min(mean)
    width = partial(decades, RATES, mean)
    one_seed = [list(column) for column in zip(*rows, strict=True)]
    return {
        "best": significant(best),
        "rate": RATES[mean.index(best)],
        "own": {str(factor): width(factor * best) for factor in TOLERANCES},
        "overall": {str(factor): width(factor * overall) for factor in TOLERANCES},
        "seeds": [decades(RATES, losses, STATED * min(losses)) for losses in one_seed],
    }


def _network(name: str, widths: tuple[int, ...], data: Data, test: Data) -> dict:
    """Every method at every rate on one network: the losses and errors, and the bands by either."""
    judged, losses, errors = data[:JUDGED], {}, {}
    for method, make in CONTESTANTS.items():
        ends = [[_end(widths, make, lr, seed, data, judged, test) for seed in SEEDS] for lr in RATES]
        losses[method] = [[loss for loss, _ in seeds] for seeds in ends]
        errors[method] = [[error for _, error in seeds] for seeds in ends]
    by_loss, by_error = bands(losses), bands(errors)
    for method, band in by_loss.items():
        print(name, method, *band.values(), "by error:", *by_error[method].values())
    return {"losses": losses, "errors": errors, "bands": by_loss, "error_bands": by_error}


def _end(widths, make, lr: float, seed: int, data: Data, judged: Data, test: Data) -> tuple[float, float]:
    """The training loss and the test error after one epoch."""
    model = mlp(*widths, seed=seed)
    train(model, data, make(model.parameters(), lr=lr), 1, BATCH, seed)
    loss = evaluate(model, judged)[0]
    error = 1 - evaluate(model, test)[1]
    return significant(loss if loss < CHANCE else CHANCE), significant(error)
