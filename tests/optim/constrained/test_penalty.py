"""The quadratic penalty: its path in closed form, known minima, and its ways to end."""

import math
from unittest import mock

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from book.calculus import gradient, hessian
from book.numerics.vector import f64
from book.optim import BFGS, LBFGS, Newton
from book.optim.constrained import Infeasible, Problem, quadratic_penalty, rounds
from book.optim.constrained.penalty import penalised
from book.optim.constrained.rounds import _polish, check_feasible, lowest
from book.optim.line_search.unbounded import Unbounded
from tests.optim.constrained.hock_schittkowski import EXAMPLES

LINE = Problem(lambda x: x[0] ** 2 + 3 * x[1] ** 2, lambda x: (x[0] + x[1] - 4)[None])


def test_the_penalised_function_is_its_formula():
    problem = Problem(lambda x: x[0] ** 3, lambda x: x * x - 1, lambda x: torch.stack([x[1] - 1, -x[0]]))
    x, rho = f64(2, 3), 7.0
    assert penalised(problem, x, rho).item() == pytest.approx(8 + rho / 2 * (3**2 + 8**2 + 2**2 + 0))


def test_each_round_ends_at_the_minimum_that_a_formula_gives():
    # ∇Q = 0: 2x + ρ s = 0 and 6y + ρ s = 0 with s = x + y − 4, so s = −4 / (1 + 2ρ/3).
    found = quadratic_penalty(LINE, f64(0, 0), tol=1e-7)
    assert found.status == "solved"
    for each in found.rounds:
        s = -4 / (1 + 2 * each.penalty / 3)
        exact = f64(-each.penalty * s / 2, -each.penalty * s / 6)
        torch.testing.assert_close(each.x, exact, rtol=0, atol=2 / each.penalty)
        assert each.violation == pytest.approx(abs(s), rel=0.05 if each.penalty > 1 else 1)
    assert found.kkt.multipliers.equality.item() == pytest.approx(-6, abs=1e-5)


@pytest.mark.long
@pytest.mark.parametrize("number", [7, 12, 14, 22, 28, 35, 39, 48])
def test_it_reaches_the_known_minimum(number):
    example = EXAMPLES[number]
    found = quadratic_penalty(example.problem, example.x0, tol=1e-5)
    assert found.status == "solved"
    assert found.value == pytest.approx(example.minimum, abs=2e-4)
    assert found.kkt.largest <= 1e-5


@pytest.mark.long
def test_the_rounding_of_a_constraint_times_the_penalty_ends_what_it_can_reach():
    example = EXAMPLES[43]
    found = quadratic_penalty(example.problem, example.x0, tol=1e-7)
    assert found.status == "penalty"
    assert set(found.kkt.failing(1e-7)) == {"stationarity"}


def test_the_curvature_across_the_constraint_grows_with_the_penalty():
    conditions = []
    for rho in (1e2, 1e4, 1e6):
        values = torch.linalg.eigvalsh(hessian(lambda x, rho=rho: penalised(LINE, x, rho), f64(3, 1)))
        conditions.append((values[-1] / values[0]).item())
    assert conditions[1] / conditions[0] == pytest.approx(100, rel=0.05)
    assert conditions[2] / conditions[1] == pytest.approx(100, rel=0.01)


@pytest.mark.parametrize("inner", [LBFGS, Newton])
def test_any_method_of_the_book_may_work_inside(inner):
    found = quadratic_penalty(LINE, f64(0, 0), inner=inner)
    torch.testing.assert_close(found.x, f64(3, 1), rtol=0, atol=1e-5)


def test_constraints_that_no_point_fulfils_are_refused_with_the_least_infeasible_point():
    apart = Problem(lambda x: x @ x, inequalities=lambda x: torch.stack([x[0] + 1, 3 - x[0]]))
    with pytest.raises(Infeasible, match="one is violated by 2") as error:
        quadratic_penalty(apart, f64(5, 5))
    assert error.value.x[0].item() == pytest.approx(1, abs=1e-8)
    assert error.value.violation == pytest.approx(2, abs=1e-8)


def test_a_function_that_outruns_any_penalty_is_refused():
    falling = Problem(lambda x: -(x[0] ** 4) - x[1], lambda x: (x[0] - 1)[None])
    with pytest.raises(Unbounded, match="f still falls far away, and a penalty of 1e"):
        quadratic_penalty(falling, f64(0, 0))


def test_a_penalty_that_is_too_small_to_hold_f_is_made_larger():
    saddle = Problem(lambda x: x[0] ** 2 - 8 * x[1] ** 2, lambda x: x[1:] - 1)  # ρ must be above 16
    found = quadratic_penalty(saddle, f64(1, 0))
    assert found.status == "solved"
    assert found.rounds[0].penalty == 100


def test_running_out_of_rounds_is_said():
    found = quadratic_penalty(LINE, f64(0, 0), max_rounds=2)
    assert (found.status, len(found.rounds)) == ("max_rounds", 2)
    assert "equality" in found.kkt.failing()
    assert found.evaluations == sum(each.evaluations for each in found.rounds)


def test_your_functions_may_work_in_place_and_under_no_grad():
    rough = Problem(lambda x: x.square_()[0] + 3 * x[1], lambda x: x.sub_(2).sum()[None])
    with torch.no_grad():
        found = quadratic_penalty(rough, f64(0, 0))
    torch.testing.assert_close(found.x, f64(3, 1), rtol=0, atol=1e-5)


