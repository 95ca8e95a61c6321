"""What the methods with a penalty share: minimise without constraints, look at what is violated, go on."""

from collections.abc import Callable

import torch
from torch import Tensor

from book.numerics.callables import check_point, check_repeats
from book.optim.bfgs import BFGS
from book.optim.constrained.kkt import kkt_residual
from book.optim.constrained.multipliers import rank
from book.optim.constrained.problem import Multipliers, Problem
from book.optim.constrained.solution import Infeasible, Round, Solution
from book.optim.full_batch import FullBatch
from book.optim.line_search.unbounded import WITHOUT_END, Unbounded
from book.optim.minimize import with_a_slope
from book.optim.newton import Newton

Loss = Callable[[Tensor], Tensor]
LARGEST = 1e10  # penalty
POLISHED = 200  # entries, at most: the Hessian is written out
DEEP = 1e20  # times the first loss: what is that much lower has no minimum
NEARLY = 1e-3  # rows whose singular values differ by more are nearly dependent
FLAT = 1e-6  # of what is violated: where a way as long as x promises no more of it, its slope counts as none


class Rounds:
    """The point, the penalty, and the minimisations so far.

    Args:
        problem: f, h and c.
        start: shape (n,).
        penalty, growth: the first ρ, and its factor.
        inner: the method without constraints.
        max_iter: its iterations in one round.

    Raises:
        TypeError: the start is not a tensor of a float dtype, the problem no `Problem`, or `inner` no class
            that takes a loss.
        ValueError: the start is not a vector, a number is outside its range, or a function of the problem
            gives two values at the start.
    """

    def __init__(
        self,
        problem: Problem,
        start: Tensor,
        penalty: float,
        growth: float,
        inner: type[FullBatch],
        max_iter: int,
    ):
        check_point(start, "A method with a penalty", 1)
        if not isinstance(problem, Problem):
            raise TypeError(f"A method with a penalty takes a Problem(f, ...); got {type(problem).__name__}.")
        if not (isinstance(inner, type) and issubclass(inner, FullBatch)) or inner.takes != "loss":
            raise TypeError(f"`inner` is a class on FullBatch that takes the loss, as BFGS; got {inner!r}.")
        if not (0 < penalty <= LARGEST and growth > 1):
            raise ValueError(
                f"The penalty is above 0 and at most {LARGEST:g}, its growth above 1; got {penalty} and "
                f"{growth}."
            )
        self.problem, self.x = problem, start.detach().clone()
        for part in (problem.f, problem.h, problem.c):
            check_repeats(part, self.x, "A method with a penalty")
        self.penalty, self.growth = penalty, growth
        self.inner, self.max_iter = inner, max_iter
        self.done: list[Round] = []
        self._doubted = 100 * penalty, float("inf")  # from which ρ on, and what was violated then

    def minimise(self, loss: Loss, tol: float) -> bool:
        """Go to the minimum of a loss; where it has none, stay, make the penalty larger and return False.

        Raises:
            Unbounded: the penalty cannot become larger.
        """
        try:
            self.x, evaluations = lowest(loss, self.x, self.inner, tol, self.max_iter)
        except Unbounded as error:
            if not self.grow():
                raise Unbounded(
                    f"f still falls far away, and a penalty of {self.penalty:g} on the constraints does not "
                    "hold it; it seems to have no minimum under them. Check the sign of f, or add a bound."
                ) from error
            return False
        self.done.append(Round(self.penalty, self.x, self.problem.violation(self.x), evaluations))
        return True

    def doubt(self, tol: float) -> None:
        """Look whether the constraints can be fulfilled, where a larger penalty has not helped.

        Raises:
            Infeasible: no point nearby fulfils them.
        """
        enough, before = self._doubted
        left = self.done[-1].violation
        if self.penalty >= enough:
            if left > max(tol, before / 2):
                check_feasible(self.problem, self.x, tol)
            self._doubted = enough, left

    def grow(self) -> bool:
        """Make the penalty larger, if it is not the largest already."""
        if self.penalty * self.growth > LARGEST:
            return False
        self.penalty *= self.growth
        return True

    def solution(self, multipliers: Multipliers | None, tol: float, status: str = "max_rounds") -> Solution:
        """What is found at the point.

        Raises:
            Infeasible: the penalty is the largest, and no point nearby fulfils the constraints.
        """
        kkt = kkt_residual(self.problem, self.x, multipliers, tol)
        if kkt.largest <= tol:
            status = "solved"
        elif status == "penalty":
            check_feasible(self.problem, self.x, tol)
            near = kkt_residual(self.problem, self.x, multipliers, max(tol, self.problem.violation(self.x)))
            status = "dependent" if rank(near.active, NEARLY) < len(near.active) else status
        return Solution(self.x, self.problem.f(self.x).item(), kkt, status, tuple(self.done))


