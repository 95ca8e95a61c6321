"""What a problem computes from its three functions, by hand."""

import pytest
import torch

from book.numerics.vector import f64
from book.optim.constrained import Multipliers, Problem

PROBLEM = Problem(
    lambda x: x[0] + 10 * x[1],
    lambda x: torch.stack([x[0] - 1, x[1] + 1]),
    lambda x: torch.stack([x[0] - 3, x[1]]),
)
X = f64(5, 2)  # f = 25, h = (4, 3), c = (2, 2)


def test_the_lagrangian_weighs_each_constraint():
    given = Multipliers(f64(2, -3), f64(5, 7))
    assert PROBLEM.lagrangian(X, given).item() == 25 + 2 * 4 - 3 * 3 + 5 * 2 + 7 * 2


def test_half_squares_count_what_is_violated():
    assert PROBLEM.half_squares(X).item() == (16 + 9 + 4 + 4) / 2
    assert PROBLEM.half_squares(f64(1, -1)).item() == 0  # c is below 0 there
    assert PROBLEM.half_squares(f64(3.5, -1)).item() == (2.5**2 + 0.5**2) / 2


@pytest.mark.parametrize(("x", "violation"), [((5, 2), 4), ((1, -1), 0), ((1, 4), 5), ((1, -1.25), 0.25)])
def test_the_violation_is_the_largest_of_all(x, violation):
    assert PROBLEM.violation(f64(*x)) == violation


@pytest.mark.parametrize("given", [(None,), (abs, 1.0), (abs, None, f64(1))])
def test_what_is_no_function_is_refused_at_once(given):
    with pytest.raises(TypeError, match="Problem takes functions of x; got"):
        Problem(*given)


def test_where_nothing_is_asked_nothing_is_violated():
    free = Problem(lambda x: x.sum())
    assert (free.violation(X), free.half_squares(X).item()) == (0, 0)
    assert free.lagrangian(X, Multipliers(f64(), f64())).item() == 7
