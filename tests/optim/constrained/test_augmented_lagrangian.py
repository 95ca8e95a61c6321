"""The augmented Lagrangian against scipy's SLSQP and the known minima of Hock and Schittkowski."""

import pytest
import torch

from book.calculus import gradient
from book.numerics.vector import f64
from book.optim import BFGS, LBFGS, Newton
from book.optim.constrained import (
    Infeasible,
    Multipliers,
    Problem,
    augmented_lagrangian,
    kkt_residual,
    quadratic_penalty,
)
from book.optim.constrained.augmented_lagrangian import augmented, learned
from book.optim.line_search.unbounded import Unbounded
from tests.optim.constrained.hock_schittkowski import EXAMPLES
from tests.optim.constrained.slsqp import slsqp

MIXED = EXAMPLES[14].problem
SINGULAR = 61  # at its start the constraints' gradients are dependent, and SLSQP stops there
LONG = {71, 77, 79, 80, 100, 113}


def in_time(number):
    """The quick ones in every run, those of many evaluations in the long one."""
    return pytest.param(number, marks=pytest.mark.long if number in LONG else ())


@pytest.mark.long
@pytest.mark.parametrize("number", list(map(in_time, EXAMPLES)))
def test_it_solves_what_scipy_s_slsqp_solves(number):
    example = EXAMPLES[number]
    found, theirs = augmented_lagrangian(example.problem, example.x0), slsqp(example)
    assert found.status == "solved"
    assert found.kkt.largest <= 1e-8
    assert found.value == pytest.approx(example.minimum, abs=2e-8 * (1 + abs(example.minimum)))
    if number == SINGULAR:
        assert not theirs.success
        assert "Singular matrix" in theirs.message
    else:
        assert found.value == pytest.approx(theirs.fun, abs=1e-7 * (1 + abs(theirs.fun)))


def test_the_function_and_the_multipliers_are_their_formulas():
    x, rho = f64(0.3, -0.7), 5.0
    given = Multipliers(f64(0.4), f64(1.3))
    h, c = x[0] - 2 * x[1] + 1, 0.25 * x[0] ** 2 + x[1] ** 2 - 1
    f = (x[0] - 2) ** 2 + (x[1] - 1) ** 2
    # For an inequality: the least of λ (c + s) + ρ/2 (c + s)² over slacks s ≥ 0.
    slacks = torch.linspace(0, 2, 2_000_001, dtype=torch.float64)
    least = (1.3 * (c + slacks) + rho / 2 * (c + slacks) ** 2).min()
    expected = f + 0.4 * h + rho / 2 * h**2 + least
    assert augmented(MIXED, x, given, rho).item() == pytest.approx(expected.item(), abs=1e-10)
    new = learned(MIXED, x, given, rho)
    assert new.equality.item() == pytest.approx(0.4 + rho * h.item())
    assert new.inequality.item() == pytest.approx(max(1.3 + rho * c.item(), 0))


def test_with_the_new_multipliers_the_lagrangian_has_the_gradient_that_the_augmented_one_had():
    given = Multipliers(f64(0.4), f64(1.3))
    for x in (f64(0.3, -0.7), f64(2, 2), f64(-1, 0.5)):
        new = learned(MIXED, x, given, 5.0)
        torch.testing.assert_close(
            gradient(lambda p, new=new: MIXED.lagrangian(p, new), x),
            gradient(lambda p: augmented(MIXED, p, given, 5.0), x),
            rtol=0,
            atol=1e-13,
        )


def test_the_multipliers_settle_by_the_factor_of_the_theory():
    # min ½ x² with x = 1: a round takes the error of ν to 1/(1 + ρ) of itself.
    point = Problem(lambda x: x @ x / 2, lambda x: x - 1)
    nu, rho, errors = f64(0), 10.0, []
    for _ in range(5):
        x = (rho - nu) / (1 + rho)
        nu = learned(point, x, Multipliers(nu, f64()), rho).equality
        errors.append(abs(nu.item() + 1))
    assert errors == pytest.approx([11.0**-k for k in range(1, 6)], rel=1e-6)
    found = augmented_lagrangian(point, f64(5))
    assert found.kkt.multipliers.equality.item() == pytest.approx(-1, abs=1e-8)
    assert {each.penalty for each in found.rounds} == {10}


