"""Conjugate gradient for A x = b: each step minimizes along a direction, and none spoils the ones before."""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from book.numerics.callables import check_point, on_copies
from book.numerics.number_types import number, whole
from book.numerics.vector import dot, length, power_of_two
from book.optim.ranges import at_least_zero

Product = Callable[[Tensor], Tensor]
TAKES = "conjugate_gradient takes a"
SPENT = 2.0**-400  # of the first ‖r‖²: what is updated there is long below the rounding of b − A x


class Visit(NamedTuple):
    """Where the method stands, and how it came there.

    Args:
        x: shape (n,).
        residual: b − A x, shape (n,); for the quadratic ½ xᵀAx − bᵀx it is −∇f(x).
        direction: p, along which it came, shape (n,); None at the start.
        curvature: pᵀAp. Where it is not above 0, x is the point before: along p the quadratic has no
            minimum.
    """

    x: Tensor
    residual: Tensor
    direction: Tensor | None = None
    curvature: float = math.inf


class Solution(NamedTuple):
    """What `conjugate_gradient` found.

    Args:
        x: shape (n,).
        residuals: ‖b − A x‖ at the start and after each step.
        iterations: steps taken.
        reason: "residual" (small enough), "max_iter", "curvature": A is not positive definite, and
            `direction` shows it; "overflow": the next point is beyond b's dtype, so scale A or b.
        direction: the last one, shape (n,); None where none was needed.
        curvature: pᵀAp along it.
    """

    x: Tensor
    residuals: list[float]
    iterations: int
    reason: str
    direction: Tensor | None
    curvature: float


def conjugate_gradient(
    product: Product,
    b: Tensor,
    x0: Tensor | None = None,
    preconditioner: Product | None = None,
    tol: float = 1e-5,
    max_iter: int | None = None,
) -> Solution:
    """Solve A x = b for a symmetric positive definite A that is known only by its products.

    It ends where ‖b − A x‖ ≤ tol ‖b‖. In exact arithmetic that is after at most as many steps as A has
    different eigenvalues. A step costs one product, and memory is four vectors.

    Args:
        product: v of shape (n,) → A v.
        b: shape (n,), one of the four float dtypes.
        x0: where to start, shape (n,); 0 if None.
        preconditioner: r of shape (n,) → M r, with M symmetric positive definite and near A⁻¹; None for I.
        tol: the share of ‖b‖ that may be left, at least 0.
        max_iter: steps at most; 10 n if None.

    Returns:
        The solution, with the way to it. A direction of negative or no curvature ends it, and so does one
        that leads beyond b's dtype: x is then the last point before.

    Raises:
        TypeError: b is not a tensor of a float dtype, or a product is not of b's dtype.
        ValueError: a shape does not fit, a product is not finite, M is not positive definite, tol is below 0.

    Source:
        Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems", Journal of Research
        of the National Bureau of Standards, 1952.

    Examples:
        >>> A = torch.tensor([[4.0, 1.0], [1.0, 3.0]], dtype=torch.float64)
        >>> found = conjugate_gradient(lambda v: A @ v, torch.tensor([1.0, 2.0], dtype=torch.float64))
        >>> found.x * 11, found.iterations, found.reason
        (tensor([1., 7.], dtype=torch.float64), 2, 'residual')
    """
    check_point(b, "conjugate_gradient", ndim=1)
    tol = at_least_zero("tol", tol)
    last = 10 * len(b) if max_iter is None else whole("max_iter", max_iter, least=0)
    residuals, enough = [], tol * _norm(b)
    for visit in conjugate_directions(product, b, x0, preconditioner):
        if not (visit.curvature > 0 and visit.x.isfinite().all()):
            break
        before = visit
        residuals.append(_norm(visit.residual))
        if residuals[-1] <= enough or len(residuals) > last:
            break
    reason = _reason(visit, residuals[-1] <= enough, len(residuals) > last)
    x = before.x if reason == "overflow" else visit.x
    return Solution(x, residuals, len(residuals) - 1, reason, visit.direction, visit.curvature)


