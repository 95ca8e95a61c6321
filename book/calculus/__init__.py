"""Derivatives by their names: gradients, Jacobians, Hessians, forecasts, critical points.

What a function may do that you hand to one of them stands in `book.numerics.callables`.
"""

from book.calculus.critical import CriticalPoint, classify, critical_points, kind_of
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
from book.calculus.random_matrices import chance_of_definite, random_symmetric
from book.calculus.taylor import best_rate, curvature, linear_prediction, quadratic_prediction

__all__ = [
    "CriticalPoint",
    "Ritz",
    "best_rate",
    "central_difference",
    "chance_of_definite",
    "classify",
    "critical_points",
    "curvature",
    "difference_step",
    "directional_derivative",
    "gradient",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "kind_of",
    "lanczos",
    "linear_prediction",
    "quadratic_prediction",
    "random_symmetric",
    "vjp",
]
