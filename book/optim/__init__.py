"""Methods that make a function small: one method, one file.

Squares of gradients are taken in the parameter's dtype, as in torch and optax. From the root of its largest
number on (1.8e19 in float32, 256 in float16) a square is inf, and so is an average that holds it: an entry
that AdaGrad, AdaDelta, RMSProp, Adam or AdamW divides by its root gets no step any more, and RMSProp, when it
is centred, makes it nan. Clip gradients, or scale the loss. Below 1e-23 (float32) a square is 0: ε decides.
"""

from book.optim.adadelta import AdaDelta
from book.optim.adagrad import AdaGrad
from book.optim.adahessian import AdaHessian
from book.optim.adam import Adam
from book.optim.adamw import AdamW
from book.optim.bfgs import BFGS
from book.optim.conjugate_gradient import conjugate_gradient
from book.optim.constrained import (
    augmented_lagrangian,
    kkt_residual,
    project_ball,
    project_box,
    project_box_and_plane,
    project_half_space,
    project_simplex,
    projected_gradient,
    quadratic_penalty,
    smo,
)
from book.optim.full_batch import FullBatch
from book.optim.gauss_newton import GaussNewton
from book.optim.gradient_descent import descend
from book.optim.hill_climbing import attacks, hill_climb, queen_moves
from book.optim.kfac import KFAC, kronecker_factors
from book.optim.lbfgs import LBFGS
from book.optim.levenberg_marquardt import LevenbergMarquardt
from book.optim.line_search import backtracking, exact
from book.optim.line_search.method import LineSearch
from book.optim.lion import Lion
from book.optim.minimize import Minimum, minimize
from book.optim.momentum import Momentum
from book.optim.natural_gradient import NaturalGradient
from book.optim.nesterov import Nesterov
from book.optim.newton import Newton
from book.optim.newton_cg import NewtonCG
from book.optim.nonlinear_cg import ConjugateGradient
from book.optim.rmsprop import RMSProp
from book.optim.rule import Rule
from book.optim.sgd import SGD
from book.optim.shampoo import Shampoo
from book.optim.state_bytes import state_bytes, state_bytes_of
from book.optim.trajectory import trajectory
from book.optim.trust_region import TrustRegion

__all__ = [
    "BFGS",
    "KFAC",
    "LBFGS",
    "SGD",
    "AdaDelta",
    "AdaGrad",
    "AdaHessian",
    "Adam",
    "AdamW",
    "ConjugateGradient",
    "FullBatch",
    "GaussNewton",
    "LevenbergMarquardt",
    "LineSearch",
    "Lion",
    "Minimum",
    "Momentum",
    "NaturalGradient",
    "Nesterov",
    "Newton",
    "NewtonCG",
    "RMSProp",
    "Rule",
    "Shampoo",
    "TrustRegion",
    "attacks",
    "augmented_lagrangian",
    "backtracking",
    "conjugate_gradient",
    "descend",
    "exact",
    "hill_climb",
    "kkt_residual",
    "kronecker_factors",
    "minimize",
    "project_ball",
    "project_box",
    "project_box_and_plane",
    "project_half_space",
    "project_simplex",
    "projected_gradient",
    "quadratic_penalty",
    "queen_moves",
    "smo",
    "state_bytes",
    "state_bytes_of",
    "trajectory",
]
