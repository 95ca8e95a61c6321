"""Line searches against closed forms, scipy, and by their own definitions."""

import math
from functools import partial
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from book.calculus import best_rate, gradient
from book.optim import backtracking, descend, exact
from book.optim.line_search import bracket, golden_section
from book.surfaces import beale, bowl, cubic, himmelblau, plateau, random_quadratic, rosenbrock
from tests.cases import each

CURVED = [beale, himmelblau, rosenbrock, plateau]


def rate(search, f, x, **options):
    return search(f, x, gradient(f, x), **options)


def logistic(w):
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(40, 3, generator=generator, dtype=w.dtype)
    return torch.nn.functional.softplus(-X @ w).mean() + 0.05 * w.square().sum()


@each("kappa", [1.0, 3.0, 100.0, 1e4])
@each("first", [1e-4, 1.0, 50.0])
def test_exact_is_the_best_rate_of_a_quadratic(kappa, first):
    f = bowl(kappa, angle=20)
    x = torch.tensor([2.0, 1.0], dtype=torch.float64)
    assert rate(exact, f, x, first=first) == pytest.approx(best_rate(f, x), rel=1e-6)


def test_exact_is_the_best_rate_in_many_dimensions():
    f = random_quadratic(torch.logspace(0, 3, 40), seed=3)
    assert rate(exact, f, f.at_start()) == pytest.approx(best_rate(f, f.at_start()), rel=1e-6)


@pytest.mark.parametrize("f", [*CURVED, logistic], ids=lambda f: getattr(f, "name", "logistic"))
def test_exact_ends_where_scipy_ends_from_the_same_bracket(f):
    x = torch.tensor([0.3, -0.4, 0.8][: 3 if f is logistic else 2], dtype=torch.float64)
    g = gradient(f, x)
    found = exact(f, x, g, first=1e-3)

    def along(eta):
        return f(x - eta * g).item()

    theirs = minimize_scalar(along, bracket=(0, 1e-3), method="brent", options={"xtol": 1e-10})
    assert along(found) <= along(0)
    assert found == pytest.approx(theirs.x, rel=1e-6)


def test_after_an_exact_step_the_new_gradient_is_at_right_angles():
    path = descend(rosenbrock, rosenbrock.at_start(), lr=exact, steps=20)
    for x, y in pairwise(path):
        before, after = gradient(rosenbrock, x), gradient(rosenbrock, y)
        assert abs(before @ after) < 1e-4 * before.norm() * before.norm()


@each("f", CURVED)
@each("share", [1e-4, 0.3, 0.9])
def test_backtracking_takes_the_first_step_that_armijo_allows(f, share):
    x = torch.tensor([0.3, -0.4], dtype=torch.float64)
    g = gradient(f, x)
    eta = backtracking(f, x, g, first=4.0, shrink=0.7, share=share)
    tries = [4.0 * 0.7**k for k in range(60)]
    allowed = [h for h in tries if f(x - h * g) <= f(x) - share * h * g @ g]
    assert eta == pytest.approx(max(allowed), rel=1e-12)


@pytest.mark.parametrize("L", [3.0, 10.0, 1e3])
def test_backtracking_is_within_a_factor_of_the_longest_allowed_step(L):
    # For ½Lx² Armijo's condition is η ≤ 2(1 − share)/L.
    x = torch.tensor([1.0], dtype=torch.float64)
    eta = rate(backtracking, lambda x: L * x.square().sum() / 2, x, share=0.1)
    assert 0.9 / L < eta <= 1.8 / L


def test_descent_with_either_never_goes_up_and_arrives():
    for search in (backtracking, exact, partial(backtracking, share=0.4)):
        path = descend(logistic, torch.full((3,), 5.0, dtype=torch.float64), search, 200, tol=1e-6)
        heights = torch.stack([logistic(x) for x in path])
        assert (heights.diff() <= 0).all()
        assert gradient(logistic, path[-1]).norm() <= 1e-6


