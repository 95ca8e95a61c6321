"""Least squares with damping: the step for every λ from one decomposition of the Jacobian."""

from typing import NamedTuple

import torch
from torch import Tensor

from book.numerics.arguments import check_decomposable


class Damped(NamedTuple):
    """The step that minimizes ‖r + J q‖² + λ‖q‖², for every λ from one decomposition J = U S Vᵀ.

    It is q(λ) = −V w with wᵢ = sᵢ bᵢ / (sᵢ² + λ) and b = Uᵀr. Singular values that rounding could have made
    are left out, so that q(0) is the shortest of the steps that do equally well.

    Args:
        s: the singular values that count, shape (k,).
        b: shape (k,).
        Vh: shape (k, n).

    Examples:
        >>> model = Damped.of(torch.eye(2), torch.tensor([3.0, 4.0]))
        >>> model.step(0.0), model.length(1.0)
        (tensor([-3., -4.]), 2.5)
    """

    s: Tensor
    b: Tensor
    Vh: Tensor

    @classmethod
    def of(cls, J: Tensor, r: Tensor) -> "Damped":
        """The decomposition of J, shape (m, n), with r, shape (m,).

        Raises:
            TypeError: J is not of float32 or float64.
        """
        check_decomposable(J, "The Jacobian")
        U, s, Vh = torch.linalg.svd(J, full_matrices=False)
        kept = s > max(J.shape) * torch.finfo(J.dtype).eps * s.max()
        return cls(s[kept].double(), (U.T @ r)[kept].double(), Vh[kept])

    def step(self, damping: float) -> Tensor:
        """q(λ), shape (n,)."""
        return -self.Vh.T @ self._weights(damping).to(self.Vh)

    def length(self, damping: float) -> float:
        """‖q(λ)‖, which falls as λ grows."""
        return float(self._weights(damping).norm())

    def slope(self, damping: float) -> float:
        """gᵀq(λ), how steeply ½‖r + J q‖² sets out: −‖J q‖² − λ‖q‖²."""
        w = self._weights(damping)
        return -float((self.s * w).square().sum() + damping * w.square().sum())

    def drop(self, damping: float) -> float:
        """By how much ½‖r + J q‖² falls with q(λ): ½‖J q‖² + λ‖q‖²."""
        w = self._weights(damping)
        return float((self.s * w).square().sum() / 2 + damping * w.square().sum())

    def damping(self, radius: float, guess: float = 0.0, within: float = 0.1) -> float:
        """The λ for which ‖q(λ)‖ is Δ up to a share, or 0 where q(0) is short enough.

        Newton's method on 1/‖q(λ)‖ = 1/Δ, whose left side is nearly straight in λ: from below it climbs and
        never passes the root, so that each λ below is a bound.

        Args:
            radius: Δ, above 0.
            guess: where to start.
            within: the share.

        Source:
            Hebden, 1973; Moré, 1978, as in MINPACK's lmpar.
        """
        if self.length(0.0) <= (1 + within) * radius:
            return 0.0
        low = self._towards(0.0, radius)
        found = min(max(guess, low), float((self.s * self.b).norm()) / radius)
        for _ in range(100):
            if abs(self.length(found) - radius) <= within * radius:
                break
            low = max(low, found) if self.length(found) > radius else low
            found = max(low, found + self._towards(found, radius))
        return found

    def _towards(self, damping: float, radius: float) -> float:
        """Newton's step from a λ."""
        w, length = self._weights(damping), self.length(damping)
        steepness = float((w.square() / (self.s.square() + damping)).sum())
        return (length - radius) / radius * length**2 / steepness

    def _weights(self, damping: float) -> Tensor:
        return self.s * self.b / (self.s.square() + damping)
