"""Eigenvalues of a symmetric matrix that is only known by what it does to a vector: Lanczos' method."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Ritz(NamedTuple):
    """What Lanczos found.

    Args:
        values: shape (k,), ascending: the outermost are close to the outermost eigenvalues.
        weights: shape (k,), sum 1: the share of the start vector that each value stands for. For a random
            start, Σ weights f(values) estimates trace f(A) / n.
    """

    values: Tensor
    weights: Tensor


def lanczos(matvec: Callable[[Tensor], Tensor], start: Tensor, steps: int) -> Ritz:
    """Eigenvalue estimates of a symmetric matrix A from `steps` products A v.

    A is never formed. Each new vector is made orthogonal to all those before it, twice: without that,
    rounding brings eigenvalues back that were found already. Memory: `steps` vectors of length n.

    Args:
        matvec: v of shape (n,) → A v of shape (n,).
        start: shape (n,), not zero; a random one sees every eigenvalue.
        steps: products to compute, at least 1; fewer are used where the vectors span all there is.

    Raises:
        ValueError: the start is not a vector, is zero or not finite, or steps is below 1.

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
    if start.ndim != 1 or steps < 1:
        raise ValueError(f"Lanczos takes a vector and 1 step or more; got {tuple(start.shape)} and {steps}.")
    if not start.norm() > 0 or not start.isfinite().all():
        raise ValueError("Lanczos takes a start that is finite and not zero, torch.randn(n) for one.")
    basis, diagonal, beside = [start / start.norm()], [], []
    for _ in range(min(steps, len(start))):
        w = matvec(basis[-1])
        diagonal.append(w @ basis[-1])
        w = _orthogonal(w, torch.stack(basis))
        beside.append(w.norm())
        if beside[-1] <= torch.finfo(w.dtype).eps ** 0.75 * max(abs(entry) for entry in diagonal):
            break  # the vectors so far span a subspace that A does not leave
        basis.append(w / beside[-1])
    return _ritz(diagonal, beside[: len(diagonal) - 1])


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
