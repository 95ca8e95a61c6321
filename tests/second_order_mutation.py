"""What `tests.mutation` changes in the second-order methods, and which of their tests judge each change."""

from collections.abc import Callable
from importlib import import_module

from book.optim import bfgs, derivatives, lbfgs, newton
from book.optim.full_batch import FullBatch
from book.optim.line_search import armijo, interpolate, method, wolfe
from tests.mutants import Target
from tests.optim import test_bfgs, test_derivatives, test_full_batch, test_lbfgs, test_newton
from tests.optim.line_search import test_armijo, test_bracket, test_interpolate, test_method, test_wolfe

bracket = import_module("book.optim.line_search.bracket")  # the package's face has a function of that name


def all_tests(*modules) -> Callable[[], None]:
    """Every test of some modules, with all its parameters."""

    def check() -> None:
        for module in modules:
            for name, test in vars(module).items():
                if name.startswith("test_"):
                    for arguments in combinations(test):
                        test(**arguments)

    return check


def combinations(test: Callable) -> list[dict]:
    """What pytest would call a test with."""
    sets: list[dict] = [{}]
    for mark in getattr(test, "pytestmark", []):
        if mark.name == "parametrize":
            names, values = mark.args[:2]
            names = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
            rows = [dict(zip(names, v if len(names) > 1 else (v,), strict=True)) for v in values]
            sets = [old | row for old in sets for row in rows]
    return sets


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
}
