"""Gauss–Newton: make the residuals linear, and solve that least-squares problem exactly."""

from torch import Tensor

from book.optim.damped import Damped
from book.optim.least_squares import Fit, LeastSquares
from book.optim.line_search.method import LineSearch


class GaussNewton(LeastSquares, LineSearch):
    """The shortest d that minimizes ‖r + J d‖, and a search along it.

    It is Newton's step with JᵀJ in the Hessian's place: what is left out, Σ rᵢ ∇²rᵢ, is small where the
    residuals are small or nearly linear, and JᵀJ has no negative curvature. J is decomposed and JᵀJ never
    formed, as its condition number is that of J squared. Where J has not full rank, d is the shortest of all
    that do as well. The closure returns the residuals.

    Args:
        params, max_iter, tolerance_grad, tolerance_change, lr, line_search_fn, c1, c2: as for `LineSearch`;
            with `line_search_fn=None` and `lr=1` it is the pure method, which need not converge.

    Source:
        Gauss, Theoria motus corporum coelestium, 1809; as in Nocedal and Wright, Numerical Optimization, 2nd
        edition, 2006, section 10.3.

    Examples:
        >>> import torch
        >>> t = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64)
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 0.0], dtype=torch.float64))
        >>> optimizer = GaussNewton([x], max_iter=20)
        >>> _ = optimizer.step(lambda: x[0] * torch.exp(x[1] * t) - 2 * torch.exp(0.5 * t))
        >>> x.data.round(decimals=6)
        tensor([2.0000, 0.5000], dtype=torch.float64)
    """

    def direction(self, here: Fit) -> Tensor:
        """The shortest d that minimizes ‖r + J d‖."""
        return Damped.of(here.jacobian, here.residuals).step(0.0)
