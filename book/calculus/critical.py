"""What kind of point descent has stopped at: the Hessian's eigenvalues decide, or say that they cannot."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from book.calculus.checks import Function
from book.calculus.derivatives import gradient, hessian

Kind = Literal["minimum", "maximum", "saddle", "undecided", "not critical"]


@dataclass(frozen=True)
class CriticalPoint:
    """A point with what was found there.

    Args:
        kind: "minimum", "maximum", "saddle", "undecided" or "not critical".
        gradient_norm: the length of the gradient.
        eigenvalues: of the Hessian, ascending, shape (n,).
    """

    kind: Kind
    gradient_norm: float
    eigenvalues: Tensor


def classify(f: Function, x: Tensor, tol: float = 1e-6) -> CriticalPoint:
    """Tell a minimum from a maximum, a saddle and what second derivatives cannot tell.

    The point is critical where the gradient is no longer than tol. There, eigenvalues above tol and below
    −tol have a sign, and those between count as zero. Both signs make a saddle, whatever else is there.
    One sign alone decides if no eigenvalue is zero; else the second derivatives leave it undecided.

    Args:
        f: takes shape (n,), returns shape ().
        x: shape (n,); in float32 the default tol is too small for most functions: use float64.
        tol: what counts as zero, in the units of the gradient and of the Hessian. Scale f, or choose tol, so
            that it is small against the eigenvalues that matter.

    Raises:
        TypeError: x is not a tensor of a float dtype.
        ValueError: x is not a vector, f returns more than one number, or tol is not above 0.

    Source:
        Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, theorems 2.2 to 2.4.

    Examples:
        >>> origin = torch.zeros(2, dtype=torch.float64)
        >>> classify(lambda p: p[0] ** 2 - p[1] ** 2, origin).kind
        'saddle'
        >>> classify(lambda p: p[0] ** 4 + p[1] ** 2, origin).kind
        'undecided'
    """
    if not tol > 0:
        raise ValueError(f"The tolerance must be above 0; got {tol}.")
    size = gradient(f, x).norm().item()
    eigenvalues = torch.linalg.eigvalsh(hessian(f, x))
    return CriticalPoint(_kind(size, eigenvalues, tol), size, eigenvalues)


def _kind(size: float, eigenvalues: Tensor, tol: float) -> Kind:
    if not size <= tol:
        return "not critical"
    up, down = eigenvalues > tol, eigenvalues < -tol
    if up.any() and down.any():
        return "saddle"
    if up.all():
        return "minimum"
    return "maximum" if down.all() else "undecided"
