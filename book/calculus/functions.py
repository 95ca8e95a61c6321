"""What every function of `book.calculus` asks of a function and of its point, said once."""

from collections.abc import Callable

from torch import Tensor

from book.numerics.arguments import check_floating

Function = Callable[[Tensor], Tensor]


def one_output(f: Function, name: str) -> Function:
    """Return f with a check: each value must be a tensor of shape ().

    Examples:
        >>> import torch
        >>> one_output(torch.exp, "gradient")(torch.zeros(2))
        Traceback (most recent call last):
        ValueError: gradient takes a function with one output, of shape (), and f returned (2,); sum it, or use jacobian.
    """  # noqa: E501  (the message is one line)

    def checked(x: Tensor) -> Tensor:
        value = _tensor(f(x), name)
        if value.shape != ():
            raise ValueError(
                f"{name} takes a function with one output, of shape (), and f returned "
                f"{tuple(value.shape)}; sum it, or use jacobian."
            )
        return value

    return checked


def vector_output(F: Function, name: str) -> Function:
    """Return F with a check: each value must be a tensor of shape (m,).

    Examples:
        >>> import torch
        >>> vector_output(torch.sum, "jacobian")(torch.zeros(2))
        Traceback (most recent call last):
        ValueError: jacobian takes a function with outputs of shape (m,), and F returned (); use gradient for one output.
    """  # noqa: E501

    def checked(x: Tensor) -> Tensor:
        value = _tensor(F(x), name)
        if value.ndim != 1:
            raise ValueError(
                f"{name} takes a function with outputs of shape (m,), and F returned "
                f"{tuple(value.shape)}; use gradient for one output."
            )
        return value

    return checked


def check_direction(v: Tensor, x: Tensor, name: str) -> None:
    """Refuse a direction that does not have the shape and dtype of its point.

    Examples:
        >>> import torch
        >>> check_direction(torch.ones(3), torch.ones(2), "hvp")
        Traceback (most recent call last):
        ValueError: hvp takes a direction of the point's shape (2,) and got (3,).
    """
    check_floating(v, name)
    if v.shape != x.shape:
        raise ValueError(
            f"{name} takes a direction of the point's shape {tuple(x.shape)} and got {tuple(v.shape)}."
        )
    if v.dtype != x.dtype:
        raise TypeError(f"The direction is {v.dtype} and the point {x.dtype}; convert one: v.to(x.dtype).")


def _tensor(value: object, name: str) -> Tensor:
    if not isinstance(value, Tensor):
        raise TypeError(
            f"{name} takes a function made of torch operations; this one returned {type(value).__name__}."
        )
    return value
