"""The conditions of Karush, Kuhn and Tucker: four that hold at a constrained minimum, each as a number."""

from dataclasses import dataclass

import torch
from torch import Tensor

from book.calculus import gradient, jacobian
from book.numerics.arguments import check_values
from book.numerics.callables import OUTSIDE, check_point
from book.optim.constrained.multipliers import fitted, rank
from book.optim.constrained.problem import Multipliers, Problem
from book.optim.ranges import at_least_zero

CONDITIONS = ("stationarity", "equality", "inequality", "sign", "complementarity")


@dataclass(frozen=True, eq=False)
class KKT:
    """What each condition leaves over at a point; all are 0 at a solution.

    Args:
        stationarity: ∇f + Jₕᵀν + J_cᵀλ, shape (n,): the pull and the pushes that do not cancel.
        equality: |h|, shape (p,).
        inequality: max(c, 0), shape (m,).
        sign: max(−λ, 0), shape (m,): how much a wall pulls.
        complementarity: |λ c|, shape (m,): a push without touch.
        multipliers: the ν and λ that were judged.
        active: the gradients of the equalities and of the inequalities that touch, as rows, shape (k, n).
    """

    stationarity: Tensor
    equality: Tensor
    inequality: Tensor
    sign: Tensor
    complementarity: Tensor
    multipliers: Multipliers
    active: Tensor

    def size(self, condition: str) -> float:
        """The largest entry of one condition's remainder."""
        left = getattr(self, condition).abs()
        return float(left.max()) if len(left) else 0.0

    @property
    def largest(self) -> float:
        """The largest remainder of all; nan where one is."""
        sizes = [self.size(name) for name in CONDITIONS]
        return float(torch.tensor(sizes, dtype=torch.float64, device="cpu").max())

    def failing(self, tol: float = 1e-6) -> dict[str, float]:
        """The conditions that fail by more than a tolerance, each with its number."""
        tol, sizes = at_least_zero("tol", tol), {each: self.size(each) for each in CONDITIONS}
        return {condition: size for condition, size in sizes.items() if not size <= tol}

    @property
    def rank(self) -> int:
        """How many of the active gradients are linearly independent."""
        return rank(self.active)

    @property
    def independent(self) -> bool:
        """Whether the active gradients are linearly independent, so that the multipliers are unique."""
        return self.rank == len(self.active)

    def explain(self, tol: float = 1e-6) -> str:
        """One line: what fails and where, and whether the active gradients are independent."""
        failing = self.failing(tol)
        told = [
            f"{condition} fails by {size:.3g} at {int(getattr(self, condition).abs().argmax())}"
            for condition, size in failing.items()
        ]
        text = "; ".join(told) or f"all conditions hold to {tol:g}"
        if not self.independent:
            text += (
                f"; the {len(self.active)} active gradients have rank {self.rank}, so multipliers are not "
                "unique, or there are none"
            )
        return text[0].upper() + text[1:] + "."


@torch.compiler.disable(reason=OUTSIDE)
def kkt_residual(
    problem: Problem, x: Tensor, multipliers: Multipliers | None = None, tol: float = 1e-6
) -> KKT:
    """What is left of each condition at a point, for given multipliers or for those that fit best.

    Those that fit best make ‖∇f + Jₕᵀν + J_cᵀλ‖ least, with λ = 0 for inequalities that do not touch. Their
    signs are free while the active gradients are linearly independent: a negative one then says that f falls
    on the way back from its wall. Where they are dependent, λ ≥ 0 is kept, so that multipliers are found if
    there are any.

    Args:
        problem: f, h and c.
        x: shape (n,).
        multipliers: ν and λ; None for those that fit best.
        tol: an inequality touches where c ≥ −tol.

    Returns:
        The remainders, as `KKT`.

    Raises:
        TypeError: x is not a tensor of a float dtype, or of a narrow one and multipliers are to be found; the
            problem is no `Problem`, or a multiplier no tensor.
        ValueError: x is not a vector, or there is not one multiplier for each constraint.
        FloatingPointError: multipliers are to be fitted to a gradient that is not finite.

    Source:
        Karush, master's thesis, University of Chicago, 1939; Kuhn and Tucker, "Nonlinear programming", Second
        Berkeley Symposium, 1951; Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, theorem 12.1.

    Examples:
        >>> nearest = Problem(lambda x: (x - 3).square().sum(), inequalities=lambda x: x.sum()[None] - 2)
        >>> found = kkt_residual(nearest, torch.tensor([1.0, 1.0]))
        >>> found.explain(), found.multipliers.inequality.round(decimals=4)
        ('All conditions hold to 1e-06.', tensor([4.]))
        >>> kkt_residual(nearest, torch.tensor([0.0, 0.0])).explain()
        'Stationarity fails by 6 at 0.'
    """
    check_point(x, "kkt_residual", 1)
    if not isinstance(problem, Problem):
        raise TypeError(f"kkt_residual takes a Problem(f, ...); got {type(problem).__name__}.")
    x = x.detach().clone()
    tol = at_least_zero("tol", tol)
    h, c, slope = problem.h(x), problem.c(x), gradient(problem.f, x)
    equal, unequal = _rows(problem.h, x, len(h)), _rows(problem.c, x, len(c))
    touching = c >= -tol
    if multipliers is None:
        multipliers = fitted(slope, equal, unequal, touching)
    else:
        _check_counts(multipliers, h, c)
    nu, lam = (given.to(x) for given in multipliers)
    return KKT(
        stationarity=slope + equal.T @ nu + unequal.T @ lam,
        equality=h.abs(),
        inequality=c.clamp(min=0),
        sign=(-lam).clamp(min=0),
        complementarity=(lam * c).abs(),
        multipliers=multipliers,
        active=torch.cat([equal, unequal[touching]]),
    )


def _rows(F, x: Tensor, count: int) -> Tensor:
    """The Jacobian; without a row where there is no constraint."""
    return jacobian(F, x) if count else x.new_zeros(0, len(x))


def _is_real(given: object) -> bool:
    return isinstance(given, Tensor) and not given.is_complex()


def _check_counts(multipliers: Multipliers, h: Tensor, c: Tensor) -> None:
    if not (len(multipliers) == 2 and all(map(_is_real, multipliers))):
        raise TypeError("Multipliers are two real tensors, as Multipliers(equality=..., inequality=...).")
    for given, values, name in zip(multipliers, (h, c), ("equality", "inequality"), strict=True):
        check_values(given, "kkt_residual")
        if given.shape != values.shape:
            raise ValueError(
                f"There is one multiplier for each {name}: {len(values)}, and the shape is "
                f"{tuple(given.shape)}."
            )
