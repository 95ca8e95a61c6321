"""minimize, from a start to a minimum in one call, for methods that see one function of a vector."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from book.numerics.callables import OUTSIDE, check_point, check_repeats, differentiable
from book.optim.full_batch import FullBatch, Point
from book.optim.trajectory import Make


@dataclass(frozen=True, eq=False)
class Minimum:
    """Where `minimize` ended.

    Args:
        x: the point, shape (n,).
        value: f there, or half the sum of the squared residuals.
        gradient: its gradient there, shape (n,).
        iterations: steps taken.
        evaluations: how often f and its gradient were computed.
        products: how often the Hessian, or a Jacobian, was multiplied by a vector; a whole Hessian counts n.
        status: why it ended, as `FullBatch` says.
        path: the start and the points after each iteration, shape (iterations + 1, n).
    """

    x: Tensor
    value: float
    gradient: Tensor
    iterations: int
    evaluations: int
    products: int
    status: str
    path: Tensor


@torch.compiler.disable(reason=OUTSIDE)
@torch.inference_mode(False)
def minimize(make: Make, f: Callable[[Tensor], Tensor], start: Tensor) -> Minimum:
    """Let a method run from a start until it stops, and say what it found and what that cost.

    Args:
        make: from the list of parameters to a `FullBatch` method over them, such as
            `lambda p: BFGS(p, max_iter=100)`; it takes one step, so `max_iter` is the limit.
        f: takes shape (n,), returns shape (), and for a method of least squares the residuals, shape (m,);
            see `book.numerics.callables` for what it may do.
        start: shape (n,), one of the four float dtypes; it stays as it is.

    Raises:
        TypeError: the start is not a tensor of a float dtype, `make` returns another kind of method, or f
            something else than the method takes.
        ValueError: torch cannot follow f, it falls without end, it gives two values at the start, or `make`
            takes other parameters.
        FloatingPointError: f or its gradient is not finite at the start.

    Examples:
        >>> from book.optim.bfgs import BFGS
        >>> start = torch.tensor([3.0, -1.0], dtype=torch.float64)
        >>> found = minimize(lambda p: BFGS(p, max_iter=50), lambda x: (x - 1).square().sum(), start)
        >>> found.x.round(decimals=6), found.status
        (tensor([1., 1.], dtype=torch.float64), 'gradient')
    """
    check_point(start, "minimize", ndim=1)
    if torch.func.debug_unwrap(start) is not start:
        raise ValueError("minimize takes one point at a time; call it in a loop instead of under vmap.")
    x = torch.nn.Parameter(start.detach().clone())
    method = make([x])
    if not isinstance(method, FullBatch):
        raise TypeError(
            "minimize takes a method on FullBatch, such as BFGS, and `make` returned "
            f"{type(method).__name__}; a path of steps of any optimizer is what trajectory gives."
        )
    if len(method.parameters) != 1 or method.parameters[0] is not x:
        raise ValueError("`make` takes the parameters that it is given, as lambda p: BFGS(p), and no others.")
    points = _recorded(method)
    call = differentiable(f, "minimize")
    check_repeats(call, start.detach(), "minimize")
    first = method.step(lambda: with_a_slope(call(x), x))
    memory = method.memory
    return Minimum(
        x=x.detach().clone(),
        value=points[-1].value if points else float(first),
        gradient=cast(Tensor, x.grad).clone(),
        iterations=memory.get("step", 0),
        evaluations=memory["evaluations"],
        products=memory.get("products", 0),
        status=method.status,
        path=torch.stack([start.detach(), *(point.x for point in points)]),
    )


def with_a_slope(value: Tensor, x: Tensor) -> Tensor:
    """The value; where it is a constant, with the slope 0.

    Examples:
        >>> x = torch.ones(2, requires_grad=True)
        >>> with_a_slope(torch.tensor(3.0), x).backward()
        >>> x.grad
        tensor([0., 0.])
    """
    return value if value.requires_grad else value + 0 * (x - x.detach()).sum()


def _recorded(method: FullBatch) -> list[Point]:
    """The points that a method reaches from now on."""
    points, advance = [], method.advance

    def recording(here: Point) -> Point:
        there = advance(here)
        if there is not here:
            points.append(there)
        return there

    method.advance = recording
    return points
