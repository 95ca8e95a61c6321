"""The path of any torch optimizer on a function of a vector."""

import inspect
from collections.abc import Callable, Iterable
from functools import partial
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
            whose step needs a closure, as BFGS, AdaHessian and torch's LBFGS, gets it.
        f: takes shape (n,), returns shape (); see `book.numerics.callables` for what it may do.
        start: shape (n,), one of the four float dtypes.
        steps: at most so many.
        noise: what is added to the gradient, step by step: numbers or tensors of shape (n,); with the last
            one the path ends. Who computes the loss anew sees f + noiseᵀx in that step.

    Returns:
        The points from the start on, shape (k + 1, n) after k steps.

    Raises:
        TypeError: the start is not a tensor of a float dtype, or `make` returns nothing with a `step`.
        ValueError: f returns more than one number, or torch cannot follow it; the optimizer is over other
            parameters or takes residuals, or the noise of a step is of another shape.

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
    _check_over(optimizer, x)
    path, closure = [start], _closure_for(optimizer)
    for _, drawn in zip(range(steps), noise, strict=False):
        error = _error(drawn, start)
        x.grad = gradient(f, path[-1]) + error
        if not x.grad.isfinite().all():
            break
        if closure:
            # pyrefly: ignore[no-matching-overload]  torch's types ask for a float, its methods take a tensor
            optimizer.step(partial(closure, f, x, error))
        else:
            optimizer.step()
        path.append(x.detach().clone())
    return torch.stack(path)


def _check_over(optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    groups = getattr(optimizer, "param_groups", None)
    if groups is not None and not any(x is given for group in groups for given in group["params"]):
        raise ValueError("`make` takes the parameters that it is given, as lambda p: Adam(p), and no others.")
    if getattr(optimizer, "takes", "loss") != "loss":
        raise ValueError(
            f"{type(optimizer).__name__} takes residuals, and f is one number; `minimize` takes both."
        )


def _error(drawn: Tensor | float, start: Tensor) -> Tensor:
    """The noise of a step, in the start's dtype."""
    error = torch.as_tensor(drawn, dtype=start.dtype, device=start.device).detach()
    if error.shape not in ((), start.shape):
        raise ValueError(
            f"The noise of a step is a number or of shape {tuple(start.shape)}; got {tuple(error.shape)}."
        )
    return error


def _closure_for(optimizer: torch.optim.Optimizer) -> Callable[[Callable, Tensor, Tensor], Tensor] | None:
    """What an optimizer that computes the loss anew is given: ours differentiate it, torch's read `grad`."""
    if hasattr(optimizer, "takes"):
        return _loss
    asked = inspect.signature(optimizer.step).parameters.get("closure")
    return _graded if asked is not None and asked.default is inspect.Parameter.empty else None


def _loss(f: Callable, x: Tensor, error: Tensor) -> Tensor:
    """f + errorᵀx, whose gradient is that of f with the noise."""
    return f(x) + (error * x).sum()


def _graded(f: Callable, x: Tensor, error: Tensor) -> Tensor:
    """The value where x stands by then, with the gradient in `grad`."""
    x.grad = gradient(f, x.detach()) + error
    return f(x.detach())
