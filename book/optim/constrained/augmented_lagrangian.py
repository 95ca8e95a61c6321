"""The augmented Lagrangian: a penalty of bounded size, shifted by multipliers that are learned."""

import torch
from torch import Tensor

from book.numerics.callables import OUTSIDE
from book.numerics.number_types import plain_numbers, whole
from book.optim.bfgs import BFGS
from book.optim.constrained.problem import Multipliers, Problem
from book.optim.constrained.rounds import Rounds
from book.optim.constrained.solution import Solution
from book.optim.full_batch import FullBatch
from book.optim.ranges import at_least_zero


def augmented(problem: Problem, x: Tensor, multipliers: Multipliers, penalty: float) -> Tensor:
    """f + νᵀh + ρ/2 ‖h‖² + (‖max(λ + ρ c, 0)‖² − ‖λ‖²) / 2ρ at x, shape ().

    Examples:
        >>> import torch
        >>> wall = Problem(lambda x: x.sum(), inequalities=lambda x: x - 1)
        >>> augmented(wall, torch.tensor([3.0]), Multipliers(torch.zeros(0), torch.ones(1)), 10.0)
        tensor(25.)
    """
    nu, lam = multipliers
    h = problem.h(x)
    shifted = (lam + penalty * problem.c(x)).clamp(min=0)
    return (
        problem.f(x)
        + nu @ h
        + penalty / 2 * h.square().sum()
        + (shifted.square().sum() - lam.square().sum()) / (2 * penalty)
    )


def learned(problem: Problem, x: Tensor, multipliers: Multipliers, penalty: float) -> Multipliers:
    """The next multipliers, ν + ρ h(x) and max(λ + ρ c(x), 0).

    With them the gradient of the Lagrangian at x is that of the augmented one with the old ones: at a minimum
    of it, stationarity holds at once.

    Examples:
        >>> import torch
        >>> wall = Problem(lambda x: x.sum(), inequalities=lambda x: x - 1)
        >>> learned(wall, torch.tensor([0.95]), Multipliers(torch.zeros(0), torch.ones(1)), 10.0).inequality
        tensor([0.5000])
    """
    nu, lam = multipliers
    return Multipliers(nu + penalty * problem.h(x), (lam + penalty * problem.c(x)).clamp(min=0))


@torch.compiler.disable(reason=OUTSIDE)
@torch.inference_mode(False)
@plain_numbers
def augmented_lagrangian(
    problem: Problem,
    start: Tensor,
    penalty: float = 10.0,
    growth: float = 10.0,
    tol: float = 1e-8,
    max_rounds: int = 50,
    inner: type[FullBatch] = BFGS,
    max_iter: int = 1000,
) -> Solution:
    """Minimise the augmented Lagrangian, learn the multipliers from what is still violated, and go on.

    Where a round leaves less violated than was allowed, the multipliers take it up and the next round is held
    to less; else the penalty grows. Since the multipliers take the load, the penalty may stay moderate, and
    so may the conditioning.

    Args:
        problem: f, h and c.
        start: shape (n,); it need not fulfil the constraints.
        penalty: the first ρ, above 0.
        growth: the factor of ρ where a round left too much violated, above 1.
        tol: the largest remainder of `kkt_residual` that counts as solved.
        max_rounds: at most so many minimisations.
        inner: the method without constraints, a class on `FullBatch`.
        max_iter: its iterations, at most, in one round.

    Returns:
        The last minimum, with its multipliers; see `Solution` for its status.

    Raises:
        TypeError, ValueError, Infeasible, Unbounded, FloatingPointError: as for `quadratic_penalty`.

    Source:
        Hestenes, "Multiplier and gradient methods", Journal of Optimization Theory and Applications, 1969;
        Powell, "A method for nonlinear constraints in minimization problems", in Fletcher's Optimization,
        1969; Rockafellar, "The multiplier method of Hestenes and Powell applied to convex programming", 1973,
        for inequalities; Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, algorithm 17.4, for
        the rule of the penalty and the tolerances.

    Examples:
        >>> import torch
        >>> nearest = Problem(lambda x: x @ x, lambda x: x.sum()[None] - 2)
        >>> found = augmented_lagrangian(nearest, torch.zeros(2, dtype=torch.float64))
        >>> found.status, found.kkt.multipliers.equality.round(decimals=6).tolist(), found.rounds[-1].penalty
        ('solved', [-2.0], 10.0)
    """
    tol, max_rounds = at_least_zero("tol", tol), whole("max_rounds", max_rounds, least=1)
    way = Rounds(problem, start, penalty, growth, inner, max_iter)
    multipliers = Multipliers(0 * problem.h(way.x), 0 * problem.c(way.x))
    allowed, flat = _first(way.penalty)
    for _ in range(max_rounds):
        rho, old = way.penalty, multipliers
        if not way.minimise(lambda x, rho=rho, old=old: augmented(problem, x, old, rho), max(flat, tol / 2)):
            allowed, flat = _first(way.penalty)
            continue
        new = learned(problem, way.x, old, rho)
        if _moved(old, new) / rho <= max(allowed, tol):
            multipliers = new
            found = way.solution(multipliers, tol)
            if found.status == "solved":
                return found
            allowed, flat = allowed / rho**0.9, flat / rho
            continue
        way.doubt(tol)
        if not way.grow():
            return way.solution(multipliers, tol, "penalty")
        allowed, flat = _first(way.penalty)
    return way.solution(multipliers, tol)


def _first(penalty: float) -> tuple[float, float]:
    """How much may be violated, and how steep the minimum may be, in the first round with a penalty."""
    return penalty**-0.1, 1 / penalty


def _moved(old: Multipliers, new: Multipliers) -> float:
    """The largest change: ρ times the largest |h| and |max(c, −λ/ρ)|."""
    return max((float((n - o).abs().max()) for o, n in zip(old, new, strict=True) if len(o)), default=0.0)
