"""Least squares by one step of Newton's method and by conjugate gradient, in seconds, as weights grow."""

from collections.abc import Callable
from itertools import islice

import torch
from torch import Tensor

from book.bench.harness import interleave, median, one_thread, paired_ratio, record
from book.optim.conjugate_gradient import conjugate_directions

SIZES = (50, 1000, 2000)
CONDITION = 1000.0
ENOUGH = 1e-8  # the share of the loss at the start, w = 0, that may be left
ROUNDS = 7


@one_thread()
def run(store: bool) -> dict:
    """Time both on one core, in turn, print the table, store it if asked to.

    Newton's step forms XᵀX and Xᵀy, factors the matrix and solves. Conjugate gradient takes as many steps as
    it needs to `ENOUGH`, two products with X each; how many was counted before.

    Args:
        store: whether to write `assets/results/least-squares.json`.
    """
    rows = [_row(n) for n in SIZES]
    for row in rows:
        print(
            f"n = {row['n']:5d}: gradient {row['gradient']:.2e} s, Newton {row['Newton']:.2e} s, "
            f"conjugate gradient {row['conjugate gradient']:.2e} s in {row['steps']} steps, {row['ratio']:g} "
            "times Newton's"
        )
    found = {"condition": CONDITION, "enough": ENOUGH, "rounds": ROUNDS, "rows": rows}
    return record("least-squares", found, store)


def examples(n: int) -> tuple[Tensor, Tensor]:
    """X, dense, of shape (2n, n), and y = Xw for drawn weights.

    The eigenvalues of XᵀX lie from 1/κ to 1, evenly on a logarithmic scale. Two reflections turn the diagonal
    matrix of their roots into a full one.

    Args:
        n: how many weights.
    """
    draw = torch.Generator().manual_seed(n)
    weights = torch.randn(n, generator=draw, dtype=torch.float64)
    curvatures = torch.logspace(0, -torch.tensor(CONDITION).log10(), n, dtype=torch.float64)
    X = torch.zeros(2 * n, n, dtype=torch.float64)
    X.diagonal().copy_(curvatures.sqrt())
    for across in (True, False):
        u = torch.randn(n if across else 2 * n, generator=draw, dtype=torch.float64)
        u /= u.norm()
        X -= 2 * torch.outer(X @ u, u) if across else 2 * torch.outer(u, u @ X)
    return X, X @ weights


def newton(X: Tensor, y: Tensor) -> Tensor:
    """The weights after Newton's one step from 0."""
    return torch.cholesky_solve((X.T @ y)[:, None], torch.linalg.cholesky(X.T @ X))[:, 0]


def conjugate(X: Tensor, y: Tensor, steps: int) -> Tensor:
    """The weights after so many steps of conjugate gradient from 0."""
    visits = conjugate_directions(lambda v: X.T @ (X @ v), X.T @ y)
    return next(islice(visits, steps, None)).x


def steps_needed(X: Tensor, y: Tensor) -> int:
    """Steps of conjugate gradient until `ENOUGH` of the loss at w = 0 is left."""
    visits = conjugate_directions(lambda v: X.T @ (X @ v), X.T @ y)
    goal = ENOUGH * (y @ y)
    return next(step for step, visit in enumerate(visits) if (X @ visit.x - y).square().sum() <= goal)


def _row(n: int) -> dict:
    X, y = examples(n)
    steps = steps_needed(X, y)
    calls: dict[str, Callable[[], Tensor]] = {
        "gradient": lambda: X.T @ (X @ y[:n] - y),
        "Newton": lambda: newton(X, y),
        "conjugate gradient": lambda: conjugate(X, y, steps),
    }
    seconds = interleave(calls, ROUNDS)
    return {
        "n": n,
        "steps": steps,
        **{name: median(values) for name, values in seconds.items()},
        "ratio": paired_ratio(seconds["conjugate gradient"], seconds["Newton"]),
    }
