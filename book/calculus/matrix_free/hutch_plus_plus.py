"""Hutch++: the trace in the directions that A favours exactly, and by random probes in the rest."""

import torch

from book.calculus.matrix_free.hutchinson import (
    Estimate,
    Kind,
    Matrix,
    check_square,
    hutchinson_trace,
    random_probes,
)
from book.calculus.matrix_free.operator import LinearOperator
from book.numerics.arguments import DECOMPOSABLE
from book.numerics.number_types import whole


def hutch_plus_plus(
    A: Matrix, products: int, kind: Kind = "rademacher", generator: torch.Generator | None = None
) -> Estimate:
    """tr A = tr QᵀA Q + tr (I − Q Qᵀ) A (I − Q Qᵀ), the first exactly and the second by Hutchinson's probes.

    Q is an orthonormal basis of A S for random S: it holds the large eigenvalues, so that little is left to
    guess. A third of the products makes A S, one A Q, one the probes. The error falls as 1/products where
    Hutchinson's falls as 1/√products, for a positive semidefinite A.

    Args:
        A: square, an operator or a matrix.
        products: with A in all, at least 3; a rest of the division by 3 is left unused.
        kind: of S and of the probes, "rademacher" or "gaussian".
        generator: the source of the draws; torch's own without it.

    Returns:
        The trace; the standard error is that of the part that is guessed.

    Raises:
        TypeError: A is no matrix of a float dtype, or `products` no number.
        ValueError: A is not square, there are fewer than 3 products, or the kind is unknown.

    Source:
        Meyer, Musco, Musco and Woodruff, "Hutch++: Optimal stochastic trace estimation", SOSA, 2021,
        algorithm 1.

    Examples:
        >>> A = torch.ones(50, 50)  # of rank one: nothing is left to guess
        >>> round(hutch_plus_plus(A, products=6).value.item(), 3)
        50.0
    """
    check_square(A)
    if A.dtype not in DECOMPOSABLE:
        raise TypeError(f"Hutch++ takes float32 or float64, as it makes columns orthogonal; got {A.dtype}.")
    if (products := whole("products", products)) < 3:
        raise ValueError(f"Hutch++ takes 3 products or more; got {products}.")
    n, third = A.shape[0], max(1, min(products // 3, A.shape[0]))
    S = random_probes(n, third, kind, generator=generator, dtype=A.dtype, device=A.device)
    Q = torch.linalg.qr(A @ S).Q
    exact = (Q * (A @ Q)).sum()
    guessed = hutchinson_trace(_Rest(A, Q), third, kind, generator)
    return Estimate(exact + guessed.value, guessed.standard_error, 3 * third)


class _Rest(LinearOperator):
    """(I − Q Qᵀ) A (I − Q Qᵀ)."""

    def __init__(self, A: Matrix, Q: torch.Tensor):
        super().__init__((A.shape[0], A.shape[1]), A.dtype, A.device)
        self.A, self.Q = A, Q

    def columns(self, V: torch.Tensor) -> torch.Tensor:
        return self._without(self.A @ self._without(V))

    def _without(self, V: torch.Tensor) -> torch.Tensor:
        return V - self.Q @ (self.Q.T @ V)
