"""When a line is searched again, and from which first step."""

import math

import pytest

from book.numerics.vector import f64
from book.optim.line_search import Found, Trial
from book.optim.line_search.straight import longer

X, WAY = f64(3, 4), f64(0, 1e-3)  # a step of 5000 is as long as x
START = Trial(0.0, -80.0, -2.0)  # a straight line has fallen by 80 at 40


def again(reason, last=1.0, slope=-2.0, start=START, x=X):
    trial = Trial(last, start.value, slope)
    return longer(Found(trial, 9, reason), start, trial, x, WAY)


def test_a_fall_that_is_smaller_than_the_loss_is_looked_at_further_out():
    assert again("unbounded") == 40
    assert again("unbounded", last=40.0) is None
    assert again("unbounded", last=39.9) == 40


@pytest.mark.parametrize("reason", ["wolfe", "rounding", "lower", "armijo", "fixed"])
def test_a_search_that_found_a_step_is_the_last(reason):
    assert again(reason) is None


@pytest.mark.parametrize(
    ("slope", "step"), [(-2.0, 40), (-1.99, 40), (-1.97, None), (2.0, None), (math.nan, None)]
)
def test_without_a_lower_step_only_a_slope_that_stayed_is_reason_to_go_on(slope, step):
    assert again("none", slope=slope) == step


def test_without_a_lower_step_it_goes_no_further_than_x_is_long():
    far = Trial(0.0, 1e9, -2.0)
    assert again("none", start=far) == pytest.approx(5000)
    assert again("none", start=far, last=5000.1) is None
    assert again("none", start=far, x=f64(0, 0)) == 5e8
    assert again("unbounded", start=far) == 5e8


def test_near_the_end_a_step_that_is_short_beside_x_is_not_worth_a_search():
    for value, step in ((-9.9, None), (-10.1, 5.05)):  # 4.95 and 5.05, of the 5000 that are as long as x
        assert again("none", start=Trial(0.0, value, -2.0)) == step
        assert again("unbounded", start=Trial(0.0, value, -2.0)) == pytest.approx(-value / 2)
        assert again("none", start=Trial(0.0, value, -2.0), x=f64(0, 0)) == pytest.approx(-value / 2)


def test_a_step_beyond_all_numbers_is_none():
    assert again("unbounded", start=Trial(0.0, 1e300, -1e-300)) is None
