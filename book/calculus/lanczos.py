"""Eigenvalues of a symmetric matrix that is only known by what it does to a vector: Lanczos' method."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from book.numerics.callables import check_point, on_copies
from book.numerics.number_types import plain_numbers
from book.numerics.vector import length


class Ritz(NamedTuple):
    """What Lanczos found.

    Args:
        values: shape (k,), ascending: the outermost are close to the outermost eigenvalues.
        weights: shape (k,), sum 1: the share of the start vector that each value stands for. For a random
            start, Σ weights f(values) estimates trace f(A) / n.
    """

    values: Tensor
    weights: Tensor


@plain_numbers
def lanczos(matvec: Callable[[Tensor], Tensor], start: Tensor, steps: int) -> Ritz:
    """Eigenvalue estimates of a symmetric matrix A from `steps` products A v.

    A is never formed. Each new vector is made orthogonal to all those before it, twice: without that,
    rounding brings eigenvalues back that were found already. Memory: `steps` vectors of length n.

    Args:
        matvec: v of shape (n,) → A v of shape (n,). Two products in a row must fit one symmetric matrix,
            uᵀ(A v) = vᵀ(A u) to √ε: one that draws random numbers does not (see `book.numerics.callables`).
        start: shape (n,), one of the four float dtypes, not zero; a random one sees every eigenvalue.
        steps: products to compute, at least 1; fewer are used where the vectors span all there is.

    Raises:
        TypeError: the start or a product is not a tensor of the same float dtype.
        ValueError: the start is not a vector, is zero or not finite, steps is below 1, or a product has
            another shape, is not finite, or is not that of a symmetric matrix.

    Source:
        Lanczos, "An iteration method for the solution of the eigenvalue problem of linear differential and
        integral operators", 1950; the weights: Golub and Welsch, "Calculation of Gauss quadrature rules",
        1969.

    Examples:
        >>> A = torch.diag(torch.tensor([1.0, 2.0, 10.0], dtype=torch.float64))
        >>> ritz = lanczos(lambda v: A @ v, torch.ones(3, dtype=torch.float64), 3)
        >>> [f"{value:.6f}" for value in ritz.values]
        ['1.000000', '2.000000', '10.000000']
    """
    _check_start(start, steps)
    basis, diagonal, beside = [_unit(start)], [], []
    product = _checked(matvec)
    for _ in range(min(steps, len(start))):
        w = product(basis[-1])
        diagonal.append(w @ basis[-1])
        w = _orthogonal(w, torch.stack(basis))
        beside.append(length(w))
        if beside[-1] <= torch.finfo(w.dtype).eps ** 0.75 * max(abs(entry) for entry in diagonal + beside):
            break  # the vectors so far span a subspace that A does not leave
        basis.append(w / beside[-1])
    return _ritz(diagonal, beside[: len(diagonal) - 1])


def _unit(start: Tensor) -> Tensor:
    start = start / start.abs().max()  # of numbers near 1, so that what follows rounds as little as it can
    return start / start.norm()


def _orthogonal(w: Tensor, basis: Tensor) -> Tensor:
    for _ in range(2):
        w = w - basis.T @ (basis @ w)
    return w


def _ritz(diagonal: list[Tensor], beside: list[Tensor]) -> Ritz:
    T = torch.diag(torch.stack(diagonal))
    if beside:
        off = torch.diag(torch.stack(beside), 1)
        T = T + off + off.T
    values, vectors = torch.linalg.eigh(T.double())
    return Ritz(values, vectors[0].square())


def _check_start(start: Tensor, steps: int) -> None:
    check_point(start, "lanczos", ndim=1)
    if steps < 1:
        raise ValueError(f"Lanczos takes 1 step or more; got {steps}.")
    if not start.any() or not start.isfinite().all():
        raise ValueError("Lanczos takes a start that is finite and not zero, torch.randn(n) for one.")


def _checked(matvec: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    call, before = on_copies(matvec), []

    def product(v: Tensor) -> Tensor:
        w = call(v)
        _check_product(v, w)
        if before and not _symmetric(v, w, *before.pop()):
            raise ValueError(
                "Lanczos takes the products of one symmetric matrix, and here uᵀ(A v) ≠ vᵀ(A u). Draw random "
                "numbers once, outside; for another matrix, give AᵀA."
            )
        before.append((v, w))
        return w

    return product


def _check_product(v: Tensor, w: Tensor) -> None:
    if not isinstance(w, Tensor) or w.dtype != v.dtype:
        kind = w.dtype if isinstance(w, Tensor) else type(w).__name__
        raise TypeError(f"Lanczos takes products that are {v.dtype} tensors, as the start is; got {kind}.")
    if w.shape != v.shape:
        raise ValueError(f"Lanczos takes products of shape {tuple(v.shape)}; got {tuple(w.shape)}.")
    if not w.isfinite().all():
        raise ValueError("Lanczos takes finite products; this one holds inf or nan. Scale the matrix.")


def _symmetric(v: Tensor, Av: Tensor, u: Tensor, Au: Tensor) -> bool:
    size = max(length(Av), length(Au))
    return bool((u @ Av - v @ Au).abs() <= torch.finfo(v.dtype).eps ** 0.5 * size)
