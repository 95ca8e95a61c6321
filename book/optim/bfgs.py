"""BFGS: the inverse Hessian, learned from how the gradient changes."""

import math

import torch
from torch import Tensor

from book.numerics.vector import dot, norm
from book.optim.full_batch import Point
from book.optim.line_search.method import LineSearch
from book.optim.line_search.wolfe import LONGEST


class BFGS(LineSearch):
    """d = −B g, with B the matrix nearest to the last one that maps the gradient's change to the step.

    After a step s, along which the gradient changed by y, the secant condition asks for B y = s. Among the
    symmetric matrices that fulfil it, the update takes the one nearest to B, measured in a norm that weighs
    all units alike: B ← (I − ρ s yᵀ) B (I − ρ y sᵀ) + ρ s sᵀ with ρ = 1 / yᵀs. It stays positive definite
    if yᵀs > 0, which Wolfe's second condition guarantees; a pair without it is left out.

    Before the first update B is √(yᵀs / yᵀy) I, between I and the size that the inverse Hessian has along y.
    Over problems of the set of Moré, Garbow and Hillstrom the root takes the fewest evaluations: that whole
    size makes steps along flat directions too short, I those along steep ones too long. Where the size is so
    large that no search would get there from its root, 2⁵⁰, it is taken whole.

    Args:
        params, max_iter, tolerance_grad, tolerance_change, lr, line_search_fn, c1, c2: as for `LineSearch`.

    Source:
        Broyden; Fletcher; Goldfarb; Shanno, each in 1970; as in Nocedal and Wright, Numerical Optimization,
        2nd edition, 2006, section 6.1.

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([-1.2, 1.0], dtype=torch.float64))
        >>> optimizer = BFGS([x], max_iter=100)
        >>> _ = optimizer.step(lambda: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2)
        >>> x.data.round(decimals=6)
        tensor([1., 1.], dtype=torch.float64)
    """

    remembered = ("inverse",)

    def direction(self, here: Point) -> Tensor:
        """−B g."""
        inverse = self.memory.get("inverse")
        return -here.gradient if inverse is None else -(inverse @ here.gradient)

    def observe(self, s: Tensor, y: Tensor) -> None:
        """Update B, unless the pair says that the curvature is not positive."""
        if not curved_upwards(s, y):
            self.count("skipped")
            return
        inverse = self.memory.get("inverse")
        if inverse is None:
            inverse = torch.eye(len(s), dtype=s.dtype, device=s.device) * first_scale(dot(s, y) / dot(y, y))
        self.memory["inverse"] = inverse_update(inverse, s, y)

    def forget(self) -> None:
        """Begin again with −g."""
        self.memory.pop("inverse", None)

    def first_length(self, here: Point, d: Tensor) -> float:
        """1, and at the first step, along −g, at most a step of length 1."""
        return 1.0 if "inverse" in self.memory else min(1.0, 1.0 / norm(here.gradient))


def first_scale(size: float) -> float:
    """Between 1 and the size that the inverse Hessian has along y; from 2⁵⁰ on that size itself.

    Args:
        size: above 0.

    Examples:
        >>> first_scale(0.01), first_scale(1e30)
        (0.1, 1e+30)
    """
    return math.sqrt(size) if size < LONGEST else size


def inverse_update(inverse: Tensor, s: Tensor, y: Tensor) -> Tensor:
    """(I − ρ s yᵀ) B (I − ρ y sᵀ) + ρ s sᵀ with ρ = 1 / yᵀs, multiplied out: n² operations.

    Args:
        inverse: B, shape (n, n), symmetric.
        s, y: the step and the change of the gradient, shape (n,), with yᵀs > 0.

    Returns:
        Shape (n, n); it maps y to s.

    Examples:
        >>> s, y = torch.tensor([1.0, 0.0]), torch.tensor([2.0, 1.0])
        >>> inverse_update(torch.eye(2), s, y) @ y
        tensor([1., 0.])
    """
    rho = 1 / dot(y, s)
    By = inverse @ y
    return inverse + rho * (
        (1 + rho * dot(y, By)) * torch.outer(s, s) - torch.outer(By, s) - torch.outer(s, By)
    )


def curved_upwards(s: Tensor, y: Tensor) -> bool:
    """Whether yᵀs is above 0 by more than rounding: at least ε ‖y‖ ‖s‖.

    Examples:
        >>> curved_upwards(torch.tensor([1.0]), torch.tensor([2.0])), curved_upwards(torch.ones(1), -torch.ones(1))
        (True, False)
    """  # noqa: E501
    return dot(y, s) > torch.finfo(s.dtype).eps * norm(y) * norm(s)
