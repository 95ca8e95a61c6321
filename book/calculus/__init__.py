"""Derivatives by their names: gradients, Jacobians, Hessians, forecasts, critical points."""

from book.calculus.critical import CriticalPoint, classify
from book.calculus.derivatives import (
    directional_derivative,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    vjp,
)
from book.calculus.differences import central_difference, difference_step
from book.calculus.lanczos import Ritz, lanczos
from book.calculus.taylor import best_rate, curvature, linear_prediction, quadratic_prediction

__all__ = [
    "CriticalPoint",
    "Ritz",
    "best_rate",
    "central_difference",
    "classify",
    "curvature",
    "difference_step",
    "directional_derivative",
    "gradient",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "lanczos",
    "linear_prediction",
    "quadratic_prediction",
    "vjp",
]
