"""Newton's method: go to the minimum of the parabola that has the slope and the curvature found here."""

from typing import ClassVar

import torch
from torch import Tensor

from book.numerics.arguments import check_decomposable, check_system
from book.optim.full_batch import Point
from book.optim.line_search.method import LineSearch
from book.optim.ranges import one_of

REPAIRS = ("cholesky", "eigenvalues", "saddle_free", "none")


class Newton(LineSearch):
    """d = −H⁻¹ g, with H made positive definite where it is not.

    The repair decides what becomes of a direction in which the surface bends down or not at all:

    - "cholesky": H + τ I, with the least τ of a row 0, β, 2β, 4β, … for which Cholesky's factors exist;
    - "eigenvalues": eigenvalues below δ become δ;
    - "saddle_free": each eigenvalue counts by its size |λ|, at least δ, so that a saddle pushes away;
    - "none": H as it is, which is drawn to saddles and maxima too. Give `line_search_fn=None` with it: a line
      search refuses a direction uphill.

    δ is √ε of the largest |λ|; `damping` adds to H before any of them. Where all of H is 0, a repair goes
    along −g.

    Args:
        params, max_iter, tolerance_grad, tolerance_change, lr, line_search_fn, c1, c2: as for `LineSearch`.
        repair: one of the four.
        damping: λ in (H + λ I) d = −g, at least 0.

    Raises:
        ValueError: the repair is unknown.
        RuntimeError: at a step with the repair "none", H is singular.

    Source:
        Newton, 1669, for one equation; Simpson, 1740, for a gradient that is to be 0; repairs: Nocedal and
        Wright, Numerical Optimization, 2nd edition, 2006, section 3.4, and Dauphin and others,
        "Identifying and attacking the saddle point problem in high-dimensional non-convex optimization",
        NeurIPS, 2014, for "saddle_free".

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([3.0, -2.0], dtype=torch.float64))
        >>> optimizer = Newton([x])
        >>> _ = optimizer.step(lambda: x[0] ** 2 + 2 * x[0] * x[1] + 5 * x[1] ** 2)
        >>> x.data.abs().max().item() < 1e-12
        True
    """

    curved = True
    choices: ClassVar[dict[str, tuple]] = LineSearch.choices | {"repair": REPAIRS}

    def __init__(self, params, *, repair: str = "cholesky", damping: float = 0.0, **options):
        super().__init__(params, repair=repair, damping=damping, **options)

    def direction(self, here: Point) -> Tensor:
        """−(H + λ I)⁻¹ g, repaired."""
        H = self.hessian(here)
        H.diagonal().add_(self.options["damping"])
        return newton_direction(H, here.gradient, self.options["repair"])


def newton_direction(H: Tensor, g: Tensor, repair: str = "cholesky") -> Tensor:
    """−H⁻¹ g, with H repaired as `Newton` says.

    Args:
        H: shape (n, n), symmetric.
        g: shape (n,).
        repair: "cholesky", "eigenvalues", "saddle_free" or "none".

    Returns:
        Shape (n,).

    Raises:
        TypeError: H is not a tensor of float32 or float64, or not of g's dtype.
        ValueError: the repair is unknown, or H does not fit g.
        RuntimeError: with "none", H is singular.
        FloatingPointError: H or g is not finite.

    Examples:
        >>> H, g = torch.diag(torch.tensor([2.0, -4.0])), torch.tensor([2.0, 4.0])
        >>> newton_direction(H, g, "none"), newton_direction(H, g, "saddle_free")
        (tensor([-1.,  1.]), tensor([-1., -1.]))
    """
    one_of("repair", repair, REPAIRS)
    check_system(H, g, "The Hessian")
    if repair == "none":
        solved, info = torch.linalg.solve_ex(H, -g)
        if info or not solved.isfinite().all():
            raise RuntimeError("The Hessian is singular here, so −H⁻¹g does not exist; choose a repair.")
        return solved
    if not H.any():
        return -g
    if repair == "cholesky":
        return torch.cholesky_solve(-g[:, None], shifted_cholesky(H)).squeeze(1)
    values, vectors = torch.linalg.eigh(H)
    sizes = values.abs() if repair == "saddle_free" else values
    floor = torch.finfo(H.dtype).eps ** 0.5 * values.abs().max()
    return -vectors @ ((vectors.T @ g) / sizes.clamp(min=floor))


def shifted_cholesky(H: Tensor) -> Tensor:
    """Cholesky's factor of H + τ I with the first τ of a row for which it exists.

    Args:
        H: shape (n, n), symmetric, finite, not all 0.

    Returns:
        Lower triangular, shape (n, n).

    Raises:
        FloatingPointError: H is 0, not finite, or so large that no τ of the row is enough.

    Source:
        Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, algorithm 3.3.

    Examples:
        >>> shifted_cholesky(torch.tensor([[4.0, 0.0], [0.0, 1.0]]))
        tensor([[2., 0.],
                [0., 1.]])
    """
    check_decomposable(H, "The Hessian")
    beta, least = 1e-3 * H.abs().max(), H.diagonal().min()
    shift = torch.zeros_like(beta) if least > 0 else beta - least
    identity = torch.eye(len(H), dtype=H.dtype, device=H.device)
    while True:
        factor, info = torch.linalg.cholesky_ex(H + shift * identity)
        if not info and factor.diagonal().min() > 0:
            return factor
        shift = torch.maximum(2 * shift, beta)
        if not 0 < shift < torch.inf:
            raise FloatingPointError(
                "No multiple of I makes this matrix positive definite: it is 0, not finite, or too large for "
                f"{H.dtype}. Scale the loss."
            )
