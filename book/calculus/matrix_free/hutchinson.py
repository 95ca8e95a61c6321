"""Trace and diagonal of a matrix that is only known by its products: random probes (Hutchinson)."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from book.calculus.matrix_free.operator import LinearOperator
from book.numerics.arguments import check_floating
from book.numerics.number_types import whole
from book.numerics.vector import length

Matrix = LinearOperator | Tensor
Kind = Literal["rademacher", "gaussian"]
AT_ONCE = 16  # probes in one product, so that memory does not grow with their number


@dataclass(frozen=True, eq=False)
class Estimate:
    """What random probes found.

    Args:
        value: the mean over the probes, shape () or (n,).
        standard_error: of the mean, from the spread of the probes, in the value's shape; nan for one probe.
        probes: how many.
    """

    value: Tensor
    standard_error: Tensor
    probes: int


def random_probes(
    n: int,
    count: int,
    kind: Kind = "rademacher",
    *,
    generator: torch.Generator | None = None,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Vectors z with E[z zᵀ] = I, as columns, drawn one after another.

    Args:
        n: their length.
        count: how many.
        kind: "rademacher", entries ±1 with equal chances, or "gaussian", standard normal entries.
        generator: the source of the draws; torch's own without it.
        dtype, device: of the probes.

    Returns:
        Shape (n, count).

    Raises:
        TypeError: n or the count is not a number.
        ValueError: the kind is unknown, or the count is below 1.

    Examples:
        >>> random_probes(2, 3, generator=torch.Generator().manual_seed(0))
        tensor([[-1.,  1.,  1.],
                [ 1., -1.,  1.]])
    """
    n, count = whole("n", n, least=0), _count(count)
    _check_kind(kind)
    options = {"generator": generator, "dtype": dtype, "device": device}
    if kind == "gaussian":
        drawn = [torch.randn(n, **options) for _ in range(count)]
    else:
        drawn = [2 * torch.randint(0, 2, (n,), **options) - 1 for _ in range(count)]
    return torch.stack(drawn, 1)


def hutchinson_trace(
    A: Matrix, probes: int, kind: Kind = "rademacher", generator: torch.Generator | None = None
) -> Estimate:
    """tr A ≈ the mean of zᵀA z over random probes z; unbiased, as E[z zᵀ] = I.

    Args:
        A: square, an operator or a matrix.
        probes: products to compute, at least 1.
        kind: "rademacher" or "gaussian"; `trace_variance` tells what each costs in spread.
        generator: the source of the draws; torch's own without it.

    Raises:
        ValueError: A is not square, there is no probe, or the kind is unknown.

    Source:
        Hutchinson, "A stochastic estimator of the trace of the influence matrix for Laplacian smoothing
        splines", Communications in Statistics, 1989; Girard, 1987, with normal entries.

    Examples:
        >>> hutchinson_trace(torch.diag(torch.tensor([1.0, 2.0])), probes=4).value
        tensor(3.)
    """
    check_square(A)
    parts = [(Z * AZ).sum(0) for Z, AZ in _products(A, _count(probes), kind, generator)]
    return _estimate(torch.cat(parts))


def hutchinson_diagonal(
    A: Matrix, probes: int, kind: Kind = "rademacher", generator: torch.Generator | None = None
) -> Estimate:
    """diag A ≈ the mean of z ⊙ A z over random probes z; each entry unbiased.

    Args:
        A: square, an operator or a matrix.
        probes, kind, generator: as for `hutchinson_trace`; `diagonal_variance` tells the spread.

    Raises:
        ValueError: as for `hutchinson_trace`.

    Source:
        Bekas, Kokiopoulou and Saad, "An estimator for the diagonal of a matrix", Applied Numerical
        Mathematics, 2007.

    Examples:
        >>> hutchinson_diagonal(torch.diag(torch.tensor([1.0, 2.0])), probes=4).value
        tensor([1., 2.])
    """
    check_square(A)
    total = spread = torch.zeros(A.shape[0], dtype=A.dtype, device=A.device)
    probes, seen = _count(probes), 0
    for Z, AZ in _products(A, probes, kind, generator):
        some, count = Z * AZ, Z.shape[1]
        mean = some.sum(1) / count
        # The length of the deviations: squares of the values overflow, and cancel.
        away = mean - total / seen if seen else torch.zeros_like(mean)
        spread = torch.hypot(spread, length(some - mean[:, None], dim=1))
        spread = torch.hypot(spread, away * (seen * count / (seen + count)) ** 0.5)
        total, seen = total + some.sum(1), seen + count
    error = spread / ((probes - 1) * probes) ** 0.5 if probes > 1 else total * torch.nan
    return Estimate(total / probes, error, probes)


