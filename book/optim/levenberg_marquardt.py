"""Levenberg–Marquardt: Gauss–Newton within a trust region, whose multiplier is the damping."""

import math
from typing import ClassVar

import torch
from torch import Tensor

from book.numerics.vector import dot, norm
from book.optim.damped import Damped
from book.optim.full_batch import Point
from book.optim.least_squares import Fit, LeastSquares
from book.optim.trust_region import gain_ratio, rounding


class LevenbergMarquardt(LeastSquares):
    """The step of (JᵀJ + λ D²) p = −Jᵀr, with the λ ≥ 0 for which ‖D p‖ is Δ, or 0 where Δ does not bind.

    Large λ is a short step along −g, small λ Gauss–Newton's. Here λ follows from a radius Δ, as Moré taught
    MINPACK, and not from a rule for λ itself, as Marquardt's or Nielsen's: Δ is a length, so it keeps its
    meaning when J changes, and a refused step is cut to where the parabola through what was seen has its
    minimum. D holds the largest norm that each column of J has had, so that the units of the parameters do
    not matter. J D⁻¹ is decomposed once an iteration, into singular values, from which p(λ) follows for each
    λ; JᵀJ is never formed. J may have fewer rows than columns, and any rank. The closure returns the
    residuals.

    It remembers `radius`, `scale` (D) and `damping` (λ), and counts `jacobians` and `refused` steps.

    Args:
        params, max_iter, tolerance_grad, tolerance_change: as for `FullBatch`.
        factor: the first Δ is this times ‖D x‖, or this where x is 0; above 0.
        scaled: whether D follows the columns' norms; else it is 1.
        eta: the least ρ with which a step is taken, in [0, 1/4).

    Raises:
        ValueError: a hyperparameter is outside its range.
        FloatingPointError: at a step, residuals or Jacobian are not finite where it starts.

    Source:
        Levenberg, 1944; Marquardt, 1963; Moré, "The Levenberg–Marquardt algorithm: implementation and
        theory", Numerical Analysis, Lecture Notes in Mathematics 630, 1978; the steps are MINPACK's lmder's.

    Examples:
        >>> t = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64)
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 0.0], dtype=torch.float64))
        >>> optimizer = LevenbergMarquardt([x], max_iter=20)
        >>> _ = optimizer.step(lambda: x[0] * torch.exp(x[1] * t) - 2 * torch.exp(0.5 * t))
        >>> x.data.round(decimals=6)
        tensor([2.0000, 0.5000], dtype=torch.float64)
    """

    remembered: ClassVar[tuple[str, ...]] = ("scale",)
    together: ClassVar[tuple[str, ...]] = ("radius", "damping")
    choices: ClassVar[dict[str, tuple]] = {"scaled": (True, False)}

    def __init__(self, params, *, factor: float = 100.0, scaled: bool = True, eta: float = 1e-4, **options):
        super().__init__(params, factor=factor, scaled=scaled, eta=eta, **options)

    def advance(self, here: Fit) -> Point:
        """A step within Δ that lowers ½‖r‖² by enough; Δ and D for the next."""
        scale = self._scale(here.jacobian)
        model = Damped.of(here.jacobian / scale, here.residuals)
        radius, damping = self._region(here, scale, model)
        while True:
            damping = model.damping(radius, damping)
            q, slope, predicted = model.step(damping), model.slope(damping), model.drop(damping)
            there, drop, ratio = self._tried(here, here.x + q / scale, predicted)
            radius, damping = next_region(radius, damping, norm(q), ratio, drop, slope)
            self.memory.update(radius=radius, damping=damping)
            if ratio > self.options["eta"]:
                return there
            self.count("refused")
            if not predicted > rounding(here):
                del self.memory["radius"], self.memory["damping"]  # the next step starts anew
                return here

    def _scale(self, J: Tensor) -> Tensor:
        """D: the largest norm that each column has had; 1 for a column that has always been 0."""
        if not self.options["scaled"]:
            return torch.ones_like(J[0])
        columns = J.double().norm(dim=0).to(J)
        self.memory["scale"] = torch.maximum(columns, self.memory.get("scale", J.new_zeros(())))
        return torch.where(self.memory["scale"] > 0, self.memory["scale"], 1.0)

    def _region(self, here: Fit, scale: Tensor, model: Damped) -> tuple[float, float]:
        """Δ and a guess at λ; the first Δ is no longer than the first step that it allows."""
        if "radius" in self.memory:
            return self.memory["radius"], self.memory["damping"]
        radius = self.options["factor"] * (norm(scale * here.x) or 1.0)
        damping = model.damping(radius)
        return min(radius, model.length(damping)) or radius, damping

    def _tried(self, here: Fit, x: Tensor, predicted: float) -> tuple[Point, float, float]:
        """The point at x, its drop and ρ; where the loss went up, `here` and −inf, without a Jacobian."""
        r = self.residuals(x)
        drop = here.value - dot(r, r) / 2
        if drop >= -rounding(here):
            there = self.fit(x, r)
            return there, drop, gain_ratio(here, there, predicted)
        return here, drop, -math.inf


def next_region(
    radius: float, damping: float, length: float, ratio: float, drop: float, slope: float
) -> tuple[float, float]:
    """Δ and a guess at λ after a step of scaled length ‖D p‖.

    Where ρ ≤ ¼, Δ is cut by half if the loss fell; if it rose, to the minimum of the parabola that has the
    slope at the start and the value at the end, between a tenth and a half. Where ρ ≥ ¾, or λ = 0, Δ is twice
    the step.

    Args:
        radius: Δ.
        damping: λ.
        length: ‖D p‖.
        ratio: ρ.
        drop: by how much the loss fell; negative, −inf or nan where it rose or is not finite.
        slope: gᵀp, below 0.

    Source:
        Moré, 1978, as in MINPACK's lmder.

    Examples:
        >>> next_region(2.0, 1.0, length=2.0, ratio=0.9, drop=1.0, slope=-2.0)
        (4.0, 0.5)
        >>> next_region(2.0, 1.0, length=2.0, ratio=-1.0, drop=-1.0, slope=-1.0)
        (0.5, 4.0)
    """
    if not ratio > 0.25:
        share = 0.5 if drop >= 0 else max(0.1, slope / (slope + drop) / 2)
        share = share if math.isfinite(drop) else 0.1
        return share * min(radius, 10 * length), damping / share
    if damping == 0 or ratio >= 0.75:
        return 2 * length, damping / 2
    return radius, damping
