"""LeastSquares, the base of methods that see the residuals one by one instead of their sum of squares."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from book.numerics.vector import dot
from book.optim.derivatives import check_followed, jacobian
from book.optim.full_batch import FullBatch, Point


@dataclass(frozen=True, eq=False, kw_only=True)
class Fit(Point):
    """Where a fit stands: a point with loss ½‖r‖² and gradient Jᵀr.

    Args:
        x, value, gradient: as for `Point`.
        residuals: r, shape (m,).
        jacobian: J, shape (m, n); its entry (i, j) is ∂rᵢ/∂xⱼ.
    """

    residuals: Tensor
    jacobian: Tensor


class LeastSquares(FullBatch):
    """A `FullBatch` whose closure returns the residuals r, and whose loss is ½‖r‖².

    The Jacobian costs min(m, n) products, in one batch, and is computed only where a method asks for it; the
    count `jacobians` says how often. A closure of residuals does not call `backward`.

    Args:
        params, max_iter, tolerance_grad, tolerance_change, own: as for `FullBatch`.

    Raises:
        TypeError: at a step, the closure returns anything but a tensor of one or more residuals.
        RuntimeError: at a step, the residuals do not depend on the parameters.

    Examples:
        >>> class Once(LeastSquares):
        ...     def advance(self, here):
        ...         return self.evaluate(here.x - torch.linalg.lstsq(here.jacobian, here.residuals)[0])
        >>> x = torch.nn.Parameter(torch.zeros(2))
        >>> A, y = torch.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]), torch.tensor([1.0, 3.0, 5.0])
        >>> _ = Once([x]).step(lambda: A @ x - y)
        >>> x.data.round(decimals=4)
        tensor([1., 2.])
    """

    takes: ClassVar = "residuals"

    def evaluate(self, x: Tensor) -> Fit:
        """Residuals and Jacobian at a vector of all parameters."""
        return self.fit(x, self.residuals(x))

    def residuals(self, x: Tensor) -> Tensor:
        """The residuals alone, shape (m,), as torch can differentiate them."""
        r = self.call(x)
        if not isinstance(r, Tensor) or r.numel() == 0 or not r.is_floating_point():
            raise TypeError(
                f"{type(self).__name__} takes a closure that returns the residuals, a tensor of shape (m,)."
            )
        check_followed(r, self.parameters, "residuals do")
        with torch.enable_grad():
            return r.reshape(-1).to(x.dtype)

    def fit(self, x: Tensor, r: Tensor) -> Fit:
        """The point to residuals that `residuals` returned."""
        self.count("jacobians")
        try:
            J = jacobian(r, self.parameters)
        except RuntimeError as error:
            if "second time" not in str(error):
                raise
            raise RuntimeError(
                "The residuals' graph has been used up; leave `backward` away in a closure of residuals."
            ) from error
        r = r.detach()
        return Fit(x, dot(r, r) / 2, J.T @ r, residuals=r, jacobian=J)
