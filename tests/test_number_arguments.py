"""Every function of numerics, calculus and surfaces that takes a number takes any type of it, and no more."""

import inspect
import math
import pkgutil
from fractions import Fraction
from importlib import import_module

import numpy as np
import pytest
import torch

import book.calculus
import book.numerics
import book.numerics.vector
from book import surfaces
from book.calculus import (
    central_difference,
    chance_of_definite,
    classify,
    critical_points,
    kind_of,
    lanczos,
    random_symmetric,
)
from book.numerics import bits, digits_lost, hilbert, overflow_depth, vanishing_depth
from book.numerics.rounding import round_stochastically, round_to
from book.optim.line_search import bracket, golden_section
from tests.cases import each, in_case

X = torch.tensor([0.0, 1.0], dtype=torch.float64)
FORMS = [np.float32, np.float64, np.array, Fraction, torch.tensor, lambda value: torch.tensor([value])]


def bowl(p):
    return p.square().sum()


def valley(step):
    return (step - 1.5) ** 2


def heights(surface):
    return surface.name, surface.noise, surface(X).item()


CALLS = [  # a function, and arguments that are exact in every type
    (central_difference, lambda h: central_difference(bowl, X, h).tolist(), {"h": 0.5}),
    (classify, lambda tol: classify(bowl, 0 * X, tol).kind, {"tol": 0.5}),
    (kind_of, lambda **given: kind_of(eigenvalues=X + 1, **given), {"gradient_norm": 0.25, "tol": 0.5}),
    (
        critical_points,
        lambda **given: critical_points(bowl, X[None], **given).tolist(),
        {"steps": 3, "tol": 0.5},
    ),
    (lanczos, lambda steps: lanczos(lambda v: v * (X + 1), X + 1, steps).values.tolist(), {"steps": 2}),
    (
        random_symmetric,
        lambda **given: random_symmetric(generator=torch.Generator().manual_seed(0), **given).tolist(),
        {"count": 2, "d": 3},
    ),
    (chance_of_definite, chance_of_definite, {"d": 3}),
    (bits, lambda value: bits(value, torch.float16), {"value": 0.375}),
    (digits_lost, digits_lost, {"kappa": 4}),
    (round_to, lambda fraction: round_to(X / 3, fraction).tolist(), {"fraction": 4}),
    (
        round_stochastically,
        lambda fraction: round_stochastically(X / 3, fraction, torch.Generator().manual_seed(0)).tolist(),
        {"fraction": 4},
    ),
    (hilbert, lambda n: hilbert(n).tolist(), {"n": 2}),
    (overflow_depth, lambda factor: overflow_depth(factor, torch.float16), {"factor": 1.5}),
    (vanishing_depth, lambda factor: vanishing_depth(factor, torch.float16), {"factor": 0.25}),
    (bracket, lambda step: bracket(valley, step), {"step": 1}),
    (golden_section, lambda **given: golden_section(valley, **given), {"low": 1, "high": 2, "tol": 0.125}),
    (surfaces.bowl, lambda **given: heights(surfaces.bowl(**given)), {"kappa": 4, "angle": 8, "noise": 0.5}),
    (
        surfaces.quadratic,
        lambda noise: heights(surfaces.quadratic(torch.eye(2), (1, 2), noise=noise)),
        {"noise": 0.5},
    ),
    (surfaces.random_quadratic, lambda seed: surfaces.random_quadratic(X + 1, seed).start, {"seed": 3}),
    (surfaces.Surface.grid, lambda points: surfaces.saddle.grid(points)[2].tolist(), {"points": 3}),
]
PLACES = [(call, given, name) for _, call, given in CALLS for name in given]
COUNTS = [place for place in PLACES if place[2] in {"steps", "count", "d", "fraction", "n", "seed", "points"}]


def test_every_function_that_takes_a_number_is_in_the_table():
    modules = [surfaces]
    for package in (book.numerics, book.calculus):
        names = [info.name for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
        modules += map(import_module, names)
    own = {
        thing
        for module in modules
        for name, thing in vars(module).items()
        if inspect.isfunction(thing) and thing.__module__ == module.__name__ and name[0] != "_"
    } - {book.numerics.vector.f64}  # of as many as there are
    kinds = (float, int, float | None, int | None)
    takes = {f for f in own if any(p.annotation in kinds for p in inspect.signature(f).parameters.values())}
    axes = {
        f for f in takes if {"dim", "ndim", "least", "stacklevel"} & inspect.signature(f).parameters.keys()
    }
    assert takes - axes <= {f for f, *_ in CALLS}


@pytest.mark.parametrize(("_", "call", "given"), CALLS)
def test_a_number_of_any_type_is_taken(_, call, given):
    for form in FORMS:
        with in_case(form):
            assert call(**{name: form(value) for name, value in given.items()}) == call(**given)


@each(("call", "given", "name"), PLACES)
def test_what_is_no_number_is_refused_by_name(call, given, name):
    for wrong in ("1", 1j, True, [1.0], torch.tensor(1j)):
        with in_case(wrong):
            with pytest.raises(TypeError, match=f"{name} must be a number; got") as error:
                call(**given | {name: wrong})
            assert "\n" not in str(error.value)


@each(("call", "given", "name"), COUNTS)
def test_a_count_that_is_none_is_refused(call, given, name):
    for wrong in (2.5, math.inf, 10**400):
        with (
            in_case(str(wrong)[:9]),
            pytest.raises(ValueError, match=rf"{name} must be a whole number; got (2\.5|inf)\."),
        ):
            call(**given | {name: wrong})


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        (lambda: critical_points(bowl, X[None], tol=-1), "tol from 0 on"),
        (lambda: critical_points(bowl, X[None], steps=-1), "steps and tol from 0 on"),
        (lambda: critical_points(bowl, X[None], tol=math.nan), "tol from 0 on"),
        (lambda: random_symmetric(-1, 2, torch.Generator()), "count from 0"),
        (lambda: random_symmetric(1, 0, torch.Generator()), "d from 1 on"),
        (lambda: golden_section(valley, 0, 2, math.nan), "tol must be at least 0"),
        (lambda: golden_section(valley, 0, 2, -1), "tol must be at least 0"),
    ],
)
def test_a_number_outside_its_range_is_refused(call, wrong):
    with pytest.raises(ValueError, match=wrong):
        call()
