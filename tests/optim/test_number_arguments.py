"""Every function of `book.optim` that takes a number takes any type of it, and refuses what is none."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from book.optim import backtracking, descend, exact, hill_climb, schedules, trajectory
from book.optim.heavy_ball import best, critical_momentum, eigenvalues, iteration, rate, regime
from book.optim.sgd import SGD
from tests.cases import each, in_case

START, SLOPE = torch.tensor([1.0, -2.0]), torch.tensor([2.0, -4.0])


def square(x):
    return x.square().sum()


def down(**given):
    return descend(square, START, **{"lr": 0.25, "steps": 3, "tol": 0.5} | given).tolist()


def path(steps):
    return trajectory(lambda p: SGD(p, lr=0.25), square, START, steps).tolist()


def climb(steps):
    return hill_climb(lambda n: (n - 3) ** 2, 0, lambda n: (n - 1, n + 1), steps)


def back(**given):
    return backtracking(square, START, SLOPE, **given)


BALL = {"lr": 0.25, "momentum": 0.5, "curvature": 2.0}


def at(make):
    """The factors of a schedule at some steps."""
    return lambda **given: [make(**given)(t) for t in (0, 1, 2, 5, 9)]


CALLS = [  # a function, and arguments that are exact in every type
    (down, {"lr": 0.25, "steps": 3, "tol": 0.5}),
    (path, {"steps": 2}),
    (climb, {"steps": 2}),
    (back, {"first": 2, "shrink": 0.5, "share": 0.125}),
    (lambda first: exact(square, START, SLOPE, first), {"first": 2}),
    (lambda **given: iteration(**given).tolist(), BALL),
    (eigenvalues, BALL),
    (rate, BALL),
    (regime, BALL),
    (critical_momentum, {"lr": 0.25, "curvature": 2.0}),
    (best, {"smallest": 1, "largest": 4}),
    (at(schedules.step), {"step_size": 2, "gamma": 0.5}),
    (at(schedules.exponential), {"gamma": 0.5}),
    (at(schedules.inverse_sqrt), {"warmup": 4}),
    (at(schedules.cosine), {"T_max": 4, "eta_min": 0.25}),
    (at(schedules.warmup_cosine), {"warmup": 2, "total_steps": 8, "start_factor": 0.5, "eta_min": 0.25}),
    (
        at(schedules.one_cycle),
        {"total_steps": 8, "pct_start": 0.25, "div_factor": 4, "final_div_factor": 8},
    ),
]
PLACES = [(call, given, name) for call, given in CALLS for name in given]
FORMS = [np.float32, np.float64, np.array, Fraction, torch.tensor, lambda value: torch.tensor([value])]


@each(("call", "given"), CALLS)
def test_a_number_of_any_type_is_taken(call, given):
    for form in FORMS:
        with in_case(form):
            assert call(**{name: form(value) for name, value in given.items()}) == call(**given)


@each(("call", "given", "name"), PLACES)
def test_what_is_no_number_is_refused_by_name(call, given, name):
    for wrong in (None, "1", 1j, True, [1.0], torch.tensor(1j)):
        with in_case(wrong):
            with pytest.raises(TypeError, match=rf"(?i){name} must be a number; got") as error:
                call(**given | {name: wrong})
            assert "\n" not in str(error.value)


@each(("call", "given", "name"), PLACES)
def test_nan_inf_and_what_is_negative_are_refused_by_name(call, given, name):
    either_sign = name == "curvature" and call is not critical_momentum
    for wrong in (math.nan, math.inf, torch.tensor(math.nan), *[-1.0] * (not either_sign)):
        with in_case(wrong):
            with pytest.raises(
                ValueError, match=rf"(?i){name}|curvatures|factors of at least|first step"
            ) as error:
                call(**given | {name: wrong})
            assert "\n" not in str(error.value)
