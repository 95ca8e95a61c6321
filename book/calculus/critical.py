"""Where a gradient is zero and what kind of point that is: the Hessian's eigenvalues decide, or cannot."""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from book.calculus.derivatives import gradient, hessian
from book.calculus.functions import Function, of, one_output
from book.numerics.arguments import check_floating
from book.numerics.callables import OUTSIDE, check_repeats
from book.numerics.number_types import plain_numbers
from book.numerics.vector import length

Kind = Literal["minimum", "maximum", "saddle", "undecided", "not critical"]


@dataclass(frozen=True)
class CriticalPoint:
    """A point with what was found there.

    Args:
        kind: "minimum", "maximum", "saddle", "undecided" or "not critical".
        gradient_norm: the length of the gradient.
        eigenvalues: of the Hessian, ascending, shape (n,); nan where the Hessian is not finite. They are
            worked out in float32 where the point is float16 or bfloat16.
    """

    kind: Kind
    gradient_norm: float
    eigenvalues: Tensor


@of(one_output, ndim=1, repeats=True)
def classify(f: Function, x: Tensor, tol: float = 1e-6) -> CriticalPoint:
    """Tell a minimum from a maximum, a saddle and what second derivatives cannot tell.

    The point is critical where the gradient is no longer than tol. There, eigenvalues above tol and below
    −tol have a sign, and those between count as zero. Both signs make a saddle, whatever else is there.
    One sign alone decides if no eigenvalue is zero; else the second derivatives leave it undecided.

    Args:
        f: takes shape (n,), returns shape ().
        x: shape (n,), one of the four float dtypes; in the narrow ones the default tol is too small for most
            functions: use float64.
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
    size = length(gradient(f, x)).item()
    eigenvalues = _eigenvalues(hessian(f, x))
    return CriticalPoint(kind_of(size, eigenvalues, tol), size, eigenvalues)


@plain_numbers
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


@torch.compiler.disable(reason=OUTSIDE)
@plain_numbers
def critical_points(f: Function, starts: Tensor, steps: int = 50, tol: float = 1e-9) -> Tensor:
    """The points with zero gradient that Newton's method on ∇f = 0 reaches: x ← x − H⁻¹ ∇f(x).

    It is drawn to maxima and saddles as much as to minima, which is what is wanted here. A start may lead
    anywhere, or nowhere. Kept are the ends where the gradient is zero and the next step would be short: on a
    slope that dies away, as exp does, the gradient vanishes and the steps do not. Repetitions are dropped.

    Args:
        f: takes shape (n,), returns shape (), by torch operations that do not branch on values.
        starts: shape (count, n), float64 in the best case.
        steps: of Newton's method, for all the starts at once.
        tol: the length of the gradient that counts as zero, in f's units; a step up to √tol (1 + ‖x‖) is
            short, and two ends closer than √tol are one.

    Returns:
        Shape (found, n), in the order of the first coordinate.

    Raises:
        TypeError: the starts are not a tensor of a float dtype.
        ValueError: the starts are not of shape (count, n), n at least 1, f gives two values at one point, or
            steps or tol is negative or not finite.

    Source:
        Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, chapter 11.

    Examples:
        >>> starts = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]
        >>> [f"{x:.6f}" for (x,) in critical_points(lambda p: p[0] ** 3 - 3 * p[0], starts).tolist()]
        ['-1.000000', '1.000000']
    """
    _check_search(f, starts, steps, tol)
    slope = torch.func.vmap(lambda x: gradient(f, x))
    bend = torch.func.vmap(lambda x: hessian(f, x))
    x = starts
    for _ in range(steps if len(x) else 0):
        x = x - _newton_step(bend(x), slope(x))
    if len(x):
        short = length(_newton_step(bend(x), slope(x)), dim=1) <= tol**0.5 * (1 + length(x, dim=1))
        x = x[short & (length(slope(x), dim=1) <= tol)]
    x = x[torch.argsort(x[:, 0])]
    new = [i for i in range(len(x)) if not (length(x[:i] - x[i], dim=1) <= tol**0.5).any()]
    return x[new]


def _newton_step(H: Tensor, g: Tensor) -> Tensor:
    """H⁻¹g for each start: nan or inf where H is singular, so that the start is dropped."""
    wide = _wide(H)
    return torch.linalg.solve_ex(wide, g.to(wide.dtype)[..., None]).result.squeeze(-1).to(g.dtype)


def _eigenvalues(H: Tensor) -> Tensor:
    H = _wide(H)
    return torch.linalg.eigvalsh(H) if H.isfinite().all() else torch.full_like(H[0], torch.nan)


def _wide(H: Tensor) -> Tensor:
    """As float32 at least: torch solves no linear system in float16 or bfloat16."""
    return H.to(torch.promote_types(H.dtype, torch.float32))


def _check_search(f: Function, starts: Tensor, steps: int, tol: float) -> None:
    if steps < 0 or not 0 <= tol < math.inf:
        raise ValueError(f"critical_points takes steps and tol from 0 on, finite; got {steps} and {tol}.")
    check_floating(starts, "critical_points", ndim=2)
    if starts.shape[1] == 0:
        raise ValueError(f"critical_points takes starts with entries and got shape {tuple(starts.shape)}.")
    for start in starts[:1]:
        check_repeats(one_output(f, "critical_points"), start, "critical_points")
