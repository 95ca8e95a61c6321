"""The multipliers that fit best at a point: least squares, with signs kept where that decides."""

import torch
from torch import Tensor

from book.numerics.arguments import check_decomposable
from book.optim.constrained.problem import Multipliers


def fitted(slope: Tensor, equal: Tensor, unequal: Tensor, touching: Tensor) -> Multipliers:
    """The ν and λ that make ‖∇f + Jₕᵀν + J_cᵀλ‖ least, λ being 0 where an inequality does not touch.

    Args:
        slope: ∇f, shape (n,).
        equal: Jₕ, shape (p, n).
        unequal: J_c, shape (m, n).
        touching: which inequalities touch, shape (m,), bool.

    Returns:
        The least squares' solution; where the active gradients are dependent, one with λ ≥ 0.

    Raises:
        FloatingPointError: a gradient that counts is not finite.

    Examples:
        >>> slope, wall = torch.tensor([-2.0, 1.0]), torch.tensor([[1.0, 0.0]])
        >>> fitted(slope, wall[:0], wall, torch.tensor([True]))
        Multipliers(equality=tensor([]), inequality=tensor([2.]))
    """
    p, rows = len(equal), torch.cat([equal, unequal[touching]])
    if not (rows.isfinite().all() and slope.isfinite().all()):
        raise FloatingPointError(
            "The gradient of f or of a constraint is not finite at x, so no multipliers fit; take another x."
        )
    best = _least_squares(rows.T, -slope)
    if rank(rows) < len(rows):
        best = nonnegative_least_squares(rows.T, -slope, free=p)
    inequality = slope.new_zeros(len(unequal))
    inequality[touching] = best[p:]
    return Multipliers(best[:p], inequality)


def rank(rows: Tensor, rtol: float | None = None) -> int:
    """How many rows are linearly independent, whatever their lengths.

    Args:
        rows: shape (k, n).
        rtol: the share of the largest singular value up to which one counts as 0; None for rounding.

    Examples:
        >>> rank(torch.tensor([[1.0, 0.0], [0.0, 1e-9]])), rank(torch.tensor([[1.0, 2.0], [2.0, 4.0]]))
        (2, 1)
    """
    if not len(rows):
        return 0
    sizes = rows.norm(dim=1, keepdim=True)
    return int(torch.linalg.matrix_rank(rows / torch.where(sizes > 0, sizes, 1.0), rtol=rtol))


def nonnegative_least_squares(A: Tensor, b: Tensor, free: int = 0) -> Tensor:
    """The z that makes ‖A z − b‖ least with z ≥ 0, but for its first entries, which are free.

    A set of entries is solved for, the others are 0. The entry whose growth helps most joins; where an entry
    of the set would turn negative, the way is cut off there, and it leaves.

    Args:
        A: shape (n, k).
        b: shape (n,).
        free: how many entries, from the first on, may have either sign.

    Returns:
        Shape (k,).

    Source:
        Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23.

    Examples:
        >>> nonnegative_least_squares(torch.eye(2), torch.tensor([3.0, -1.0]))
        tensor([3., 0.])
    """
    k = A.shape[1]
    fixed = torch.arange(k, device=A.device) < free
    inside = fixed.clone()
    z = _solve(A, b, inside)
    noise = 100 * torch.finfo(A.dtype).eps * float(A.norm() * b.norm())
    for _ in range(3 * k):
        pull = torch.where(inside, -torch.inf, A.T @ (b - A @ z))
        if not (pull > noise).any():
            break
        inside[pull.argmax()] = True
        while ((wanted := _solve(A, b, inside)) <= 0)[inside & ~fixed].any():
            falling = inside & ~fixed & (wanted <= 0)
            shares = torch.where(falling, z / (z - wanted).clamp(min=torch.finfo(z.dtype).tiny), torch.inf)
            z = z + shares.min() * (wanted - z)
            z[shares.argmin()] = 0
            inside &= fixed | (z > 0)
            z = torch.where(inside, z, 0)
        z = wanted
    return z


def _solve(A: Tensor, b: Tensor, inside: Tensor) -> Tensor:
    z = b.new_zeros(A.shape[1])
    z[inside] = _least_squares(A[:, inside], b)
    return z


def _least_squares(A: Tensor, b: Tensor) -> Tensor:
    """The shortest of the least squares' solutions."""
    if not A.shape[1]:
        return b.new_zeros(0)
    check_decomposable(A, "The matrix of the active gradients")
    return torch.linalg.pinv(A) @ b