def test_steps_into_inf_or_nan_are_refused():
    def wall(x):
        return torch.where(x < 0, math.nan, (x - 1).square()).sum()

    x = torch.tensor([2.0], dtype=torch.float64)
    assert rate(backtracking, wall, x, first=8.0) == 0.5  # 8 … 2 are nan; 1 goes to 0, as high as 2 is
    assert rate(exact, wall, x, first=8.0) == pytest.approx(0.5, rel=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_where_f_falls_for_ever_exact_says_so(dtype):
    x = torch.tensor([1.2], dtype=dtype)
    with pytest.raises(ValueError, match="seems to have no minimum there; use backtracking"):
        rate(exact, cubic, x)


@pytest.mark.parametrize("search", [backtracking, exact])
def test_uphill_gives_up_without_a_step(search):
    x = torch.tensor([1.0], dtype=torch.float64)
    eta = search(lambda x: x.sum(), x, -torch.ones(1, dtype=torch.float64))
    assert torch.equal(x + eta, x)


@pytest.mark.parametrize("wrong", [{"shrink": 1.0}, {"shrink": 0.0}, {"share": 1.0}, {"first": 0.0}])
def test_backtracking_refuses_what_would_never_end(wrong):
    with pytest.raises(ValueError, match=r"between 0 and 1|above 0"):
        rate(backtracking, rosenbrock, torch.zeros(2, dtype=torch.float64), **wrong)


def test_the_bracket_holds_a_minimum():
    for place in (0.6, 1.0, 3.0, 100.0):
        low, high = bracket(lambda step, place=place: (step - place) ** 2, 1.0)
        assert low < place < high
        assert golden_section(lambda s, place=place: (s - place) ** 2, low, high, 1e-8) == pytest.approx(
            place
        )


def test_golden_section_spends_one_value_a_step():
    count = []
    golden_section(lambda step: count.append(step) or (step - 0.3) ** 2, 0.0, 1.0, tol=1e-3)
    expected = 2 + math.ceil(math.log(1e-3 * 0.3) / math.log((5**0.5 - 1) / 2))
    assert abs(len(count) - expected) <= 1


@pytest.mark.long
@given(st.integers(-30, 30), st.sampled_from([torch.float32, torch.float64]))
@settings(max_examples=60)
def test_the_height_of_f_scales_the_rates(power, dtype):
    scale, λ = 10.0**power, torch.tensor([1.0, 3.0], dtype=dtype)

    def f(p):
        return (λ * (p * scale) * (p / 2)).sum()

    x = torch.tensor([1.0, 2.0], dtype=dtype)
    assert rate(exact, f, x) * scale == pytest.approx(37 / 109, rel=1e-3)
    eta = rate(backtracking, f, x, first=64 / scale, share=0.3)
    assert eta * scale == pytest.approx(0.25)  # 1.4 · 37/109 = 0.475 is the longest that this share allows


def test_a_search_turns_away_from_where_f_is_not_finite():
    def wall(p):
        return torch.where(p < 0.2, math.nan, (p - 0.3).square()).sum()

    x = torch.tensor([2.0], dtype=torch.float64)
    assert (x - rate(exact, wall, x) * gradient(wall, x)).item() == pytest.approx(0.3, rel=1e-6)
    assert golden_section(lambda s: math.nan if s > 0.1 else (s - 0.05) ** 2, 0, 1, 1e-8) == pytest.approx(
        0.05
    )


@pytest.mark.parametrize("search", [backtracking, exact])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_search_that_cannot_begin_says_so(search, bad):
    x = torch.tensor([1.0, 2.0])
    for f, at, g in (
        (torch.sum, torch.tensor([1.0, bad]), x),
        (torch.sum, x, torch.tensor([1.0, bad])),
        (lambda p: p.sum() * bad, x, x),
    ):
        with pytest.raises(ValueError, match="starts where x, g and"):
            search(f, at, g)
    with pytest.raises(ValueError, match="first step above 0"):
        search(torch.sum, x, x, first=bad)
    with pytest.raises(ValueError, match="direction of the point's shape"):
        search(torch.sum, x, torch.ones(3))


def test_a_bracket_that_is_none_is_refused():
    for step in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="above 0 and finite"):
            bracket(lambda s: s * s, step)
    for low, high in ((1.0, 0.0), (-1.0, 1.0), (0.0, math.inf)):
        with pytest.raises(ValueError, match="A bracket has"):
            golden_section(lambda s: s * s, low, high, 1e-6)
    assert golden_section(lambda s: (s - 0.3) ** 2, 0.0, 1.0, tol=0.0) == pytest.approx(0.3, rel=1e-6)


def test_a_golden_section_ends_at_a_minimum_at_0():
    for low in (0, 1e-320):
        assert 0 <= golden_section(lambda s: s, low, 1.0, tol=1e-6) <= 1e-306


def test_backtracking_asks_f_once_for_each_trial_and_once_before():
    calls = []
    eta = backtracking(
        lambda p: calls.append(1) or 5 * p.square().sum(), torch.ones(1), torch.full((1,), 10.0)
    )
    assert (eta, len(calls)) == (0.125, 5)  # f(x), then 1, ½, ¼ and ⅛


def test_golden_section_turns_to_the_finite_side():
    assert golden_section(lambda s: math.nan if s < 4 else (s - 5) ** 2, 0.0, 8.0, 1e-6) == pytest.approx(
        5, rel=1e-5
    )
    assert golden_section(lambda s: math.inf if s > 4 else (s - 3) ** 2, 0.0, 8.0, 1e-6) == pytest.approx(
        3, rel=1e-5
    )
