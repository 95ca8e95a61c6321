"""Kronecker products that are never written out: A ⊗ B times a vector costs two small products."""

import math
from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor

from book.calculus.matrix_free.operator import LinearOperator
from book.numerics.arguments import check_decomposable, check_floating
from book.numerics.number_types import number


class Kronecker(LinearOperator):
    """A ⊗ B, with (A ⊗ B) vec(W) = vec(A W Bᵀ), where vec writes the rows of W one after another.

    So torch flattens, and so `torch.kron` orders: for a linear layer's weight, shape (outputs, inputs), A
    belongs to the outputs and B to the inputs. With more factors, each is applied along its own axis.

    For A of shape (m, m) and B of shape (n, n) a product costs mn(m + n) operations and the inverse m³ + n³;
    the matrix written out would have (mn)² entries.

    Args:
        factors: two matrices or more, or one; of one float dtype on one device.

    Raises:
        TypeError: a factor is not a tensor of a float dtype, or their dtypes differ.
        ValueError: a factor is not a matrix or has no entry, there is none, or they are on different devices.

    Source:
        Van Loan, "The ubiquitous Kronecker product", Journal of Computational and Applied Mathematics, 2000.

    Examples:
        >>> A, B = torch.tensor([[1.0, 2.0], [0.0, 1.0]]), torch.tensor([[3.0]])
        >>> Kronecker(A, B) @ torch.tensor([1.0, 1.0])
        tensor([9., 3.])
    """

    def __init__(self, *factors: Tensor):
        _check_factors(factors)
        self.factors = factors
        rows, columns = (math.prod(factor.shape[axis] for factor in factors) for axis in (0, 1))
        super().__init__((rows, columns), factors[0].dtype, factors[0].device)

    def columns(self, V: Tensor) -> Tensor:
        """Each factor along its own axis."""
        W = V.reshape(*(factor.shape[1] for factor in self.factors), -1)
        for axis, factor in enumerate(self.factors):
            W = torch.tensordot(factor, W, ([1], [axis])).movedim(0, axis)
        return W.reshape(self.shape[0], V.shape[1])

    @property
    def T(self) -> "Kronecker":
        """(A ⊗ B)ᵀ = Aᵀ ⊗ Bᵀ."""
        return Kronecker(*(factor.T for factor in self.factors))

    def trace(self) -> Tensor:
        """tr(A ⊗ B) = tr A · tr B, shape ()."""
        self._check_square("trace")
        return reduce(torch.mul, (factor.trace() for factor in self.factors))

    def diagonal(self) -> Tensor:
        """The diagonal, shape (n,)."""
        self._check_square("diagonal")
        return reduce(torch.kron, (factor.diagonal() for factor in self.factors))

    def inverse(self) -> "Kronecker":
        """(A ⊗ B)⁻¹ = A⁻¹ ⊗ B⁻¹.

        Raises:
            ValueError: a factor is not square, or is singular to its own precision.

        Examples:
            >>> K = Kronecker(torch.diag(torch.tensor([1.0, 2.0])), torch.tensor([[4.0]]))
            >>> K.inverse() @ torch.tensor([4.0, 4.0])
            tensor([1.0000, 0.5000])
        """
        self._check_square("inverse")
        return Kronecker(*map(_inverse, self.factors))

    def damped(self, damping: float, pi: float | None = None) -> "Kronecker":
        """(A + π √λ I) ⊗ (B + √λ/π I), which stays a Kronecker product; A ⊗ B + λ I is none.

        It adds λ I and two cross terms; this π makes a bound on the cross terms least.

        Args:
            damping: λ, at least 0.
            pi: π, above 0; without it √((tr A / m) / (tr B / n)), and 1 where that is no number above 0.

        Raises:
            ValueError: the factors are not two square ones, the damping is negative, or π is not above 0.

        Source:
            Martens and Grosse, "Optimizing Neural Networks with Kronecker-factored Approximate Curvature",
            ICML 2015, section 6.3.

        Examples:
            >>> K = Kronecker(torch.tensor([[4.0]]), torch.tensor([[1.0]])).damped(1.0)
            >>> K.factors
            (tensor([[6.]]), tensor([[1.5000]]))
        """
        self._check_square("damped")
        A, B = _two(self.factors)
        check_damping(damping)
        pi = balance(A, B) if pi is None else number("π", pi)
        if not pi > 0:
            raise ValueError(f"π is above 0; got {pi}.")
        return Kronecker(shifted(A, pi * damping**0.5), shifted(B, damping**0.5 / pi))

    def damped_inverse(self, damping: float) -> "Spectral":
        """(A ⊗ B + λ I)⁻¹ exactly, by the eigenvalues of symmetric factors.

        Args:
            damping: λ, at least 0.

        Raises:
            ValueError: a factor is not symmetric, the damping is negative, or A ⊗ B + λ I is singular.

        Examples:
            >>> K = Kronecker(torch.diag(torch.tensor([1.0, 3.0])), torch.tensor([[1.0]]))
            >>> K.damped_inverse(1.0) @ torch.ones(2)
            tensor([0.5000, 0.2500])
        """
        self._check_square("damped_inverse")
        check_damping(damping)
        check_decomposable(self.factors[0], "The factor")
        pairs = [torch.linalg.eigh(_symmetric(factor)) for factor in self.factors]
        values = reduce(torch.kron, (pair.eigenvalues for pair in pairs)) + damping
        sizes = values.abs()
        if not sizes.min() > torch.finfo(self.dtype).eps * sizes.max():
            raise ValueError("A ⊗ B + λ I is singular to its precision; give more damping.")
        return Spectral(Kronecker(*(pair.eigenvectors for pair in pairs)), 1 / values)

    def _check_square(self, what: str) -> None:
        for factor in self.factors:
            if factor.shape[0] != factor.shape[1]:
                raise ValueError(f"`{what}` takes square factors; got one of shape {tuple(factor.shape)}.")


