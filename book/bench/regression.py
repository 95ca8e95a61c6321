"""What linear regression costs, solved by its formula and by descent, as the number of weights grows."""

from collections.abc import Iterator
from itertools import islice

import torch
from torch import Tensor

from book.bench.harness import interleave, median, one_thread, paired_ratio, record

FEATURES = (30, 100, 300, 1000)
EXAMPLES_PER_FEATURE = 10
TOLERANCE = 1e-4


@one_thread()
def run(store: bool) -> dict:
    """Time both ways on one core, print the table, store it if asked to.

    Args:
        store: whether to write `assets/results/regression.json`.
    """
    rows = [_row(features) for features in FEATURES]
    for row in rows:
        print(
            f"{row['features']:5d} weights: formula {row['formula_seconds']:9.2e} s, "
            f"descent {row['descent_seconds']:9.2e} s in {row['steps']} steps, ratio {row['ratio']}"
        )
    results = {"tolerance": TOLERANCE, "examples_per_feature": EXAMPLES_PER_FEATURE, "rows": rows}
    return record("regression", results, store)


def problem(features: int) -> tuple[Tensor, Tensor, Tensor]:
    """Independent normal features and targets without noise: X of shape (10 d, d), y, and the true weights.

    Examples:
        >>> X, y, w = problem(3)
        >>> X.shape, torch.equal(X @ w, y)
        (torch.Size([30, 3]), True)
    """
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(EXAMPLES_PER_FEATURE * features, features, dtype=torch.float64, generator=generator)
    w = torch.randn(features, dtype=torch.float64, generator=generator)
    return X, X @ w, w


def by_formula(X: Tensor, y: Tensor) -> Tensor:
    """Solve the normal equations by Cholesky factorisation.

    Examples:
        >>> X, y, w = problem(3)
        >>> torch.allclose(by_formula(X, y), w)
        True
    """
    factor = torch.linalg.cholesky(X.T @ X)
    return torch.cholesky_solve((X.T @ y)[:, None], factor).flatten()


def iterates(X: Tensor, y: Tensor) -> Iterator[Tensor]:
    """Yield the weights after one step of gradient descent on the mean squared error, after two, and so on.

    The start is zero. The learning rate is one over the largest eigenvalue of XᵀX/n that random features of
    this shape have in the limit (Marchenko and Pastur, 1967), so that no time goes into finding it.

    Examples:
        >>> X, y, w = problem(30)
        >>> [round(float((v - w).norm() / w.norm()), 1) for v, _ in zip(iterates(X, y), range(3))]
        [0.5, 0.2, 0.2]
    """
    n, features = X.shape
    lr = 1 / (1 + (features / n) ** 0.5) ** 2
    w = torch.zeros(features, dtype=X.dtype)
    while True:
        w = w - lr * (X.T @ (X @ w - y)) / n
        yield w


def by_descent(X: Tensor, y: Tensor, steps: int) -> Tensor:
    """Return the weights after `steps` steps of `iterates`."""
    return next(islice(iterates(X, y), steps - 1, None))


def steps_to_tolerance(X: Tensor, y: Tensor, w: Tensor) -> int:
    """Return the first number of steps after which the weights are within `TOLERANCE`, relative.

    Examples:
        >>> 5 < steps_to_tolerance(*problem(30)) < 100
        True
    """
    near = ((v - w).norm() <= TOLERANCE * w.norm() for v in iterates(X, y))
    return 1 + next(step for step, is_near in enumerate(near) if is_near)


def _row(features: int) -> dict:
    X, y, w = problem(features)
    steps = steps_to_tolerance(X, y, w)
    seconds = interleave({"formula": lambda: by_formula(X, y), "descent": lambda: by_descent(X, y, steps)})
    return {
        "features": features,
        "steps": steps,
        "formula_seconds": median(seconds["formula"]),
        "descent_seconds": median(seconds["descent"]),
        "ratio": paired_ratio(seconds["descent"], seconds["formula"]),
    }