def pinned(c, *places):
    """½ c ‖x‖², each entry at its place: a round leaves c / (c + ρ) of what it meets."""
    return Problem(lambda x: c / 2 * x @ x, lambda x: x - f64(*places))


@pytest.mark.parametrize(
    ("curvature", "places", "penalties"),
    [
        (1, [0.79 * 11], [10, 10]),  # a first round may leave ρ^(-1/10) = 0.794
        (1, [0.80 * 11], [10, 100]),
        (1, [0.1, 0.80 * 11], [10, 100]),  # the largest counts
        (2.5, [0.098 * 25], [10, 10, 10]),  # a second one ρ^(-9/10) of that, 0.1
        (2.5, [0.102 * 25], [10, 10, 100]),
    ],
)
def test_the_penalty_grows_where_a_round_leaves_more_than_is_allowed(curvature, places, penalties):
    problem = pinned(curvature, *places)
    found = augmented_lagrangian(problem, 0 * f64(*places), inner=Newton, max_rounds=len(penalties))
    assert [each.penalty for each in found.rounds] == penalties


def test_what_an_inequality_leaves_counts_as_well():
    both = Problem(lambda x: x @ x / 2, lambda x: x[:1] - 0.1, lambda x: 0.80 * 11 - x[1:])
    found = augmented_lagrangian(both, f64(0, 0), inner=Newton, max_rounds=2)
    assert [each.penalty for each in found.rounds] == [10, 100]


def test_the_first_round_has_no_multipliers_wherever_it_starts():
    both = Problem(lambda x: x @ x / 2, lambda x: x[:1] - 1, lambda x: 1 - x[1:])
    first = augmented_lagrangian(both, f64(-7, -7), inner=Newton, max_rounds=1).rounds[0]
    torch.testing.assert_close(first.x, f64(1, 1) * 10 / 11)


def test_each_round_is_asked_for_a_flatter_minimum_down_to_half_the_tolerance():
    asked = []

    class Told(BFGS):
        def __init__(self, params, **options):
            asked.append(options)
            super().__init__(params, **options)

    augmented_lagrangian(pinned(2, 1.0), f64(0), tol=1e-4, inner=Told)
    tolerances = [options["tolerance_grad"] for options in asked]
    assert tolerances == pytest.approx([1e-1, 1e-2, 1e-3, 1e-4, 5e-5, 5e-5], rel=1e-12)
    assert {options["max_iter"] for options in asked} == {1000}


@pytest.mark.long
def test_a_tolerance_of_0_runs_out_of_fifty_rounds_and_says_so():
    found = augmented_lagrangian(Problem(lambda x: x @ x, lambda x: x.sum()[None] - 2), f64(0, 0), tol=0)
    assert (found.status, len(found.rounds)) == ("max_rounds", 50)
    torch.testing.assert_close(found.x, f64(1, 1), rtol=0, atol=1e-14)


@pytest.mark.long
def test_its_multipliers_are_those_that_fit_best():
    for number in (14, 22, 39, 43):
        example = EXAMPLES[number]
        found = augmented_lagrangian(example.problem, example.x0)
        fitted = kkt_residual(example.problem, found.x, tol=1e-6).multipliers
        for ours, theirs in zip(found.kkt.multipliers, fitted, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)


def test_its_penalty_stays_far_below_that_of_the_penalty_alone():
    example = EXAMPLES[39]
    mild = augmented_lagrangian(example.problem, example.x0, tol=1e-6)
    harsh = quadratic_penalty(example.problem, example.x0, tol=1e-6)
    assert mild.status == harsh.status == "solved"
    assert mild.rounds[-1].penalty <= 1e3 < 1e5 <= harsh.rounds[-1].penalty