def lowest(
    loss: Loss, start: Tensor, inner: type[FullBatch], tol: float, max_iter: int
) -> tuple[Tensor, int]:
    """The minimum without constraints that a method of `book.optim` finds, and its evaluations.

    Where no step lowers the loss any more and its gradient is still above `tol`, up to 200 entries are
    polished by Newton's method; a product with the Hessian counts as an evaluation.

    Raises:
        Unbounded: the loss falls without end.

    Examples:
        >>> lowest(lambda x: (x - 1).square().sum(), torch.zeros(1), BFGS, 1e-6, 10)
        (tensor([1.]), 2)
    """
    x = torch.nn.Parameter(start.clone())
    floor = -DEEP * (1 + abs(loss(start).item()))

    def closure() -> Tensor:
        value = with_a_slope(loss(x), x)
        if value < floor:
            raise Unbounded(WITHOUT_END.format(value.item()))
        return value

    optimizer = inner([x], max_iter=max_iter, tolerance_grad=tol, tolerance_change=0.0)
    optimizer.step(closure)
    spent = optimizer.memory["evaluations"]
    if optimizer.status == "precision" and len(start) <= POLISHED:
        spent += _polish(closure, x, tol)
    return x.detach(), spent


def _polish(closure: Callable[[], Tensor], x: torch.nn.Parameter, tol: float) -> int:
    """Newton's steps while each halves the gradient, which tells where values differ by rounding alone."""
    newton = Newton([x], line_search_fn=None, tolerance_grad=tol, tolerance_change=0.0)
    size, before = float("inf"), x.detach().clone()
    while (now := _slope(x)) <= size / 2 and now > tol:
        size, before = now, x.detach().clone()
        try:
            newton.step(closure)
        except (FloatingPointError, Unbounded):  # x stays where it was
            break
    if now > size / 2:
        x.data.copy_(before)
    return newton.memory.get("evaluations", 0) + newton.memory.get("products", 0)


def _slope(x: torch.nn.Parameter) -> float:
    """The largest entry of the gradient that a step has left."""
    return 0.0 if x.grad is None else float(x.grad.abs().max())


def check_feasible(problem: Problem, x: Tensor, tol: float) -> None:
    """Refuse constraints that no point near x fulfils.

    Where the slope of what is violated is flat beside its size, that is no slow way to a point where all
    hold. Both are measured in units of what is violated at x, so that the constraints' own do not count.

    Raises:
        Infeasible: the nearest minimum of (‖h‖² + ‖max(c, 0)‖²) / 2 is such a place.
    """
    if not (unit := problem.violation(x)) > 0:
        return

    def amiss(x: Tensor) -> Tensor:
        return problem.half_squares(x) / unit / unit

    least, _ = lowest(amiss, x, BFGS, 1e-12, 1000)
    left, point = problem.violation(least), least.clone().requires_grad_()
    (slope,) = torch.autograd.grad(with_a_slope(amiss(point), point), point)
    way = 1 + float(least.abs().max())
    if left > tol and way * float(slope.abs().max()) <= FLAT * (left / unit) ** 2:
        raise Infeasible(least, left)