def conjugate_directions(
    product: Product, b: Tensor, x0: Tensor | None = None, preconditioner: Product | None = None
) -> Iterator[Visit]:
    """The points of conjugate gradient, one after the other; each but the first costs one product.

    The first is the start. Then p ← M r + β p with β = rᵀMr / (that of the step before), which makes p
    conjugate to all directions so far, pᵀA p′ = 0; and x ← x + α p with α = rᵀMr / pᵀAp, the minimum along p.
    It ends where no step is left to take: after a direction with pᵀAp ≤ 0, or at r = 0. Sums are in float64.

    Args:
        product, b, x0, preconditioner: as for `conjugate_gradient`.

    Raises:
        TypeError, ValueError: as for `conjugate_gradient`.

    Examples:
        >>> A = torch.diag(torch.tensor([1.0, 2.0]))
        >>> for visit, _ in zip(conjugate_directions(lambda v: A @ v, torch.tensor([1.0, 1.0])), range(3)):
        ...     print(visit.x, f"{visit.curvature:.4f}")
        tensor([0., 0.]) inf
        tensor([0.6667, 0.6667]) 3.0000
        tensor([1.0000, 0.5000]) 0.2963
    """
    check_point(b, "conjugate_directions", ndim=1)
    A = _checked(product, b, "product")
    M = _checked(preconditioner, b, "preconditioner") if preconditioner is not None else Tensor.clone
    x = (
        torch.zeros_like(_finite(b, "b"))
        if x0 is None
        else _finite(_like(x0, b, f"{TAKES} x0", "b"), "x0").clone()
    )
    r = b.clone() if x0 is None else b - A(x)
    yield Visit(x, r)
    if r.any() and not 0 < dot(r, r) < math.inf:
        raise ValueError("conjugate_gradient takes b of a size whose square is a number; scale A and b.")
    scale = power_of_two(r)  # in units of it no product with r leaves b's dtype
    r = r / scale
    p, rho, enough = torch.zeros_like(b), math.inf, SPENT * dot(r, r)
    while r.any() and dot(r, r) >= enough:
        z = M(r)
        rho, before = _size(r, z), rho
        p = z + rho / before * p
        Ap = A(p)
        curvature = dot(p, Ap)
        if curvature > 0:
            x, r = x + scale * (rho / curvature * p), r - rho / curvature * Ap
        yield Visit(x, scale * r, scale * p, scale * (scale * curvature))
        if not curvature > 0:
            return


def chebyshev_bound(kappa: float, k: int, outliers: int = 0) -> float:
    """2 ((√κ − 1) / (√κ + 1))ᵏ, which the A-norm of the error after k steps, over that at the start, obeys.

    With m eigenvalues above all the others, m steps go to them, and κ is that of the rest: the bound is the
    one of k − m steps.

    Args:
        kappa: κ, the largest eigenvalue over the smallest, without the outliers; at least 1.
        k: steps, at least 0.
        outliers: m, how many large eigenvalues κ leaves out, at least 0.

    Returns:
        The bound, at most 1.

    Raises:
        ValueError: κ is below 1, or a count below 0.

    Source:
        Kaniel, "Estimates for some computational techniques in linear algebra", Mathematics of Computation,
        1966; with outliers: Axelsson, "A class of iterative methods for finite element equations", Computer
        Methods in Applied Mechanics and Engineering, 1976.

    Examples:
        >>> round(chebyshev_bound(9.0, 5), 6), chebyshev_bound(9.0, 1)
        (0.0625, 1.0)
    """
    kappa = number("kappa", kappa)
    steps = whole("k", k, least=0) - whole("outliers", outliers, least=0)
    if not kappa >= 1:
        raise ValueError(f"κ is at least 1, the largest eigenvalue over the smallest; got {kappa}.")
    root = math.sqrt(kappa)
    return min(1.0, 2 * ((root - 1) / (root + 1)) ** max(0, steps))


def _reason(visit: Visit, small: bool, late: bool) -> str:
    if not visit.x.isfinite().all():
        return "overflow"
    if not visit.curvature > 0:
        return "curvature"
    return "residual" if small or not late else "max_iter"


def _size(r: Tensor, z: Tensor) -> float:
    """rᵀMr, above 0."""
    rho = dot(r, z)
    if not 0 < rho < math.inf:
        raise ValueError(
            "rᵀMr is no number above 0 at a residual r that is not 0; give a preconditioner M that is "
            "positive definite."
        )
    return rho


def _norm(a: Tensor) -> float:
    return length(a.double()).item()


def _checked(product: Product, b: Tensor, name: str) -> Product:
    call = checked_product(product, b, f"{TAKES} {name}", "b")
    return lambda v: _finite(call(v), name)


def checked_product(product: Product, b: Tensor, words: str, of: str) -> Product:
    """A product on copies, refused where it is no function, or returns what is not of a vector's kind.

    Args:
        product: from a vector to a vector, both of shape (n,).
        b: a vector of their kind.
        words: how a message begins.
        of: what it calls that vector.

    Examples:
        >>> checked_product(torch.eye(2), torch.ones(2), "steihaug takes a product", "g")
        Traceback (most recent call last):
        TypeError: steihaug takes a product as a function, as lambda v: A @ v for a matrix A; got Tensor.
    """
    if not callable(product):
        raise TypeError(
            f"{words} as a function, as lambda v: A @ v for a matrix A; got {type(product).__name__}."
        )
    call = on_copies(product)

    return lambda v: _like(call(v), b, words, of)


def _like(value: Tensor, b: Tensor, words: str, of: str) -> Tensor:
    if not isinstance(value, Tensor) or value.dtype != b.dtype:
        kind = value.dtype if isinstance(value, Tensor) else type(value).__name__
        raise TypeError(f"{words} of {of}'s dtype {b.dtype}; got {kind}.")
    if value.shape != b.shape:
        raise ValueError(f"{words} of {of}'s shape {tuple(b.shape)}; got {tuple(value.shape)}.")
    return value


def _finite(value: Tensor, name: str) -> Tensor:
    if not value.isfinite().all():
        raise ValueError(f"conjugate_gradient takes a {name} that is finite; this one holds nan or inf.")
    return value
