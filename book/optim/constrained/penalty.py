"""The quadratic penalty: what is violated costs its square, ever more of it."""

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


def penalised(problem: Problem, x: Tensor, penalty: float) -> Tensor:
    """Q(x) = f(x) + ρ/2 (‖h(x)‖² + ‖max(c(x), 0)‖²), shape ().

    Examples:
        >>> import torch
        >>> penalised(Problem(lambda x: x.sum(), lambda x: x - 1), torch.tensor([3.0]), 10.0)
        tensor(23.)
    """
    return problem.f(x) + penalty * problem.half_squares(x)


@torch.compiler.disable(reason=OUTSIDE)
@torch.inference_mode(False)
@plain_numbers
def quadratic_penalty(
    problem: Problem,
    start: Tensor,
    penalty: float = 1.0,
    growth: float = 10.0,
    tol: float = 1e-6,
    max_rounds: int = 20,
    inner: type[FullBatch] = BFGS,
    max_iter: int = 1000,
) -> Solution:
    """Minimise Q with a growing ρ, each time from where the last minimum lies.

    At a minimum of Q a constraint is violated by its multiplier over ρ, or nearly: so ρ h and ρ max(c, 0)
    become the multipliers. The price is the conditioning: across a constraint Q is curved in proportion to ρ,
    and so is the rounding of h and c in its gradient, which a small `tol` may not survive.

    Args:
        problem: f, h and c.
        start: shape (n,); it need not fulfil the constraints.
        penalty: the first ρ, above 0; a round for which Q falls without end is left out.
        growth: the factor of ρ from one round to the next, above 1.
        tol: the largest remainder of `kkt_residual` that counts as solved.
        max_rounds: at most so many minimisations.
        inner: the method without constraints, a class on `FullBatch`.
        max_iter: its iterations, at most, in one round.

    Returns:
        The last minimum; see `Solution` for its status.

    Raises:
        TypeError: the start is not a tensor of a float dtype, a number is none, the problem is no `Problem`,
            or `inner` no class on `FullBatch` that takes a loss.
        ValueError: the start is not a vector, or a number is outside its range.
        Infeasible: a ValueError; no point near the last minimum fulfils the constraints.
        Unbounded: a ValueError; f falls without end, whatever the penalty.
        FloatingPointError: f or its gradient is not finite at the start.

    Source:
        Courant, "Variational methods for the solution of problems of equilibrium and vibrations", Bulletin of
        the American Mathematical Society, 1943; Nocedal and Wright, Numerical Optimization, 2nd edition,
        2006, algorithm 17.1.

    Examples:
        >>> import torch
        >>> nearest = Problem(lambda x: x @ x, lambda x: x.sum()[None] - 2)
        >>> found = quadratic_penalty(nearest, torch.zeros(2, dtype=torch.float64))
        >>> found.status, found.x.round(decimals=5).tolist(), len(found.rounds)
        ('solved', [1.0, 1.0], 8)
    """
    tol, max_rounds = at_least_zero("tol", tol), whole("max_rounds", max_rounds, least=1)
    way, multipliers = Rounds(problem, start, penalty, growth, inner, max_iter), None
    for _ in range(max_rounds):
        rho = way.penalty
        if not way.minimise(lambda x, rho=rho: penalised(problem, x, rho), max(1 / rho, tol / 2)):
            continue
        multipliers = Multipliers(rho * problem.h(way.x), rho * problem.c(way.x).clamp(min=0))
        found = way.solution(multipliers, tol)
        if found.status == "solved":
            return found
        way.doubt(tol)
        if not way.grow():
            return way.solution(multipliers, tol, "penalty")
    return way.solution(multipliers, tol)
