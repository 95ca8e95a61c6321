"""The damped inverse of a Kronecker product, and what it makes of a gradient."""

import torch
from torch import Tensor

from book.calculus.matrix_free import Kronecker
from book.numerics.arguments import check_decomposable


def damped_inverses(A: Tensor, B: Tensor, damping: float) -> tuple[Tensor, Tensor]:
    """The inverses of A + √λ/π I and of B + π √λ I, with π from the traces.

    Damping both factors keeps a product, and λ I is one of its terms: (B + π √λ I) ⊗ (A + √λ/π I) = B ⊗ A +
    λ I + two cross terms. The π that makes a bound on the cross terms least is the root of B's mean
    eigenvalue over A's; it is 1 where one of them is 0.

    Args:
        A: shape (n, n), symmetric.
        B: shape (m, m), symmetric.
        damping: λ, at least 0.

    Returns:
        Both inverses, A's first.

    Raises:
        RuntimeError: a factor with its share of the damping is not positive definite to its precision.

    Source:
        Martens and Grosse, "Optimizing Neural Networks with Kronecker-factored Approximate Curvature", ICML
        2015, section 6.3.

    Examples:
        >>> damped_inverses(torch.tensor([[4.0]]), torch.tensor([[1.0]]), damping=1.0)
        (tensor([[0.1667]]), tensor([[0.6667]]))
    """
    left, right = Kronecker(B, A).damped(damping).factors
    return inverse(right), inverse(left)


def inverse(M: Tensor) -> Tensor:
    """The inverse of a positive definite matrix by Cholesky's factor.

    Args:
        M: shape (n, n).

    Returns:
        Shape (n, n), symmetric.

    Raises:
        TypeError: it is not of float32 or float64.
        RuntimeError: it is not positive definite to its precision, or not finite.

    Examples:
        >>> inverse(torch.tensor([[2.0, 1.0], [1.0, 1.0]])).round(decimals=4)
        tensor([[ 1., -1.],
                [-1.,  2.]])
    """
    check_decomposable(M, "The factor")
    factor, info = torch.linalg.cholesky_ex(M)
    least = torch.finfo(M.dtype).eps * M.diagonal().amax()
    if info or not factor.diagonal().amin() ** 2 > least:
        raise RuntimeError(
            f"a factor of shape {tuple(M.shape)} is singular to its precision; give more damping."
        )
    return torch.cholesky_inverse(factor)


def natural(gradient: Tensor, A_inverse: Tensor, B_inverse: Tensor) -> Tensor:
    """B⁻¹ G A⁻¹, which is (B ⊗ A)⁻¹ times the entries of G.

    Args:
        gradient: of a layer's weights, shape (m, n).
        A_inverse: shape (n, n).
        B_inverse: shape (m, m).

    Returns:
        Shape (m, n).

    Examples:
        >>> natural(torch.tensor([[6.0]]), torch.tensor([[0.5]]), torch.tensor([[0.5]]))
        tensor([[1.5000]])
    """
    return B_inverse @ gradient @ A_inverse
