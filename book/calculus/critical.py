"""Where a gradient is zero and what kind of point that is: the Hessian's eigenvalues decide, or cannot."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from book.calculus.derivatives import gradient, hessian
from book.calculus.functions import Function
from book.numerics.arguments import check_floating

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
    return CriticalPoint(kind_of(size, eigenvalues, tol), size, eigenvalues)


def kind_of(gradient_norm: float, eigenvalues: Tensor, tol: float = 1e-6) -> Kind:
    """The decision of `classify`, from the gradient's length and the Hessian's eigenvalues.

    Args:
        gradient_norm: nan counts as not critical.
        eigenvalues: shape (n,), in any order.
        tol: as for `classify`.

    Examples:
        >>> kind_of(0.0, torch.tensor([-1.0, 0.0, 2.0])), kind_of(0.0, torch.tensor([0.0, 2.0]))
        ('saddle', 'undecided')
    """
    if not gradient_norm <= tol:
        return "not critical"
    up, down = eigenvalues > tol, eigenvalues < -tol
    if up.any() and down.any():
        return "saddle"
    if up.all():
        return "minimum"
    return "maximum" if down.all() else "undecided"


def critical_points(f: Function, starts: Tensor, steps: int = 50, tol: float = 1e-9) -> Tensor:
    """The points with zero gradient that Newton's method on ∇f = 0 reaches: x ← x − H⁻¹ ∇f(x).

    It is drawn to maxima and saddles as much as to minima, which is what is wanted here. A start may lead
    anywhere, or nowhere: those that do not end at a zero gradient are dropped, and so are repetitions.

    Args:
        f: takes shape (n,), returns shape ().
        starts: shape (count, n), float64 in the best case.
        steps: of Newton's method, for all the starts at once.
        tol: the length of the gradient that counts as zero; two ends closer than √tol are one.

    Returns:
        Shape (found, n), in the order of the first coordinate.

    Raises:
        TypeError: the starts are not a tensor of a float dtype.
        ValueError: the starts are not of shape (count, n).

    Source:
        Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, chapter 11.

    Examples:
        >>> starts = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]
        >>> [f"{x:.6f}" for (x,) in critical_points(lambda p: p[0] ** 3 - 3 * p[0], starts).tolist()]
        ['-1.000000', '1.000000']
    """
    check_floating(starts, "critical_points", ndim=2)
    slope = torch.func.vmap(lambda x: gradient(f, x))
    bend = torch.func.vmap(lambda x: hessian(f, x))
    x = starts
    for _ in range(steps):
        solved = torch.linalg.solve_ex(bend(x), slope(x)[..., None])
        x = x - solved.result.squeeze(-1)  # nan or inf where H is singular: that start is dropped
    x = x[slope(x).norm(dim=1) <= tol]
    x = x[torch.argsort(x[:, 0])]
    new = [i for i in range(len(x)) if not len(x[:i]) or torch.cdist(x[i : i + 1], x[:i]).min() > tol**0.5]
    return x[new]
