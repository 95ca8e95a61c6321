"""Every public function of numerics, calculus and optim that takes a function: how each is called.

A new one is entered here, or in `OTHER` with what it takes; `tests/numerics/test_callables.py` sees to it and
runs what `book.numerics.callables` promises over the whole table.
"""

import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, get_args, get_origin

import torch
from torch import Tensor

import book.calculus
import book.numerics
import book.optim
from book.calculus import (
    best_rate,
    central_difference,
    classify,
    critical_points,
    curvature,
    directional_derivative,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    lanczos,
    linear_prediction,
    quadratic_prediction,
    vjp,
)
from book.numerics import relative_condition
from book.optim import (
    BFGS,
    SGD,
    backtracking,
    conjugate_gradient,
    descend,
    exact,
    hill_climb,
    minimize,
    trajectory,
)
from book.optim.conjugate_gradient import conjugate_directions
from book.optim.constrained import (
    Problem,
    augmented_lagrangian,
    kkt_residual,
    project_ball,
    projected_gradient,
    quadratic_penalty,
)
from book.optim.line_search import bracket, golden_section, restricted


def scalar(p: Tensor) -> Tensor:
    """A bowl with waves: smooth, bounded below, and no derivative of it is constant."""
    return p.square().sum() + p.sin().sum() / 2


def vector(p: Tensor) -> Tensor:
    return torch.cat([p.sin() + p, p.square().sum()[None]])


def product(v: Tensor) -> Tensor:
    """A symmetric matrix times v."""
    return 3 * v + v.flip(0)


@dataclass(frozen=True)
class Case:
    """How a function of the book is called.

    Args:
        run: from your function and a point of shape (n,) to the answer.
        f: a function that it takes.
        followed: torch differentiates f.
        compares: several values of f are compared, so that it must be the same function each time.
        branches: it branches on values, and takes one point at a time.
    """

    run: Callable[[Callable, Tensor], Any]
    f: Callable[[Tensor], Tensor] = scalar
    followed: bool = True
    compares: bool = False
    branches: bool = False

    def answer(self, f: Callable, x: Tensor) -> Tensor:
        return flat(self.run(f, x))


def flat(answer: Any) -> Tensor:
    """All numbers of an answer in one float64 vector."""
    if isinstance(answer, Tensor):
        return answer.detach().flatten().double()
    if isinstance(answer, int | float):
        return torch.tensor([answer], dtype=torch.float64)
    parts = vars(answer).values() if hasattr(answer, "__dict__") else answer
    return torch.cat([flat(part) for part in parts if not isinstance(part, str)])


def along(f: Callable, x: Tensor) -> Callable[[float], Any]:
    return lambda step: f(x - step * (2 * x + 1))


def steps(x: Tensor) -> Callable[[Tensor], list[Tensor]]:
    return lambda state: (
        [state + shift for shift in torch.eye(len(x), dtype=x.dtype, device=x.device)] + [state - 1]
    )


def under(f: Callable) -> Problem:
    """f with a constraint that is far away."""
    return Problem(f, inequalities=lambda x: x - 1e3)


