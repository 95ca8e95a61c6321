"""A problem with constraints: make f(x) small where h(x) = 0 and c(x) ≤ 0."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from book.calculus.functions import one_output, vector_output

Function = Callable[[Tensor], Tensor]


class Multipliers(NamedTuple):
    """One number for each constraint: how hard it pushes.

    Args:
        equality: ν, shape (p,), of either sign.
        inequality: λ, shape (m,); at least 0 at a solution, as a wall pushes and never pulls.
    """

    equality: Tensor
    inequality: Tensor


class Problem:
    """Make f(x) small where h(x) = 0 and c(x) ≤ 0, all three smooth.

    Args:
        f: takes shape (n,), returns shape ().
        equalities: h, takes shape (n,), returns shape (p,); none without it.
        inequalities: c, takes shape (n,), returns shape (m,); none without it.

    Raises:
        TypeError: f, h or c is no function.
        TypeError, ValueError: when called, a function returns no tensor of its shape, or torch cannot follow
            it.

    Examples:
        >>> problem = Problem(lambda x: x @ x, inequalities=lambda x: 1 - x)
        >>> x = torch.tensor([2.0, 0.5])
        >>> problem.f(x), problem.h(x), problem.c(x), problem.violation(x)
        (tensor(4.2500), tensor([]), tensor([-1.0000,  0.5000]), 0.5)
    """

    def __init__(self, f: Function, equalities: Function | None = None, inequalities: Function | None = None):
        for function in (f, *(given for given in (equalities, inequalities) if given is not None)):
            if not callable(function):
                raise TypeError(f"Problem takes functions of x; got {type(function).__name__}.")
        self.f = one_output(f, "Problem")
        self.h = _none if equalities is None else vector_output(equalities, "Problem")
        self.c = _none if inequalities is None else vector_output(inequalities, "Problem")

    def lagrangian(self, x: Tensor, multipliers: Multipliers) -> Tensor:
        """L = f(x) + νᵀh(x) + λᵀc(x), shape ()."""
        return self.f(x) + multipliers.equality @ self.h(x) + multipliers.inequality @ self.c(x)

    def half_squares(self, x: Tensor) -> Tensor:
        """(‖h(x)‖² + ‖max(c(x), 0)‖²) / 2, what is wrong with x as one smooth number."""
        return (self.h(x).square().sum() + self.c(x).clamp(min=0).square().sum()) / 2

    def violation(self, x: Tensor) -> float:
        """The largest of |hᵢ(x)| and cⱼ(x), 0 where all constraints hold."""
        amiss = torch.cat([self.h(x).abs(), self.c(x).clamp(min=0)])
        return float(amiss.max()) if len(amiss) else 0.0


def _none(x: Tensor) -> Tensor:
    return x.new_zeros(0)
