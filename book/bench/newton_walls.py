"""What one step of Newton's method costs as the network grows: the Hessian, and the solution with it."""

import math

import torch
from torch import Tensor

from book.bench.harness import interleave, median, one_thread, record
from book.optim.derivatives import gradients, hessian_products
from book.optim.newton import newton_direction
from book.training.models import mlp

INPUTS, CLASSES, EXAMPLES = 49, 10, 128
HIDDEN = (4, 8, 16, 32, 64)
ALONE = 128  # hidden units of a network whose matrix is solved and not computed
ROUNDS = 3


@one_thread()
def run(store: bool) -> dict:
    """Time a gradient, the Hessian and the solution on one core, print the table, store it if asked to.

    Args:
        store: whether to write `assets/results/newton-walls.json`.
    """
    rows = [_row(hidden) for hidden in HIDDEN]
    alone = _solution_alone(60 * ALONE + CLASSES)
    for row in rows:
        print(
            f"n = {row['n']:5d}: gradient {row['gradient']:.2e} s, Hessian {row['Hessian']:.2e} s, "
            f"solution {row['solution']:.2e} s, {row['bytes'] / 1e6:.1f} MB"
        )
    print(f"n = {alone['n']:5d}: solution {alone['solution']:.2e} s")
    powers = {
        "Hessian": power(rows[-2], rows[-1], "Hessian"),
        "solution": power(rows[-1], alone, "solution"),
    }
    print(f"powers of n at the end: {powers}")
    network = f"{INPUTS}-h-{CLASSES}, {EXAMPLES} examples, float64"
    return record("newton-walls", {"network": network, "rows": rows, "alone": alone, "powers": powers}, store)


def power(small: dict, large: dict, what: str) -> float:
    """The p in time ∝ n^p between two rows.

    Examples:
        >>> power({"n": 10, "solution": 1.0}, {"n": 20, "solution": 8.0}, "solution")
        3.0
    """
    return math.log(large[what] / small[what]) / math.log(large["n"] / small["n"])


def positive_definite(n: int) -> Tensor:
    """A matrix that Cholesky takes at once, as a Hessian near a minimum.

    Examples:
        >>> bool(torch.linalg.cholesky_ex(positive_definite(5)).info == 0)
        True
    """
    A = torch.randn(n, n, generator=torch.Generator().manual_seed(0), dtype=torch.float64) / n**0.5
    return (A + A.T).diagonal_scatter(torch.full((n,), 9.0, dtype=torch.float64))


def _row(hidden: int) -> dict:
    model = mlp(INPUTS, hidden, CLASSES).double()
    parameters = list(model.parameters())
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(EXAMPLES, 1, 7, 7, generator=generator, dtype=torch.float64)
    labels = torch.randint(CLASSES, (EXAMPLES,), generator=generator)
    n = sum(p.numel() for p in parameters)

    def graph() -> tuple[Tensor, ...]:
        return gradients(torch.nn.functional.cross_entropy(model(inputs), labels), parameters, again=True)

    identity, H, g = (
        torch.eye(n, dtype=torch.float64),
        positive_definite(n),
        torch.ones(n, dtype=torch.float64),
    )
    seconds = interleave(
        {
            "gradient": graph,
            "Hessian": lambda: hessian_products(graph(), parameters, identity),
            "solution": lambda: newton_direction(H, g),
        },
        rounds=ROUNDS,
    )
    return {"n": n, "bytes": H.nbytes, **{name: median(times) for name, times in seconds.items()}}


def _solution_alone(n: int) -> dict:
    H, g = positive_definite(n), torch.ones(n, dtype=torch.float64)
    seconds = interleave({"solution": lambda: newton_direction(H, g)}, rounds=ROUNDS)
    return {"n": n, "bytes": H.nbytes, "solution": median(seconds["solution"])}
