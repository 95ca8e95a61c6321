"""The path of any torch optimizer on a function of a vector."""

import inspect
from collections.abc import Callable, Iterable
from itertools import repeat

import torch
from torch import Tensor

from book.calculus import gradient
from book.calculus.functions import one_output
from book.numerics.callables import check_point
from book.numerics.number_types import whole

Make = Callable[[list[torch.nn.Parameter]], torch.optim.Optimizer]


def trajectory(
    make: Make,
    f: Callable[[Tensor], Tensor],
    start: Tensor,
    steps: int,
    noise: Iterable[Tensor | float] = repeat(0.0),
) -> Tensor:
    """Let an optimizer take steps down f, and keep every point.

    It stops early where the gradient is no longer finite, as `descend` does.

    Args:
        make: from the list of parameters to the optimizer over them, `lambda p: Adam(p, lr=0.1)` for one; one
            whose step needs a closure, as torch's LBFGS, gets it.
        f: takes shape (n,), returns shape (); see `book.numerics.callables` for what it may do.
        start: shape (n,), one of the four float dtypes.
        steps: at most so many.
        noise: what is added to the gradient, step by step: numbers or tensors of shape (n,).

    Returns:
        The points from the start on, shape (k + 1, n) after k steps.

    Raises:
        TypeError: the start is not a tensor of a float dtype, or `make` returns nothing with a `step`.
        ValueError: f returns more than one number, or torch cannot follow it.

    Examples:
        >>> from book.optim.sgd import SGD
        >>> trajectory(lambda p: SGD(p, lr=0.25), lambda x: x.square().sum(), torch.tensor([1.0, -2.0]), 2)
        tensor([[ 1.0000, -2.0000],
                [ 0.5000, -1.0000],
                [ 0.2500, -0.5000]])
    """
    check_point(start, "trajectory")
    steps = whole("steps", steps, least=0)
    f, start = one_output(f, "trajectory"), start.detach().clone()
    x = torch.nn.Parameter(start.clone())
    optimizer = make([x])
    if not callable(getattr(optimizer, "step", None)):
        raise TypeError(
            f"`make` must return an optimizer over the parameters; got {type(optimizer).__name__}."
        )
    path, needs_closure = [start], _needs_closure(optimizer)
    for _, error in zip(range(steps), noise, strict=False):
        x.grad = gradient(f, path[-1]) + error
        if not x.grad.isfinite().all():
            break
        if needs_closure:
            # pyrefly: ignore[no-matching-overload]  torch's types ask for a float, its methods take a tensor
            optimizer.step(_closure(f, x, error))
        else:
            optimizer.step()
        path.append(x.detach().clone())
    return torch.stack(path)


def _needs_closure(optimizer: torch.optim.Optimizer) -> bool:
    asked = inspect.signature(optimizer.step).parameters.get("closure")
    return asked is not None and asked.default is inspect.Parameter.empty


def _closure(f: Callable, x: Tensor, error: Tensor | float) -> Callable[[], Tensor]:
    """What computes value and gradient anew, where x stands by then."""

    def again() -> Tensor:
        point = x.detach()
        x.grad = gradient(f, point) + error
        return f(point)

    return again
