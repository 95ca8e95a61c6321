"""Derivatives from values alone: central finite differences, with the step that the dtype asks for."""

import torch
from torch import Tensor

from book.calculus.functions import Function
from book.numerics.arguments import check_dtype, check_floating


def difference_step(dtype: torch.dtype) -> float:
    """ε^(1/3), the step near which the two errors of a central difference balance.

    The rounding error of f falls as ε/h, the truncation error grows as h²: their sum is smallest where
    h³ ~ ε. Both have factors that depend on f, and the sum is flat there, so the power is what counts.

    Args:
        dtype: one of the four float dtypes; ε is its machine epsilon.

    Raises:
        TypeError: the dtype is not one of the four.

    Source:
        Gill, Murray and Wright, Practical Optimization, 1981, section 8.6.

    Examples:
        >>> [f"{difference_step(dtype):.0e}" for dtype in (torch.float32, torch.float64)]
        ['5e-03', '6e-06']
    """
    check_dtype(dtype)
    return torch.finfo(dtype).eps ** (1 / 3)


def central_difference(F: Function, x: Tensor, h: float | None = None) -> Tensor:
    """(F(x + h eⱼ) − F(x − h eⱼ)) / 2h for each input j: two values of F each.

    F with one output gives the gradient, F with m outputs the Jacobian, and the gradient in place of F the
    Hessian. F may be any function; it need not be made of torch operations.

    Args:
        F: takes shape (n,), returns a tensor or a number.
        x: shape (n,), one of the four float dtypes.
        h: the step; by default `difference_step(x.dtype)`, times |xⱼ| where that is above 1.

    Returns:
        The outputs' shape with the inputs' axis added last: (n,) for one output, (m, n) for m.

    Raises:
        TypeError: x is not a tensor of a float dtype.
        ValueError: x is not a vector, or h is not above 0.

    Examples:
        >>> slope = central_difference(lambda p: p[0] * p[1], torch.tensor([2.0, 3.0], dtype=torch.float64))
        >>> [f"{entry:.6f}" for entry in slope]
        ['3.000000', '2.000000']
    """
    check_floating(x, "central_difference", ndim=1)
    if h is not None and not h > 0:
        raise ValueError(f"The step h must be above 0; got {h}.")
    steps = difference_step(x.dtype) * x.abs().clamp(min=1) if h is None else torch.full_like(x, h)
    return torch.stack([_slope(F, x, j, steps[j]) for j in range(len(x))], dim=-1)


def _slope(F: Function, x: Tensor, j: int, h: Tensor) -> Tensor:
    above, below = x.clone(), x.clone()
    above[j] += h
    below[j] -= h
    high, low = (torch.as_tensor(F(moved), dtype=x.dtype) for moved in (above, below))
    return (high - low) / (above[j] - below[j])  # the step as it was stored, not as it was meant
