"""The conditions, each made to fail alone; multipliers by least squares; dependent gradients."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from book.numerics.vector import f64
from book.optim.constrained import Multipliers, Problem, kkt_residual
from book.optim.constrained.kkt import CONDITIONS

# (x − 2)² + (y − 1)² on the line x = 2y − 1, within the ellipse x²/4 + y² = 1: Hock and Schittkowski's 14.
PROBLEM = Problem(
    lambda x: (x[0] - 2) ** 2 + (x[1] - 1) ** 2,
    lambda x: (x[0] - 2 * x[1] + 1)[None],
    lambda x: torch.stack([0.25 * x[0] ** 2 + x[1] ** 2 - 1, -10 - x[0]]),
)
ROOT = 7**0.5
X = f64((ROOT - 1) / 2, (ROOT + 1) / 4)


def plain(x, nu, lam):
    """All remainders in numpy, with derivatives by hand."""
    a, b = x
    pull = np.array([2 * (a - 2), 2 * (b - 1)])
    equal = np.array([[1.0, -2.0]])
    unequal = np.array([[a / 2, 2 * b], [-1.0, 0.0]])
    h, c = np.array([a - 2 * b + 1]), np.array([a * a / 4 + b * b - 1, -10 - a])
    return {
        "stationarity": pull + nu @ equal + lam @ unequal,
        "equality": abs(h),
        "inequality": np.maximum(c, 0),
        "sign": np.maximum(-lam, 0),
        "complementarity": abs(lam * c),
    }


@pytest.mark.parametrize("seed", range(5))
def test_each_remainder_is_the_formula_written_by_hand(seed):
    generator = np.random.default_rng(seed)
    x, nu, lam = generator.normal(size=2) * 2, generator.normal(size=1), generator.normal(size=2)
    found = kkt_residual(PROBLEM, f64(*x), Multipliers(f64(*nu), f64(*lam)))
    for condition, expected in plain(x, nu, lam).items():
        np.testing.assert_allclose(getattr(found, condition).numpy(), expected, rtol=0, atol=1e-13)
        assert found.size(condition) == pytest.approx(np.abs(expected).max(), abs=1e-13)
    assert found.largest == max(map(found.size, CONDITIONS))


def test_at_the_solution_all_hold_with_the_multipliers_that_fit_best():
    found = kkt_residual(PROBLEM, X)
    assert found.largest < 1e-14
    assert found.failing(1e-12) == {}
    assert found.independent
    assert found.explain() == "All conditions hold to 1e-06."
    nu, lam = found.multipliers
    exact = np.linalg.solve(np.array([[1, -2], [X[0] / 2, 2 * X[1]]]).T, [-2 * (X[0] - 2), -2 * (X[1] - 1)])
    np.testing.assert_allclose([nu.item(), lam[0].item()], exact, rtol=1e-13)
    assert lam[1] == 0


def test_one_condition_fails_alone_and_is_named():
    line = Problem(lambda x: x @ x, inequalities=lambda x: x[:1] - 1)
    given = {
        "stationarity": (f64(0.5, 0), f64(0)),
        "inequality": (f64(2, 0), None),
        "sign": (f64(1, 0), None),
        "complementarity": (f64(0.25, 0), f64(-0.5)),
    }
    failing = {
        name: kkt_residual(line, x, lam if lam is None else Multipliers(f64(), lam)).failing()
        for name, (x, lam) in given.items()
    }
    assert failing["stationarity"] == {"stationarity": 1}
    assert failing["sign"] == {"sign": 2}
    assert "inequality" in failing["inequality"]
    assert {"complementarity", "sign"} == set(failing["complementarity"])
    circle = Problem(lambda x: x @ x, equalities=lambda x: (x @ x - 1)[None])
    assert kkt_residual(circle, f64(2, 0)).failing() == {"equality": 3}


def test_a_negative_multiplier_says_that_f_falls_on_the_way_back_from_its_wall():
    line = Problem(lambda x: x @ x, inequalities=lambda x: x[:1] - 1)
    found = kkt_residual(line, f64(1, 0))
    assert found.multipliers.inequality.tolist() == [-2]
    assert found.explain() == "Sign fails by 2 at 0."


def test_an_inequality_that_does_not_touch_has_no_multiplier():
    found = kkt_residual(PROBLEM, f64(0.2, 0.6))
    assert found.multipliers.inequality.tolist() == [0, 0]
    assert len(found.active) == 1


def test_the_tolerance_decides_what_touches():
    line = Problem(lambda x: -x.sum(), inequalities=lambda x: x - 1)
    assert kkt_residual(line, f64(1 - 1e-4)).failing() == {"stationarity": 1}
    assert kkt_residual(line, f64(1 - 1e-4), tol=1e-3).failing(1e-3) == {}


def test_dependent_gradients_are_found_and_multipliers_of_the_right_sign_if_there_are_any():
    # Three lines through the corner (1, 1): two would do.
    corner = Problem(
        lambda x: -3 * x[0] - x[1],
        inequalities=lambda x: torch.stack([x[0] - 1, x[1] - 1, 3 * x[0] + x[1] - 4]),
    )
    found = kkt_residual(corner, f64(1, 1))
    assert (found.rank, len(found.active), found.independent) == (2, 3, False)
    assert found.largest < 1e-12
    assert "3 active gradients have rank 2" in found.explain()


def test_where_gradients_are_dependent_a_minimum_may_have_no_multipliers():
    # Kuhn and Tucker's own: y ≤ (1 − x)³ and y ≥ 0 leave a cusp at (1, 0), where x is largest.
    cusp = Problem(lambda x: -x[0], inequalities=lambda x: torch.stack([x[1] - (1 - x[0]) ** 3, -x[1]]))
    found = kkt_residual(cusp, f64(1, 0))
    assert found.failing() == {"stationarity": 1}
    assert found.rank == 1
    assert found.explain().endswith("multipliers are not unique, or there are none.")


def test_the_rank_does_not_depend_on_a_constraint_s_unit():
    lines = Problem(lambda x: x @ x, equalities=lambda x: torch.stack([x[0], 1e-12 * x[1]]))
    assert kkt_residual(lines, f64(0, 0)).independent


def test_nothing_is_asked_without_constraints():
    free = Problem(lambda x: (x - 1).square().sum())
    found = kkt_residual(free, f64(1, 1))
    assert (found.largest, found.rank, found.independent) == (0, 0, True)
    assert kkt_residual(free, f64(0, 1)).failing() == {"stationarity": 2}


def test_nan_fails():
    holed = Problem(lambda x: x @ x, inequalities=lambda x: x.log())
    assert "inequality" in kkt_residual(holed, f64(-1)).failing()


def test_multipliers_do_not_fit_a_gradient_that_is_not_finite():
    rooted = Problem(lambda x: x.sum(), lambda x: x.sqrt())
    with pytest.raises(FloatingPointError, match="not finite at x, so no multipliers fit"):
        kkt_residual(rooted, f64(0))


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"one multiplier for each inequality: 2, and the shape is \(1,\)"):
        kkt_residual(PROBLEM, X, Multipliers(f64(0), f64(0)))
    with pytest.raises(ValueError, match="takes a vector"):
        kkt_residual(PROBLEM, torch.eye(2))
    with pytest.raises(ValueError, match="outputs of shape"):
        kkt_residual(Problem(lambda x: x @ x, equalities=lambda x: x.sum()), X)
    with pytest.raises(ValueError, match="one output"):
        kkt_residual(Problem(lambda x: x), X)
    with pytest.raises(
        TypeError, match=r"the matrix of the active gradients is torch.float16. Convert first"
    ):
        kkt_residual(PROBLEM, X.half())


@pytest.mark.parametrize("tol", [np.float32(0.5), Fraction(1, 2), torch.tensor(0.5)])
def test_a_tolerance_is_any_real_number(tol):
    found = kkt_residual(PROBLEM, X + 0.1, tol=tol)
    assert found.failing(tol) == found.failing(0.5) != found.failing(1e-9)
