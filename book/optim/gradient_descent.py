"""Gradient descent on a function of a vector, with its whole path."""

from collections.abc import Callable

import torch
from torch import Tensor

from book.calculus import gradient
from book.numerics.callables import as_number, check_point
from book.numerics.number_types import whole
from book.numerics.vector import length
from book.optim.ranges import at_least_zero

Rate = float | Callable[[Callable, Tensor, Tensor], float]


def descend(f: Callable[[Tensor], Tensor], start: Tensor, lr: Rate, steps: int, tol: float = 0.0) -> Tensor:
    """x ← x − η ∇f(x), step after step.

    It stops early where the gradient is no longer than tol, or is no longer finite.

    Args:
        f: takes shape (n,), returns shape ().
        start: shape (n,), one of the four float dtypes.
        lr: the learning rate η; or a function of (f, x, g) that chooses it anew at every point, as the line
            searches of `book.optim.line_search` do. It and f may do what `book.numerics.callables` says.
        steps: at most so many.
        tol: the length of the gradient at which to stop.

    Returns:
        The points from the start on, shape (k + 1, n) after k steps.

    Raises:
        TypeError: the start is not a tensor of a float dtype, or lr, steps or tol is no number.
        ValueError: f returns more than one number, or torch cannot follow it; lr, what it returns, or tol is
            negative or not a number, or steps is below 0 or not whole.

    Source:
        Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", 1847.

    Examples:
        >>> descend(lambda x: x.square().sum(), torch.tensor([1.0, -2.0]), lr=0.25, steps=2)
        tensor([[ 1.0000, -2.0000],
                [ 0.5000, -1.0000],
                [ 0.2500, -0.5000]])
    """
    check_point(start, "descend")
    tol, path = at_least_zero("tol", tol), [start]
    rate = as_number(lr, "descend") if callable(lr) else constant(at_least_zero("lr", lr))
    for _ in range(whole("steps", steps, least=0)):
        g = gradient(f, path[-1])
        if not g.isfinite().all() or length(g) <= tol:
            break
        eta = rate(f, path[-1], g)
        if not eta >= 0:
            raise ValueError(f"lr must return a rate of at least 0; it returned {eta}.")
        path.append(path[-1] - eta * g)
    return torch.stack(path)


def constant(lr: float) -> Callable[..., float]:
    """The same learning rate at every point.

    Examples:
        >>> constant(0.1)(None, None, None)
        0.1
    """
    return lambda *_: lr
