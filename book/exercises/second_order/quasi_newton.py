"""Exercises of the chapter *Quasi-Newton methods*."""

import torch

from book.exercises.functions import close
from book.exercises.model import Case, Choice, Code, Number
from book.exercises.results import tensor
from book.optim.bfgs import inverse_update
from book.optim.lbfgs import two_loops


def bfgs_update(B, s, y):
    rho = 1 / (y @ s)
    left = torch.eye(len(s)).to(s) - rho * torch.outer(s, y)
    return left @ B @ left.T + rho * torch.outer(s, s)


def without_the_matrix(g, steps, changes):
    q, shares = g.clone(), []
    for s, y in zip(reversed(steps), reversed(changes), strict=True):
        shares.append((s @ q) / (y @ s))
        q = q - shares[-1] * y
    q = q * (steps[-1] @ changes[-1]) / (changes[-1] @ changes[-1])
    for s, y, share in zip(steps, changes, reversed(shares), strict=True):
        q = q + (share - (y @ q) / (y @ s)) * s
    return q


def _numbers(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _curved(n: int) -> torch.Tensor:
    root = _numbers(0, n, n)
    return root @ root.T + torch.eye(n, dtype=torch.float64)


def _pair(seed: int, n: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    s = _numbers(seed, n)
    return s, _curved(n) @ s


def _updated(attempt, B: torch.Tensor, seed: int) -> torch.Tensor:
    return tensor(attempt(B.clone(), *_pair(seed)))


def _fits_the_pair(attempt) -> bool:
    s, y = _pair(1)
    return close(_updated(attempt, torch.eye(4, dtype=torch.float64), 1).double() @ y, s, rtol=1e-4)


def _learns_the_inverse(attempt) -> bool:
    s, y = _pair(1)
    return not close(_updated(attempt, torch.eye(4, dtype=torch.float64), 1).double() @ s, y, rtol=1e-4)


def _is_symmetric(attempt) -> bool:
    new = _updated(attempt, _curved(4), 1)
    return close(new, new.T, rtol=1e-5, atol=1e-6)


def _is_bfgs(attempt) -> bool:
    B = torch.linalg.inv(_curved(4) + torch.eye(4, dtype=torch.float64))
    return close(_updated(attempt, B, 2), inverse_update(B, *_pair(2)), rtol=1e-5, atol=1e-6)


def _leaves_its_input(attempt) -> bool:
    B = torch.eye(4, dtype=torch.float64)
    attempt(B, *_pair(1))
    return torch.equal(B, torch.eye(4, dtype=torch.float64))


def _pairs(count: int) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    pairs = [_pair(seed) for seed in range(3, 3 + count)]
    return [s for s, _ in pairs], [y for _, y in pairs]


def _applied(attempt, count: int) -> bool:
    g, (steps, changes) = _numbers(9, 4), _pairs(count)
    found = attempt(g.clone(), list(steps), list(changes))
    return close(found, two_loops(g, steps, changes), rtol=1e-9, atol=1e-12)


def _newest_pair_fits(attempt) -> bool:
    steps, changes = _pairs(3)
    return close(attempt(changes[-1].clone(), list(steps), list(changes)), steps[-1], rtol=1e-9, atol=1e-12)


def _leaves_the_gradient(attempt) -> bool:
    g, kept = _numbers(9, 4), _numbers(9, 4)
    attempt(g, *_pairs(2))
    return torch.equal(g, kept)


EXERCISES = (
    Number(
        id="4-second-order/secant",
        prompt="B from the slopes 10 at x = 3 and 7 at x = 2.5.",
        answer=1 / 6,
        rtol=5e-3,
        mistakes={
            6.0: "That is y/s, the curvature. B is its inverse, s/y.",
            -1 / 6: "Both s and y change sign with the order of the points; their quotient does not.",
            -6.0: "y and s must have the same order: later less earlier, in both.",
            0.1: "That is 1 over the last slope. The curvature is how fast the slope changes.",
            2.5: "You divided points and slopes; take differences first.",
        },
        hint="s = 2.5 − 3 and y = 7 − 10. The secant condition is B y = s.",
        right="s = −0.5 and y = −3, so B = s/y = 1/6.",
        worked="$s = 2.5 - 3 = -0.5$, $y = 7 - 10 = -3$, and $B = s/y = 1/6$: the curvature between is 6.",
    ),
    Number(
        id="4-second-order/memory",
        prompt="Megabytes for L-BFGS, m = 10, a million weights in float32.",
        answer=80.0,
        rtol=5e-3,
        mistakes={
            40.0: "A pair is two vectors, s and y.",
            20.0: "That counts numbers, in millions. Each takes 4 bytes.",
            8.0: "That is one pair; there are ten.",
            4e6: "That is BFGS's matrix, with n² numbers.",
            160.0: "float32 takes 4 bytes, not 8.",
        },
        hint="2 · m vectors of n numbers of 4 bytes.",
        right="Twenty vectors of 4 MB.",
        worked=(
            "$2 m n = 2 \\cdot 10 \\cdot 10^6$ numbers of 4 bytes are 80 MB. BFGS's matrix has "
            "$n^2 = 10^{12}$ numbers: 4 million MB."
        ),
    ),
    Choice(
        id="4-second-order/which-pair",
        prompt="The pair that must be left out.",
        options={
            "a": "s = (1, 0), y = (0.001, 5)",
            "b": "s = (1, 1), y = (−2, 3)",
            "c": "s = (1, −1), y = (1, 2)",
            "d": "s = (−1, 0), y = (−4, 1)",
        },
        answer="c",
        hints={
            "a": "yᵀs = 0.001: small, and above 0. A matrix that is positive definite can map y to s.",
            "b": "yᵀs = −2 + 3 = 1. One negative entry of y is no harm; the sum over all entries counts.",
            "d": "yᵀs = (−1)(−4) = 4. Going the other way changes both signs.",
        },
        right="yᵀs = 1 − 2 = −1: along s the slope fell, so the surface bends down there.",
        worked=(
            "For (c), $y^\\top s = 1 - 2 = -1$. If $By = s$, then $y^\\top B y = y^\\top s < 0$: no "
            "positive definite matrix does that."
        ),
    ),
    Code(
        id="4-second-order/bfgs-update",
        prompt="Write bfgs_update(B, s, y), which returns the new inverse.",
        solution=bfgs_update,
        cases=(
            Case(_leaves_its_input, "Your function writes into `B`. Return a new matrix."),
            Case(
                lambda attempt: tensor(attempt(torch.eye(4).double(), *_pair(1))).shape == (4, 4),
                "Return the new matrix, of the shape of `B`.",
            ),
            Case(
                _learns_the_inverse,
                "Your matrix maps s to y: that is the update of the Hessian. B is the inverse.",
            ),
            Case(
                _fits_the_pair,
                "The new B must map y to s; yours does not. Check ρ and the last term, ρ s sᵀ.",
            ),
            Case(
                _is_symmetric,
                "The new B must be symmetric: the two factors around B are each other's transpose.",
            ),
            Case(
                _is_bfgs,
                "It maps y to s and is symmetric, and is not the nearest such matrix. Which of s and y "
                "stands first in the left factor?",
            ),
        ),
        right="It forgets what B said about y, and writes the pair in its place.",
        worked=(
            "$B \\leftarrow (I - \\rho s y^\\top) B (I - \\rho y s^\\top) + \\rho s s^\\top$ with "
            "$\\rho = 1/y^\\top s$. Applied to $y$, the first term gives 0, as "
            "$(I - \\rho y s^\\top) y = 0$, and the last gives $s$."
        ),
    ),
    Code(
        id="4-second-order/without-the-matrix",
        prompt="Write without_the_matrix(g, steps, changes), which returns B g.",
        solution=without_the_matrix,
        cases=(
            Case(_leaves_the_gradient, "Your function writes into `g`. Work on a copy, `g.clone()`."),
            Case(
                lambda attempt: _applied(attempt, 1),
                "With one pair it must give B g with B from B₀ = (yᵀs / yᵀy) I and one update.",
            ),
            Case(_newest_pair_fits, "Whatever the other pairs say, the newest y must be mapped to its s."),
            Case(
                lambda attempt: _applied(attempt, 3),
                "With three pairs it differs. The oldest pair updates first, and B₀ takes its size from the "
                "newest.",
            ),
        ),
        right="No matrix is ever built: each pair costs two products of vectors on the way in and two back.",
        worked=(
            "Inwards, from the newest pair to the oldest: $\\alpha_i = \\rho_i s_i^\\top q$, "
            "$q \\leftarrow q - \\alpha_i y_i$. Then $q \\leftarrow B_0 q$. Outwards, from the oldest on: "
            "$q \\leftarrow q + (\\alpha_i - \\rho_i y_i^\\top q)\\, s_i$."
        ),
    ),
)
