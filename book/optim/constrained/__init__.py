"""Where only some points are allowed: nearest points, penalties, multipliers, conditions at the end."""

from book.optim.constrained.augmented_lagrangian import augmented_lagrangian
from book.optim.constrained.kkt import KKT, kkt_residual
from book.optim.constrained.penalty import quadratic_penalty
from book.optim.constrained.problem import Multipliers, Problem
from book.optim.constrained.projected_gradient import projected_gradient
from book.optim.constrained.projections import (
    project_ball,
    project_box,
    project_box_and_plane,
    project_half_space,
    project_simplex,
)
from book.optim.constrained.smo import SupportVectors, smo
from book.optim.constrained.solution import Infeasible, Round, Solution

__all__ = [
    "KKT",
    "Infeasible",
    "Multipliers",
    "Problem",
    "Round",
    "Solution",
    "SupportVectors",
    "augmented_lagrangian",
    "kkt_residual",
    "project_ball",
    "project_box",
    "project_box_and_plane",
    "project_half_space",
    "project_simplex",
    "projected_gradient",
    "quadratic_penalty",
    "smo",
]