def test_the_start_stays_as_it_is():
    start = f64(0, 0)
    quadratic_penalty(LINE, start, max_rounds=1)
    assert start.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"penalty": 0.0}, ValueError, "penalty is above 0"),
        ({"penalty": math.nan}, ValueError, "penalty is above 0"),
        ({"growth": 1.0}, ValueError, "its growth above 1"),
        ({"tol": -1.0}, ValueError, "tol must be in"),
        ({"max_rounds": 0}, ValueError, "max_rounds start at 1"),
        ({"penalty": "1"}, TypeError, "penalty must be a number"),
        ({"max_iter": 0}, ValueError, "max_iter"),
    ],
)
def test_bad_input_gets_one_sentence(options, error, message):
    with pytest.raises(error, match=message):
        quadratic_penalty(LINE, f64(0, 0), **options)


def test_what_lies_10_to_the_20_times_deeper_than_the_start_is_no_minimum():
    with pytest.raises(Unbounded, match="The loss still falls where"):
        lowest(lambda x: -1.5e20 * x.sum().tanh(), f64(0), BFGS, 1e-6, 100)
    x, _ = lowest(lambda x: 1e6 + 1e15 * (x.sum() ** 2 - 2 * x.sum()), f64(0), BFGS, 1e-3, 100)
    assert x.item() == pytest.approx(1, abs=1e-9)


def test_only_where_values_no_longer_tell_is_there_a_polish():
    one = lambda x: (x.exp() - x).sum()  # noqa: E731
    x, evaluations = lowest(one, f64(2), BFGS, 1e-12, 1)
    plain = torch.nn.Parameter(f64(2))
    optimizer = BFGS([plain], max_iter=1, tolerance_grad=1e-12, tolerance_change=0.0)
    optimizer.step(lambda: one(plain))
    assert (x.item(), evaluations) == (plain.item(), optimizer.memory["evaluations"])


def test_where_values_no_longer_tell_the_gradient_is_polished():
    def far(x):
        return 1e6 + (x - 3).square().sum() / 2 + x[0].exp() / 9  # rounded to 1e-10

    x, _ = lowest(far, f64(0, 0), BFGS, 1e-12, 100)
    assert gradient(far, x).abs().max() <= 1e-12


@pytest.mark.parametrize(("power", "steps", "end"), [(1.5, 1, 1.0), (1.75, 5, -1 / 243)])
def test_a_step_of_the_polish_that_does_not_halve_the_gradient_is_taken_back(power, steps, end):
    """Newton's step on |x|^p goes to x (p − 2) / (p − 1): with p = 1.5 to −x, with p = 1.75 to −x / 3."""
    x, calls = torch.nn.Parameter(f64(1, 1)), []

    def loss():
        calls.append(x)
        return (x.abs() ** power).sum()

    loss().backward()
    calls.clear()
    assert _polish(loss, x, 0.05) == len(calls) + steps * len(x)  # a Hessian is a product for each entry
    assert x.tolist() == pytest.approx([end, end])


def test_where_the_gradient_is_small_enough_the_polish_spends_nothing():
    x = torch.nn.Parameter(f64(1e-9))
    x.square().sum().backward()
    assert _polish(lambda: x.square().sum(), x, 1e-8) == 0
    assert x.item() == 1e-9


def test_where_one_slope_of_what_is_violated_is_steep_nothing_is_called_infeasible():
    """At the kink of |x| + 1 a descent stops and the slope is ±1; the second entry has none."""
    kinked = Problem(lambda x: x @ x, lambda x: x[:1].abs() + 1)
    check_feasible(kinked, f64(0.3, 5), 1e-8)
    small = Problem(lambda x: x @ x, lambda x: x[:1].abs() / 100 + 1e-3)  # 1e-5 is steep beside 1e-3
    check_feasible(small, f64(0.3, 5), 1e-8)
    with pytest.raises(Infeasible, match="one is violated by 1"):
        check_feasible(Problem(lambda x: x @ x, lambda x: x[:1].square() + 1), f64(0.3, 5), 1e-8)


@given(exponent=st.integers(-9, 9), offset=st.floats(0.5, 50))
def test_what_can_be_fulfilled_does_not_depend_on_the_units_of_a_constraint(exponent, offset):
    """A line and a parabola that have a point on 0, and a parabola that has none, times a power of ten."""
    unit = 10.0**exponent
    for reaches in (lambda x: x[:1] + x[1:] - offset, lambda x: x[:1].square() - offset):
        check_feasible(
            Problem(lambda x: x @ x, lambda x, h=reaches: unit * h(x)), f64(0.3, -0.2), 1e-12 * unit
        )
    above = Problem(lambda x: x @ x, lambda x: unit * (x[:1].square() + offset))
    with pytest.raises(Infeasible) as error:
        check_feasible(above, f64(0.3, -0.2), 1e-12 * unit)
    assert error.value.violation == pytest.approx(unit * offset)


@pytest.mark.long
def test_after_a_thousand_iterations_in_a_winding_valley_nothing_is_called_infeasible():
    """The residuals of Nesterov's Chebyshev-Rosenbrock function, whose valley folds at each further entry."""
    begun = []

    class Seen(BFGS):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            begun.append(self)

    winding = Problem(lambda x: x @ x, lambda x: torch.cat([(x[:1] - 1) / 2, x[1:] - 2 * x[:-1] ** 2 + 1]))
    with mock.patch.object(rounds, "BFGS", Seen):
        check_feasible(winding, f64(-1, 1, 1, 1, 1, 1), 1e-8)
    assert [(each.status, each.memory["step"]) for each in begun] == [("max_iter", 1000)]