def trace_variance(A: Tensor, kind: Kind = "rademacher") -> Tensor:
    """The variance of zᵀA z for one probe: 2 ‖S‖² for Gaussian probes; for ±1 the diagonal adds nothing.

    S = (A + Aᵀ)/2, as a probe sees no other part. k probes have the k-th part of it.

    Args:
        A: shape (n, n), the matrix itself.
        kind: "rademacher" or "gaussian".

    Returns:
        Shape ().

    Source:
        Avron and Toledo, "Randomized algorithms for estimating the trace of an implicit symmetric positive
        semi-definite matrix", Journal of the ACM, 2011.

    Examples:
        >>> A = torch.tensor([[5.0, 1.0], [1.0, 5.0]])
        >>> trace_variance(A), trace_variance(A, "gaussian")
        (tensor(4.), tensor(104.))
    """
    _check_dense(A, kind)
    squares = ((A + A.T) / 2).square()
    return 2 * (squares if kind == "gaussian" else squares.fill_diagonal_(0)).sum()


def diagonal_variance(A: Tensor, kind: Kind = "rademacher") -> Tensor:
    """The variance of each entry of z ⊙ A z for one probe: the squares beside the diagonal in its row.

    A Gaussian probe adds 2 Aᵢᵢ².

    Args:
        A: shape (n, n), the matrix itself.
        kind: "rademacher" or "gaussian".

    Returns:
        Shape (n,).

    Examples:
        >>> A = torch.tensor([[5.0, 1.0], [1.0, 5.0]])
        >>> diagonal_variance(A), diagonal_variance(A, "gaussian")
        (tensor([1., 1.]), tensor([51., 51.]))
    """
    _check_dense(A, kind)
    rest = A.square().fill_diagonal_(0).sum(1)
    return rest + 2 * A.diagonal().square() if kind == "gaussian" else rest


def _products(A: Matrix, probes: int, kind: Kind, generator: torch.Generator | None):
    """Probes and their products, some at once."""
    for start in range(0, probes, AT_ONCE):
        count = min(AT_ONCE, probes - start)
        Z = random_probes(A.shape[0], count, kind, generator=generator, dtype=A.dtype, device=A.device)
        yield Z, A @ Z


def _count(probes: int) -> int:
    if (count := whole("probes", probes)) < 1:
        raise ValueError(f"Hutchinson's estimate takes 1 probe or more; got {count}.")
    return count


def check_square(A: Matrix) -> None:
    """Refuse what is no square matrix of a float dtype, written out or known by its products.

    Examples:
        >>> check_square(torch.zeros(2, 3))
        Traceback (most recent call last):
        ValueError: A trace and a diagonal need a square matrix; got shape (2, 3).
    """
    if not isinstance(A, LinearOperator):
        check_floating(A, "An estimate by probes")
    if len(A.shape) != 2 or A.shape[0] != A.shape[1]:
        raise ValueError(f"A trace and a diagonal need a square matrix; got shape {tuple(A.shape)}.")


def _check_kind(kind: str) -> None:
    if kind not in ("rademacher", "gaussian"):
        raise ValueError(f"kind is 'rademacher' or 'gaussian'; got {kind!r}.")


def _check_dense(A: Tensor, kind: str) -> None:
    if isinstance(A, LinearOperator):
        raise TypeError("A variance is one of the matrix itself; give A.to_dense().")
    check_square(A)
    _check_kind(kind)


def _estimate(values: Tensor) -> Estimate:
    k = len(values)
    error = values.std() / k**0.5 if k > 1 else values.new_tensor(torch.nan)
    return Estimate(values.mean(), error, k)
