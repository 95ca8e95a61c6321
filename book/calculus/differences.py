"""Derivatives from values alone: central finite differences, with the step that the dtype asks for."""

import math
from typing import cast

import torch
from torch import Tensor

from book.calculus.functions import Function, of
from book.numerics.arguments import check_dtype
from book.numerics.callables import Valued, holds
from book.numerics.floats import ulp


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


@of(Valued, ndim=1, repeats=True)
def central_difference(F: Function, x: Tensor, h: float | None = None) -> Tensor:
    """(F(x + h eⱼ) − F(x − h eⱼ)) / 2h for each input j: two values of F each.

    F with one output gives the gradient, F with m outputs the Jacobian, and the gradient in place of F the
    Hessian. F may be any function; it need not be made of torch operations. Its values are subtracted in
    float64. It is called twice at x first, and refused if it gives two values: `book.numerics.callables`.

    Args:
        F: takes shape (n,), returns a real tensor, a number or an array.
        x: shape (n,), finite, one of the four float dtypes.
        h: the step; by default `difference_step` of x's dtype, or of F(x)'s where that has fewer digits,
            times |xⱼ| where that is above 1. Where F changes within much less than that, as log does near 0,
            give a smaller one; where F rounds inside to fewer digits than its value tells, a larger one.

    Returns:
        The outputs' shape with the inputs' axis added last: (n,) for one output, (m, n) for m.

    Raises:
        TypeError: x is not a tensor of a float dtype, or F returns no real numbers.
        ValueError: x is not a vector, h is not above 0, F gives two values at x, x ± h is not finite, or is
            x itself, as numbers are spaced too widely there.

    Examples:
        >>> slope = central_difference(lambda p: p[0] * p[1], torch.tensor([2.0, 3.0], dtype=torch.float64))
        >>> [f"{entry:.6f}" for entry in slope]
        ['3.000000', '2.000000']
    """
    _check_step(h)
    if h is None:
        steps = difference_step(_coarser(F, x)) * x.abs().clamp(min=1)
    else:
        steps = torch.full_like(x, h if h <= torch.finfo(x.dtype).max else math.inf)
    _check_moves(x, steps)
    return torch.stack([_slope(F, x, j, steps[j]) for j in range(len(x))], dim=-1).to(x.dtype)


def _coarser(F: Function, x: Tensor) -> torch.dtype:
    """The type with the fewer digits, of a point and of what F returned there."""
    return max(x.dtype, cast(Valued, F).dtype, key=difference_step)


def _slope(F: Function, x: Tensor, j: int, h: Tensor) -> Tensor:
    above, below = x.clone(), x.clone()
    above[j] += h
    below[j] -= h
    high, low = F(above), F(below)
    if high.shape != low.shape:
        raise ValueError(
            f"central_difference takes a function whose values have one shape; this one returned "
            f"{tuple(high.shape)} and {tuple(low.shape)}."
        )
    return (high - low) / (above[j] - below[j])  # the step as it was stored, not as it was meant


def _check_step(h: float | None) -> None:
    if h is not None and not 0 < h < math.inf:
        raise ValueError(f"The step h must be above 0 and finite; got {h}.")


def _check_moves(x: Tensor, steps: Tensor) -> None:
    """Refuse steps that leave the range of the dtype, or that the spacing of its numbers swallows."""
    above, below = x + steps, x - steps
    if holds(~(above.isfinite() & below.isfinite())):
        raise ValueError(f"x ± h must be finite in {x.dtype}; scale x, or take a wider dtype.")
    if holds(swallowed := (above == x) | (below == x)):
        spacing = torch.where(swallowed, ulp(x), 0.0).max()
        raise ValueError(
            f"The step is lost at x: numbers of {x.dtype} are {_text(spacing)} apart there, and x ± h is x. "
            "Take a larger h, leave h out, or convert x to float64."
        )


def _text(number: Tensor) -> str:
    return f"{torch.func.debug_unwrap(number).max().item():.3g}"
