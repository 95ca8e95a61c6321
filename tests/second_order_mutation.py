"""What `tests.mutation` changes in the second-order methods, and which of their tests judge each change."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from unittest import mock

from book.optim import (
    adahessian,
    bfgs,
    damped,
    derivatives,
    gauss_newton,
    lbfgs,
    least_squares,
    levenberg_marquardt,
    natural_gradient,
    newton,
    newton_cg,
    nonlinear_cg,
    shampoo,
    trust_region,
)
from book.optim.full_batch import FullBatch
from book.optim.line_search import interpolate, method, straight, wolfe
from tests.judges import all_tests
from tests.mutants import Target
from tests.optim import (
    test_adahessian,
    test_bfgs,
    test_conjugate_gradient,
    test_damped,
    test_derivatives,
    test_full_batch,
    test_gauss_newton,
    test_lbfgs,
    test_least_squares,
    test_levenberg_marquardt,
    test_natural_gradient,
    test_newton,
    test_newton_cg,
    test_nonlinear_cg,
    test_shampoo,
    test_trust_region,
)
from tests.optim.line_search import (
    test_armijo,
    test_bracket,
    test_interpolate,
    test_method,
    test_straight,
    test_wolfe,
)

# The packages have functions of these names.
armijo, bracket = (import_module(f"book.optim.line_search.{name}") for name in ("armijo", "bracket"))
conjugate_gradient = import_module("book.optim.conjugate_gradient")


def with_its_betas(test: Callable[[], object]) -> None:
    """A test of the non-linear method, with every β as it stands in its module now."""
    now = {name: getattr(nonlinear_cg, name) for name in nonlinear_cg.BETAS}
    with mock.patch.dict(nonlinear_cg.BETAS, now):
        test()


GUESSES = ("before_a_rise", "around_a_minimum", "beyond", "towards")
SECOND_ORDER_TARGETS = {
    "Newton": Target(
        ((newton, "newton_direction"), (newton, "shifted_cholesky"), (newton.Newton, "direction")),
        all_tests(test_newton),
    ),
    "BFGS": Target(
        (
            (bfgs, "inverse_update"),
            (bfgs, "curved_upwards"),
            (bfgs, "first_scale"),
            *((bfgs.BFGS, name) for name in ("direction", "observe", "forget", "first_length")),
        ),
        all_tests(test_bfgs),
    ),
    "LBFGS": Target(
        (
            (lbfgs, "two_loops"),
            *((lbfgs.LBFGS, name) for name in ("direction", "observe", "forget", "first_length")),
        ),
        all_tests(test_lbfgs),
    ),
    "strong_wolfe": Target(
        ((wolfe, "strong_wolfe"), (wolfe, "_judge"), (wolfe, "_lowest")), all_tests(test_wolfe)
    ),
    "armijo": Target(((armijo, "armijo"),), all_tests(test_armijo)),
    "bracket": Target(
        (
            *((bracket, name) for name in GUESSES),
            *((bracket.Bracket, name) for name in ("take", "_inside")),
        ),
        all_tests(test_bracket, test_wolfe),
    ),
    "interpolate": Target(
        tuple((interpolate, name) for name in ("cubic_minimum", "parabola_minimum", "secant")),
        all_tests(test_interpolate),
    ),
    "straight": Target(((straight, "longer"),), all_tests(test_straight)),
    "LineSearch": Target(
        tuple((method.LineSearch, name) for name in ("advance", "_along", "_takes")), all_tests(test_method)
    ),
    "FullBatch": Target(
        tuple((FullBatch, name) for name in ("step", "evaluate", "hessian", "graph", "_iterate", "_settled")),
        all_tests(test_full_batch),
    ),
    "derivatives": Target(
        ((derivatives, "gradients"), (derivatives, "hessian_products")), all_tests(test_derivatives)
    ),
    "conjugate_gradient": Target(
        tuple(
            (conjugate_gradient, name)
            for name in ("conjugate_gradient", "conjugate_directions", "chebyshev_bound", "_reason", "_size")
        ),
        all_tests(test_conjugate_gradient),
    ),
    "ConjugateGradient": Target(
        (
            *((nonlinear_cg, name) for name in nonlinear_cg.BETAS),
            *(
                (nonlinear_cg.ConjugateGradient, name)
                for name in ("direction", "observe", "forget", "first_length", "_starts_anew", "_beta")
            ),
        ),
        [partial(with_its_betas, test) for test in all_tests(test_nonlinear_cg)],
    ),
    "NewtonCG": Target(
        (
            (newton_cg, "eisenstat_walker"),
            (newton_cg, "_by_curvature"),
            *(
                (newton_cg.NewtonCG, name)
                for name in ("direction", "observe", "forget", "first_length", "_forcing")
            ),
        ),
        all_tests(test_newton_cg),
    ),
    "TrustRegion": Target(
        (
            *(
                (trust_region, name)
                for name in ("steihaug", "to_boundary", "gain_ratio", "next_radius", "rounding", "_drop")
            ),
            *((trust_region.TrustRegion, name) for name in ("advance", "_remembered")),
        ),
        all_tests(test_trust_region),
    ),
    "Damped": Target(
        tuple(
            (damped.Damped, name)
            for name in ("step", "length", "slope", "drop", "damping", "_towards", "_weights")
        ),
        all_tests(test_damped, test_levenberg_marquardt),
    ),
    "LevenbergMarquardt": Target(
        (
            (levenberg_marquardt, "next_region"),
            *(
                (levenberg_marquardt.LevenbergMarquardt, name)
                for name in ("advance", "_scale", "_region", "_tried")
            ),
        ),
        all_tests(test_levenberg_marquardt),
    ),
    "GaussNewton": Target(
        (
            (gauss_newton.GaussNewton, "direction"),
            *((least_squares.LeastSquares, name) for name in ("evaluate", "residuals", "fit")),
        ),
        all_tests(test_gauss_newton, test_least_squares),
    ),
    "NaturalGradient": Target(
        (
            (natural_gradient, "natural_direction"),
            (natural_gradient, "fisher_of_scores"),
            (natural_gradient.NaturalGradient, "direction"),
        ),
        all_tests(test_natural_gradient),
    ),
    "AdaHessian": Target(
        (
            *((adahessian, name) for name in ("probes", "averaged")),
            *(
                (adahessian.AdaHessian, name)
                for name in ("update", "curved", "_due", "_age", "_evaluate", "_rows", "_estimates")
            ),
        ),
        all_tests(test_adahessian),
    ),
    "Shampoo": Target(
        (
            *((shampoo, name) for name in ("gram", "inverse_root", "preconditioned", "cut", "_grafted")),
            *((shampoo.Shampoo, name) for name in ("_move", "_learn", "_recall")),
        ),
        all_tests(test_shampoo),
    ),
}
