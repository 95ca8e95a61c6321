"""Intervals are Student's and Welch's, as scipy has them."""

import math

import numpy as np
import pytest
from scipy import stats

from book.project.intervals import difference_interval, mean_interval, student_t, tied


@pytest.mark.parametrize("p", [0.025, 0.5, 0.6, 0.9, 0.975, 0.995])
def test_the_quantile_is_the_exact_one_where_there_is_a_formula(p):
    assert student_t(p, 1) == pytest.approx(math.tan(math.pi * (p - 0.5)), rel=1e-12, abs=1e-15)
    assert student_t(p, 2) == pytest.approx((2 * p - 1) / math.sqrt(2 * p * (1 - p)), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(("df", "printed"), [(3, 3.182), (4, 2.776), (9, 2.262), (18, 2.101), (1000, 1.962)])
def test_the_quantile_is_the_printed_tables(df, printed):
    assert round(student_t(0.975, df), 3) == printed


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_of_a_mean_is_scipys(seed):
    values = np.random.default_rng(seed).normal(70, 0.3, size=2 + 2 * seed)
    mean, half = mean_interval(values.tolist())
    theirs = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (mean - half, mean + half) == pytest.approx((theirs.low, theirs.high), rel=1e-9)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("seed", range(5))
def test_the_interval_of_a_difference_is_scipys(seed, level):
    generator = np.random.default_rng(seed)
    a, b = generator.normal(70, 0.3, size=5), generator.normal(70.4, 0.1 + seed, size=3 + seed)
    difference, half = difference_interval(a.tolist(), b.tolist(), level)
    test = stats.ttest_ind(a, b, equal_var=False)
    theirs = test.confidence_interval(level)
    assert (difference - half, difference + half) == pytest.approx((theirs.low, theirs.high), rel=1e-9)
    assert tied(a.tolist(), b.tolist(), level) == (test.pvalue >= 1 - level)


def test_95_of_100_intervals_hold_the_mean():
    draws = np.random.default_rng(0).normal(70, 0.3, size=(2000, 5))
    held = [abs(mean - 70) <= half for mean, half in (mean_interval(draw.tolist()) for draw in draws)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)


def test_equal_values_have_no_width():
    assert mean_interval([70.0] * 5) == (70, 0)
    assert difference_interval([70.0] * 5, [69.0] * 5) == (1, 0)
    assert tied([70.0] * 2, [70.0] * 2)
    assert not tied([70.0] * 2, [70.1] * 2)
    assert difference_interval([70.0, 70.0], [69.0, 71.0])[1] == pytest.approx(stats.t.ppf(0.975, 1))


def test_one_value_has_no_interval():
    with pytest.raises(ValueError, match="at least two values; got 1"):
        mean_interval([70.0])
    with pytest.raises(ValueError, match="at least two values of each; got 3 and 1"):
        difference_interval([70.0, 71.0, 72.0], [70.0])


@pytest.mark.parametrize(("p", "df"), [(0.0, 3), (1.0, 3), (0.9, 0.0), (0.9, math.nan)])
def test_a_quantile_outside_the_range(p, df):
    with pytest.raises(ValueError, match="student_t takes p"):
        student_t(p, df)
