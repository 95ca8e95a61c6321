"""How much an error in the input grows on its way to the output."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from book.numerics.arguments import check_dtype, check_floating, check_values, floating_matrix
from book.numerics.callables import OUTSIDE, differentiable, own_copy
from book.numerics.number_types import plain_numbers


@floating_matrix
def condition_number(A: Tensor) -> float:
    """κ(A) = σ_max / σ_min, the largest factor by which A x = b magnifies a relative error of b or A.

    The singular values are computed in float64 whatever the dtype of A. A singular matrix gives inf or,
    where rounding hides the zero, a number near 1e16 or beyond. An entry of nan or inf gives nan.

    Args:
        A: shape (m, n), both at least 1, one of the four float dtypes.

    Raises:
        TypeError: A is not a tensor of a float dtype.
        ValueError: A is not a matrix, or is empty.

    Source:
        Trefethen and Bau, Numerical Linear Algebra, 1997, lecture 12.

    Examples:
        >>> condition_number(torch.diag(torch.tensor([100.0, 1.0])))
        100.0
    """
    check_values(A, "condition_number")
    if A.numel() == 0:
        raise ValueError(f"The matrix of shape {tuple(A.shape)} is empty: it has no condition number.")
    if not A.isfinite().all():
        return math.nan
    σ = torch.linalg.svdvals(A.double())
    return (σ[0] / σ[-1]).item() if σ[-1] > 0 else math.inf


def relative_condition(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """|x f'(x) / f(x)|: a relative error of ε in x becomes about this many times ε in f(x).

    It is inf where f(x) = 0 and x f'(x) is not, and nan where both are 0 or something is not finite. It is
    worked out in float64, so that only there a product beyond 1e308 overflows.

    Args:
        f: a differentiable function that acts on each entry by itself, `torch.log` for one.
        x: any shape, one of the four float dtypes.

    Returns:
        A tensor of x's shape and dtype.

    Raises:
        TypeError: x is not a tensor of a float dtype, or f returns no real tensor.
        ValueError: f does not keep the shape of x, or is not made of torch operations on it.

    Source:
        Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 2002, section 1.6.

    Examples:
        >>> f"{relative_condition(torch.log, torch.tensor(1.001, dtype=torch.float64)):.1f}"
        '1000.5'
    """
    value, slope = _value_and_slope(f, x)
    value = torch.where(value.isfinite(), value, torch.nan)
    return (x.double() * slope / value).abs().to(x.dtype)


@plain_numbers
def digits_lost(kappa: float) -> float:
    """log₁₀ κ: about how many decimal digits of the input are worth nothing in the output.

    κ = 0 gives -inf, κ = inf gives inf; a κ below 1 gives a negative number: digits won.

    Args:
        kappa: a condition number, at least 0.

    Raises:
        ValueError: κ is negative.

    Examples:
        >>> digits_lost(1e6)
        6.0
    """
    if kappa < 0:
        raise ValueError(f"A condition number is never negative; got {kappa}.")
    return math.log10(kappa) if kappa else -math.inf


@plain_numbers
def hilbert(n: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """The n × n matrix of 1 / (i + j - 1), i and j from 1: the classic ill-conditioned one.

    Args:
        n: rows and columns, at least 1.
        dtype: one of the four float dtypes; entries are rounded to it from float64.

    Raises:
        TypeError: the dtype is not one of the four.
        ValueError: n is below 1.

    Source:
        Hilbert, "Ein Beitrag zur Theorie des Legendre'schen Polynoms", Acta Mathematica, 1894.

    Examples:
        >>> hilbert(2)
        tensor([[1.0000, 0.5000],
                [0.5000, 0.3333]], dtype=torch.float64)
    """
    check_dtype(dtype)
    if n < 1:
        raise ValueError(f"A Hilbert matrix has at least one row; got n = {n}.")
    i = torch.arange(1, n + 1, dtype=torch.float64)
    return (1 / (i[:, None] + i - 1)).to(dtype)


@torch.compiler.disable(reason=OUTSIDE)
def _value_and_slope(f: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    check_floating(x, "relative_condition")
    value, pull = torch.func.vjp(differentiable(f, "relative_condition"), own_copy(x))
    if value.shape != x.shape:
        raise ValueError(
            f"f turned shape {tuple(x.shape)} into {tuple(value.shape)}; it must act entry by entry."
        )
    return value, pull(torch.ones_like(value))[0]
