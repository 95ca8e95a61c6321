"""Which method learns rare words: five of them on a long-tailed task, each over seven learning rates."""

import math
from collections.abc import Callable
from statistics import fmean

import torch

from book.bench.harness import one_thread, record, significant
from book.optim import SGD, AdaGrad, Adam, Momentum
from book.optim.adagrad_norm import AdaGradNorm
from book.training.data.long_tail import LongTail, embedding, train_on_words, zipf

STEPS, BATCH_SIZE = 3000, 32
SEEDS = (0, 1, 2)
FRESH_SEEDS = tuple(range(3, 23))  # for the best rates: those that chose a rate flatter it
TASKS = {
    "long tail": {},
    "equal frequencies": {"exponent": 0.0},
    "long tail, less certain answers": {"sharpness": 3.0},
}
LADDER = (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
CONTESTANTS = {  # with the rung of the ladder at which seven rates begin
    "SGD": (SGD, 5),
    "momentum": (Momentum, 3),
    "AdaGrad, one s": (AdaGradNorm, 6),
    "AdaGrad": (AdaGrad, 4),
    "Adam": (Adam, 0),
}


@one_thread()
def run(store: bool) -> dict:
    """Train every method at every rate from every seed, on each task; print the best, store all if asked to.

    A seed sets the answers, the first weights and the words drawn. A run is counted as diverged, and its loss
    left out, where it ends above the loss of a guess that gives every class the same probability. The rate
    with the lowest mean loss then runs from twenty other seeds.

    Args:
        store: whether to write `assets/results/long-tail.json`.
    """
    rows, finals = [], []
    for task, options in TASKS.items():
        for name, (method, rung) in CONTESTANTS.items():
            some = [_row(options, method, lr, SEEDS) for lr in LADDER[rung : rung + 7]]
            best = min(
                (row for row in some if None not in row["losses"]), key=lambda row: fmean(row["losses"])
            )
            final = _row(options, method, best["lr"], FRESH_SEEDS)
            rows += [{"task": task, "method": name, **row} for row in some]
            finals.append({"task": task, "method": name, **final})
            print(f"{task}, {name}: best at {best['lr']:g}, losses {final['losses']}", flush=True)
    settings = {"words": 1000, "steps": STEPS, "batch_size": BATCH_SIZE, "seeds": SEEDS}
    fresh = {"fresh_seeds": FRESH_SEEDS, "finals": finals}
    return record("long-tail", settings | {"rows": rows} | fresh, store)


def measure(
    task: LongTail, make: Callable, seed: int, steps: int = STEPS
) -> tuple[float | None, list[float]]:
    """Train once: the loss above the least possible one, and its mean over each tenth of the words by rank.

    Examples:
        >>> loss, tenths = measure(zipf(), lambda p: SGD(p, lr=1.0), seed=0, steps=50)
        >>> loss < 1.5, len(tenths)
        (True, 10)
        >>> measure(zipf(), lambda p: SGD(p, lr=1000.0), seed=0, steps=50)[0] is None
        True
    """
    model = embedding(task, seed=seed)
    train_on_words(model, make(model.parameters()), *task.draw(steps, BATCH_SIZE, seed))
    excess = task.excess(model)
    loss, guess = (task.frequencies @ excess).item(), _guess(task)
    return loss if loss < guess else None, [tenth.mean().item() for tenth in excess.chunk(10)]


def _guess(task: LongTail) -> float:
    classes = task.answers.shape[1]
    entropy = torch.special.entr(task.answers).sum(dim=1)
    return math.log(classes) - (task.frequencies @ entropy).item()


def _row(options: dict, method: Callable, lr: float, seeds: tuple[int, ...]) -> dict:
    runs = [measure(zipf(**options, seed=s), lambda p: method(p, lr=lr), s) for s in seeds]
    tenths = zip(*(tenths for loss, tenths in runs if loss is not None), strict=True)
    return {
        "lr": lr,
        "losses": [None if loss is None else significant(loss) for loss, _ in runs],
        "tenths": [significant(fmean(values)) for values in tenths],
    }