in_a_ball = partial(project_ball, radius=1e3)
CASES = {
    "gradient": Case(gradient),
    "directional_derivative": Case(lambda f, x: directional_derivative(f, x, x + 1)),
    "jacobian": Case(jacobian, vector),
    "jacobian, forward": Case(lambda f, x: jacobian(f, x, "forward"), vector),
    "jvp": Case(lambda f, x: jvp(f, x, x + 1), vector),
    "vjp": Case(lambda f, x: vjp(f, x, x.new_ones(len(x) + 1)), vector),
    "hessian": Case(hessian),
    "hvp": Case(lambda f, x: hvp(f, x, x + 1)),
    "curvature": Case(lambda f, x: curvature(f, x, x + 1)),
    "linear_prediction": Case(lambda f, x: linear_prediction(f, x, x + 1), compares=True),
    "quadratic_prediction": Case(lambda f, x: quadratic_prediction(f, x, x + 1), compares=True),
    "relative_condition": Case(relative_condition, torch.exp),
    "best_rate": Case(best_rate, compares=True, branches=True),
    "classify": Case(classify, compares=True, branches=True),
    "critical_points": Case(lambda f, x: critical_points(f, x[None], steps=5), compares=True, branches=True),
    "central_difference": Case(central_difference, vector, followed=False, compares=True),
    "lanczos": Case(lambda f, x: lanczos(f, x, 3), product, followed=False, compares=True, branches=True),
    "restricted": Case(lambda f, x: restricted(f, x, x)(0.5), followed=False, branches=True),
    "backtracking": Case(lambda f, x: backtracking(f, x, 2 * x + 1), followed=False, branches=True),
    "exact": Case(lambda f, x: exact(f, x, 2 * x + 1), followed=False, compares=True, branches=True),
    "bracket": Case(lambda f, x: bracket(along(f, x), 1e-3), followed=False, branches=True),
    "golden_section": Case(
        lambda f, x: golden_section(along(f, x), 0, 1, 1e-6), followed=False, branches=True
    ),
    "descend": Case(lambda f, x: descend(f, x, 0.1, 3), branches=True),
    "trajectory": Case(lambda f, x: trajectory(lambda p: SGD(p, lr=0.1), f, x, 3), branches=True),
    "minimize": Case(
        lambda f, x: minimize(partial(BFGS, max_iter=3), f, x).path, compares=True, branches=True
    ),
    "projected_gradient": Case(
        lambda f, x: projected_gradient(f, in_a_ball, x, steps=3), compares=True, branches=True
    ),
    "quadratic_penalty": Case(
        lambda f, x: quadratic_penalty(under(f), x, max_rounds=2, max_iter=3).x, compares=True, branches=True
    ),
    "augmented_lagrangian": Case(
        lambda f, x: augmented_lagrangian(under(f), x, max_rounds=2, max_iter=3).x,
        compares=True,
        branches=True,
    ),
    "kkt_residual": Case(lambda f, x: kkt_residual(under(f), x).stationarity, branches=True),
    "conjugate_gradient": Case(
        lambda f, x: conjugate_gradient(f, x).x, product, followed=False, branches=True
    ),
    "conjugate_directions": Case(
        lambda f, x: [visit.x for visit in conjugate_directions(f, x)], product, followed=False, branches=True
    ),
    "hill_climb": Case(
        lambda f, x: hill_climb(f, x, steps(x), 3), followed=False, compares=True, branches=True
    ),
}
OTHER = {
    "augmented": "a formula: tests/optim/constrained/test_augmented_lagrangian.py",
    "learned": "a formula: tests/optim/constrained/test_augmented_lagrangian.py",
    "penalised": "a formula: tests/optim/constrained/test_penalty.py",
    "check_feasible": "looks for the others: tests/optim/constrained/test_penalty.py",
    "follow": "a schedule, from a number to a number: tests/optim/test_follow.py",
    "factor_of": "a schedule, from a number to a number: tests/optim/test_follow.py",
    "armijo": "φ of a step's length: tests/optim/line_search/test_armijo.py",
    "strong_wolfe": "φ and its slope: tests/optim/line_search/test_wolfe.py",
    "at": "φ and its slope: tests/optim/line_search/test_trial.py",
    "steihaug": "products with a method's Hessian: tests/optim/test_trust_region.py",
    "lowest": "minimises for the others: tests/optim/constrained/test_penalty.py",
    "batches_of": "a loss of torch: tests/calculus/matrix_free/test_network.py",
    "followed_forward": "a loss of torch: tests/calculus/matrix_free/test_network.py",
    "advance": "a rule's update",
    "advance_rows": "a rule's update",
    "state_bytes_of": "an optimizer's constructor",
    "of": "a function of this library, to wrap it",
    "one_output": "wraps for the others",
    "vector_output": "wraps for the others",
    "on_copies": "wraps for the others",
    "checked_product": "wraps for the others",
    "differentiable": "wraps for the others",
    "loss_of": "a closure: tests/optim/test_what_is_moved.py",
    "as_number": "wraps for the others",
    "as_height": "wraps for the others",
    "check_repeats": "looks for the others",
    "searching": "a search of this library",
    "on_own_states": "a climb of this library",
    "plain_numbers": "a function of this library",
    "floating": "a function of this library",
    "floating_vector": "a function of this library",
    "floating_matrix": "a function of this library",
}


def takes_a_function(thing: object) -> bool:
    if not inspect.isfunction(thing):
        return False
    parameters = inspect.signature(thing).parameters.values()
    return any(_callable(parameter.annotation) for parameter in parameters)


def _callable(annotation: object) -> bool:
    if annotation in (Callable, Problem) or get_origin(annotation) is Callable:
        return True
    return any(_callable(part) for part in get_args(annotation))


def takers() -> set[str]:
    """The public functions of the three packages that take a function."""
    found = set()
    for package in (book.numerics, book.calculus, book.optim):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            members = vars(import_module(info.name)).items()
            own = [(name, thing) for name, thing in members if getattr(thing, "__module__", "") == info.name]
            found |= {name for name, thing in own if not name.startswith("_") and takes_a_function(thing)}
    return found
