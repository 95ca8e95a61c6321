"""Guesses from two trials, against polynomials whose minima numpy finds."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from book.optim.line_search import Trial
from book.optim.line_search.interpolate import cubic_minimum, parabola_minimum, secant

numbers = st.floats(-3, 3)


def of(coefficients, t):
    """A trial on a polynomial, the highest power first."""
    return Trial(t, np.polyval(coefficients, t), np.polyval(np.polyder(coefficients), t))


@given(st.tuples(numbers, numbers, numbers, numbers), numbers, numbers)
def test_the_cubic_is_the_one_through_both_trials(coefficients, a, b):
    assume(abs(a - b) > 0.1 and abs(coefficients[0]) > 0.05)
    found = cubic_minimum(of(coefficients, a), of(coefficients, b))
    slope = np.polyder(coefficients)
    roots = np.roots(slope)
    discriminant = slope[1] ** 2 - 4 * slope[0] * slope[2]
    assume(abs(discriminant) > 1e-3)
    if discriminant < 0:
        assert found == (a + b) / 2
    else:
        minimum = [r.real for r in roots if np.polyval(np.polyder(slope), r.real) > 0]
        assert found == pytest.approx(minimum[0], rel=1e-6, abs=1e-6)


@given(st.floats(0.1, 3), numbers, numbers, numbers, numbers)
def test_on_a_parabola_all_three_are_its_minimum(curvature, at, height, a, b):
    assume(abs(a - b) > 0.1)
    p = np.array([curvature, -2 * curvature * at, curvature * at * at + height])
    for guess in (cubic_minimum, parabola_minimum, secant):
        assert guess(of(p, a), of(p, b)) == pytest.approx(at, rel=1e-6, abs=1e-6)


@given(numbers, numbers, numbers, numbers)
def test_the_parabola_takes_the_first_slope_and_both_values(a, value, slope, other):
    assume(abs(slope) > 0.1 and other - value - slope > 0.1)
    found = parabola_minimum(Trial(a, value, slope), Trial(a + 1, other, math.nan))
    p = np.polyfit([a, a + 1, a - 1], [value, other, other - 2 * slope], 2)  # f(a+1) − f(a−1) is 2 f′(a)
    assert found == pytest.approx(-p[1] / (2 * p[0]), rel=1e-5, abs=1e-5)


def test_on_a_straight_line_there_is_no_minimum():
    for guess in (parabola_minimum, secant):
        assert guess(Trial(0.0, 1.0, -1.0), Trial(1.0, 0.0, -1.0)) == math.inf


def test_a_secant_of_slope_1_has_its_zero_too():
    assert secant(Trial(0.0, 0.0, -1.0), Trial(2.0, 0.0, 0.0)) == 2.0
    assert secant(Trial(0.0, 0.0, 1.0), Trial(2.0, 0.0, 2.0)) == -2.0


@pytest.mark.parametrize(
    "trials",
    [
        (Trial(0.0, 1.0, -1.0), Trial(2.0, -1.0, -1.0)),  # a straight line
        (Trial(0.0, 0.0, -1e200), Trial(2.0, 1e200, 1e200)),  # squares that overflow
        (Trial(0.0, 0.0, 1.0), Trial(2.0, 4.0, 5.0)),  # no minimum
    ],
)
def test_without_a_minimum_the_cubic_gives_the_middle(trials):
    assert cubic_minimum(*trials) == 1.0