class Spectral(LinearOperator):
    """Q diag(d) Qᵀ, with an orthogonal Q that is an operator itself.

    Args:
        Q: square, with orthogonal columns of length 1.
        values: d, shape (n,).

    Examples:
        >>> Q = Kronecker(torch.eye(2))
        >>> Spectral(Q, torch.tensor([2.0, 3.0])) @ torch.ones(2)
        tensor([2., 3.])
    """

    def __init__(self, Q: Kronecker, values: Tensor):
        super().__init__((Q.shape[0], Q.shape[1]), Q.dtype, Q.device)
        self.Q, self.values = Q, values

    def columns(self, V: Tensor) -> Tensor:
        """Into the eigenvectors' axes, scaled there, and back."""
        return self.Q @ (self.values[:, None] * (self.Q.T @ V))


def balance(A: Tensor, B: Tensor) -> float:
    """π of `Kronecker.damped`: how much larger the mean eigenvalue of A is than that of B, as a root.

    Args:
        A, B: square, of non-negative trace.

    Returns:
        √((tr A / m) / (tr B / n)); 1 where a trace is 0.

    Examples:
        >>> balance(torch.diag(torch.tensor([4.0, 4.0])), torch.tensor([[1.0]]))
        2.0
    """
    means = [float(factor.trace()) / len(factor) for factor in (A, B)]
    return math.sqrt(means[0] / means[1]) if min(means) > 0 else 1.0


def check_damping(damping: float) -> None:
    """Refuse a damping that is not a number from 0 on.

    Examples:
        >>> check_damping(-1.0)
        Traceback (most recent call last):
        ValueError: damping is at least 0; got -1.0.
    """
    if not 0 <= number("damping", damping) < math.inf:
        raise ValueError(f"damping is at least 0; got {damping}.")


def shifted(A: Tensor, shift: float) -> Tensor:
    """A + shift I, a new matrix.

    Examples:
        >>> shifted(torch.zeros(2, 2), 3.0)
        tensor([[3., 0.],
                [0., 3.]])
    """
    return A + shift * torch.eye(len(A), dtype=A.dtype, device=A.device)


def _inverse(A: Tensor) -> Tensor:
    check_decomposable(A, "The factor")
    inverse, info = torch.linalg.inv_ex(A)
    # In the 1-norm, the condition number tells how many digits are left.
    condition = A.abs().sum(0).amax() * inverse.abs().sum(0).amax()
    if info or not condition < 1 / torch.finfo(A.dtype).eps:
        raise ValueError(f"A factor of shape {tuple(A.shape)} is singular to its precision; damp it first.")
    return inverse


def _symmetric(A: Tensor) -> Tensor:
    if (A - A.T).abs().amax() > torch.finfo(A.dtype).eps ** 0.5 * A.abs().amax():
        raise ValueError("`damped_inverse` takes symmetric factors, and one is not.")
    return A


def _two(factors: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    if len(factors) != 2:
        raise ValueError(f"`damped` shares the damping between two factors; got {len(factors)}.")
    return factors[0], factors[1]


def _check_factors(factors: Sequence[Tensor]) -> None:
    if not factors:
        raise ValueError("A Kronecker product takes at least one factor.")
    for factor in factors:
        check_floating(factor, "Kronecker", ndim=2)
        if not factor.numel():
            raise ValueError(f"Kronecker takes factors with entries; got shape {tuple(factor.shape)}.")
    for what, error in (("dtype", TypeError), ("device", ValueError)):
        kinds = sorted({str(getattr(factor, what)) for factor in factors})
        if len(kinds) > 1:
            raise error(f"Kronecker takes factors of one {what}; got {' and '.join(kinds)}.")