def test_any_method_of_the_book_may_work_inside():
    example = EXAMPLES[43]
    found = augmented_lagrangian(example.problem, example.x0, inner=LBFGS)
    assert found.value == pytest.approx(example.minimum, abs=1e-7)


def test_constraints_that_no_point_fulfils_are_refused_with_the_least_infeasible_point():
    far = Problem(lambda x: x[0], lambda x: torch.stack([x @ x - 1, x[0] + x[1] - 3]))
    with pytest.raises(Infeasible, match="Relax one, or start elsewhere") as error:
        augmented_lagrangian(far, f64(0.5, 0))
    x = error.value.x
    assert x[0].item() == pytest.approx(x[1].item(), abs=1e-6)
    assert error.value.violation == pytest.approx(far.violation(x))
    # Of θ = ((2a² − 1)² + (2a − 3)²) / 2 on the diagonal: 4a (2a² − 1) + 2 (2a − 3) = 0.
    a = x[0].item()
    assert 4 * a * (2 * a * a - 1) + 2 * (2 * a - 3) == pytest.approx(0, abs=1e-6)


def test_a_square_that_can_never_be_negative_is_infeasible_too():
    with pytest.raises(Infeasible) as error:
        augmented_lagrangian(Problem(lambda x: x.sum(), lambda x: x * x + 1), f64(2))
    assert error.value.x.item() == pytest.approx(0, abs=1e-6)
    assert error.value.violation == pytest.approx(1)


@pytest.mark.long
@pytest.mark.parametrize("method", [augmented_lagrangian, quadratic_penalty])
def test_a_cusp_has_no_multipliers_and_the_status_says_so(method):
    cusp = Problem(lambda x: -x[0], inequalities=lambda x: torch.stack([x[1] - (1 - x[0]) ** 3, -x[1]]))
    found = method(cusp, f64(0, 0.5))
    assert found.status == "dependent"
    torch.testing.assert_close(found.x, f64(1, 0), rtol=0, atol=0.02)
    assert found.kkt.multipliers.inequality.min() > 100  # and growing with the penalty


def test_a_constraint_said_twice_is_solved_all_the_same():
    twice = Problem(lambda x: x @ x, lambda x: torch.stack([x.sum() - 2, 2 * x.sum() - 4]))
    found = augmented_lagrangian(twice, f64(0, 0))
    assert found.status == "solved"
    torch.testing.assert_close(found.x, f64(1, 1), rtol=0, atol=1e-8)
    assert not found.kkt.independent
    assert "2 active gradients have rank 1" in found.kkt.explain()


def test_a_function_that_outruns_any_penalty_is_refused():
    with pytest.raises(Unbounded, match="f still falls far away, and a penalty of 1e"):
        augmented_lagrangian(Problem(lambda x: -x[1], lambda x: x[:1] - 1), f64(0, 0))


def test_without_constraints_nothing_is_left_over():
    found = augmented_lagrangian(Problem(lambda x: x.square().sum()), f64(3), penalty=0.5)
    assert (found.status, len(found.rounds)) == ("solved", 1)


def test_without_constraints_it_is_the_inner_method():
    found = augmented_lagrangian(Problem(lambda x: (x - 3).square().sum()), f64(0, 0))
    assert found.status == "solved"
    torch.testing.assert_close(found.x, f64(3, 3), rtol=0, atol=1e-8)


def test_a_start_where_f_is_not_finite_is_refused():
    with pytest.raises(FloatingPointError, match="starts where the loss"):
        augmented_lagrangian(Problem(lambda x: x.log().sum(), lambda x: x - 1), f64(-1))


def test_running_out_of_rounds_is_said():
    found = augmented_lagrangian(MIXED, f64(2, 2), max_rounds=1)
    assert found.status == "max_rounds"
    assert found.kkt.failing()
