"""What every function of `book.calculus` asks of a function and of its point: checks around, formulas inside.

What a function may do otherwise stands in `book.numerics.callables`.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import torch
from torch import Tensor

from book.numerics.arguments import check_floating, check_values
from book.numerics.callables import (
    OUTSIDE,
    check_function,
    check_point,
    check_repeats,
    differentiable,
    own_copy,
)
from book.numerics.number_types import plain_numbers

Function = Callable[[Tensor], Tensor]
P = ParamSpec("P")
R = TypeVar("R")


def of(wrap: Callable, ndim: int | None = None, repeats: bool = False) -> Callable:
    """Decorate a function of (f, x, …): x is a point, f is wrapped, and the body stays a formula.

    Args:
        wrap: `one_output`, `vector_output` or another function of (f, name) that returns f with checks.
        ndim: how many axes the point has.
        repeats: whether several values of f are compared, so that it must give the same at the same point.

    Examples:
        >>> @of(one_output, ndim=1)
        ... def twice(f, x):
        ...     return 2 * f(x)
        >>> twice(torch.exp, torch.zeros(2))
        Traceback (most recent call last):
        ValueError: twice takes a function with one output, of shape (), and f returned (2,); sum it, or use jacobian.
    """  # noqa: E501  (the message is one line)

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature, name = inspect.signature(function), function.__name__
        formula = plain_numbers(function)
        f, x = list(signature.parameters)[:2]

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            given = signature.bind(*args, **kwargs)
            given.arguments.update({key: own_copy(value) for key, value in given.arguments.items()})
            check_function(given.arguments[f])
            check_point(given.arguments[x], name, ndim)
            given.arguments[f] = wrap(given.arguments[f], name)
            if repeats:
                check_repeats(given.arguments[f], given.arguments[x], name)
            return formula(*given.args, **given.kwargs)

        return torch.compiler.disable(checked, reason=OUTSIDE)

    return decorate


def one_output(f: Function, name: str) -> Function:
    """Return f with a check: each value must be a tensor of shape ().

    Examples:
        >>> one_output(torch.exp, "gradient")(torch.zeros(2))
        Traceback (most recent call last):
        ValueError: gradient takes a function with one output, of shape (), and f returned (2,); sum it, or use jacobian.
    """  # noqa: E501  (the message is one line)
    call = differentiable(f, name)

    def checked(x: Tensor) -> Tensor:
        value = call(x)
        if value.shape != ():
            raise ValueError(
                f"{name} takes a function with one output, of shape (), and f returned "
                f"{tuple(value.shape)}; sum it, or use jacobian."
            )
        return value

    return checked


def vector_output(F: Function, name: str) -> Function:
    """Return F with a check: each value must be a tensor of shape (m,), m at least 1.

    Examples:
        >>> vector_output(torch.sum, "jacobian")(torch.zeros(2))
        Traceback (most recent call last):
        ValueError: jacobian takes a function with outputs of shape (m,), and F returned (); use gradient for one output.
    """  # noqa: E501
    call = differentiable(F, name)

    def checked(x: Tensor) -> Tensor:
        value = call(x)
        if value.ndim != 1 or len(value) == 0:
            raise ValueError(
                f"{name} takes a function with outputs of shape (m,), and F returned "
                f"{tuple(value.shape)}; use gradient for one output."
            )
        return value

    return checked


def check_direction(v: Tensor, x: Tensor, name: str) -> None:
    """Refuse a direction that does not have the shape and dtype of its point.

    Examples:
        >>> check_direction(torch.ones(3), torch.ones(2), "hvp")
        Traceback (most recent call last):
        ValueError: hvp takes a direction of the point's shape (2,) and got (3,).
    """
    check_floating(v, name)
    check_values(v, name)
    if v.shape != x.shape:
        raise ValueError(
            f"{name} takes a direction of the point's shape {tuple(x.shape)} and got {tuple(v.shape)}."
        )
    if v.dtype != x.dtype:
        raise TypeError(f"The direction is {v.dtype} and the point {x.dtype}; convert one: v.to(x.dtype).")
