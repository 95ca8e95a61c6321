"""Intervals are Student's and Welch's, as scipy has them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from book.project.intervals import (
    difference_interval,
    holm,
    mean_interval,
    paired_interval,
    paired_p,
    student_t,
)
from book.project.summary import pairwise_p
from tests.cases import each


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


@each("level", [0.9, 0.95, 0.99])
@each("seed", range(5))
def test_the_interval_of_a_difference_is_scipys(seed, level):
    generator = np.random.default_rng(seed)
    a, b = generator.normal(70, 0.3, size=5), generator.normal(70.4, 0.1 + seed, size=3 + seed)
    difference, half = difference_interval(a.tolist(), b.tolist(), level)
    test = stats.ttest_ind(a, b, equal_var=False)
    theirs = test.confidence_interval(level)
    assert (difference - half, difference + half) == pytest.approx((theirs.low, theirs.high), rel=1e-9)


@each("level", [0.9, 0.95, 0.99])
@each("seed", range(5))
def test_the_interval_of_paired_values_is_scipys(seed, level):
    generator = np.random.default_rng(seed)
    shared = generator.normal(70, 1, size=3 + seed)
    a, b = shared + generator.normal(0, 0.3, 3 + seed), shared + generator.normal(0.2, 0.3, 3 + seed)
    test = stats.ttest_rel(a, b)
    theirs = test.confidence_interval(level)
    difference, half = paired_interval(a.tolist(), b.tolist(), level)
    assert (difference - half, difference + half) == pytest.approx((theirs.low, theirs.high), rel=1e-9)
    assert paired_p(a.tolist(), b.tolist()) == pytest.approx(test.pvalue, rel=1e-9)
    assert half < difference_interval(a.tolist(), b.tolist(), level)[1] or seed == 0


FINITE = st.floats(0, 1, allow_nan=False)


@given(st.lists(FINITE, min_size=1, max_size=30), st.sampled_from([0.01, 0.05, 0.2]))
def test_holm_rejects_what_the_procedure_rejects(p, alpha):
    """Step by step: the smallest against α / m, the next against α / (m − 1), until one does not pass."""
    rejected, order = [False] * len(p), sorted(range(len(p)), key=p.__getitem__)
    for done, place in enumerate(order):
        if p[place] * (len(p) - done) > alpha:
            break
        rejected[place] = True
    assert [adjusted <= alpha for adjusted in holm(p)] == rejected


@given(st.lists(FINITE, min_size=1, max_size=30))
def test_holm_lies_between_no_correction_and_bonferronis(p):
    for one, adjusted in zip(p, holm(p), strict=True):
        assert one <= adjusted <= min(1, len(p) * one)


def wrongly_told(correct, experiments=1500, methods=8, seeds=5):
    """How often something is told apart from the best of equal methods whose runs share their seeds' luck."""
    generator, wrong = np.random.default_rng(0), 0
    for _ in range(experiments):
        luck = generator.normal(0, 0.6, seeds)
        runs = {str(k): (luck + generator.normal(0, 1, seeds)).tolist() for k in range(methods)}
        best = max(runs, key=lambda name: sum(runs[name]))
        wrong += min(correct(runs, best)) <= 0.05
    return wrong / experiments


def over_all_pairs(runs, best):
    return [p for pair, p in pairwise_p(runs).items() if best in pair]


def over_those_with_the_best(runs, best):
    return holm([paired_p(runs[best], values) for name, values in runs.items() if name != best])


def without_correction(runs, best):
    return [paired_p(runs[best], values) for name, values in runs.items() if name != best]


@pytest.mark.long
def test_the_family_wise_error_is_kept_over_all_pairs_and_not_over_the_best_ones():
    """The best is picked by the same runs, so its seven comparisons are not seven that were fixed before."""
    assert wrongly_told(over_all_pairs) <= 0.05
    assert 0.07 < wrongly_told(over_those_with_the_best) < 0.14
    assert wrongly_told(without_correction) > 0.35


def test_95_of_100_intervals_hold_the_mean():
    draws = np.random.default_rng(0).normal(70, 0.3, size=(2000, 5))
    held = [abs(mean - 70) <= half for mean, half in (mean_interval(draw.tolist()) for draw in draws)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)


def test_equal_values_have_no_width():
    assert mean_interval([70.0] * 5) == (70, 0)
    assert difference_interval([70.0] * 5, [69.0] * 5) == (1, 0)
    assert paired_interval([70.0] * 5, [69.0] * 5) == (1, 0)
    assert paired_p([70.0] * 2, [70.0] * 2) == 1
    assert paired_p([70.0] * 2, [69.0] * 2) == 0
    assert difference_interval([70.0, 70.0], [69.0, 71.0])[1] == pytest.approx(stats.t.ppf(0.975, 1))


def test_one_value_has_no_interval():
    with pytest.raises(ValueError, match="at least two values; got 1"):
        mean_interval([70.0])
    with pytest.raises(ValueError, match="at least two values of each; got 3 and 1"):
        difference_interval([70.0, 71.0, 72.0], [70.0])
    for a, b in (([70.0, 71.0], [70.0]), ([70.0], [70.0])):
        with pytest.raises(ValueError, match="equally many"):
            paired_interval(a, b)


@pytest.mark.parametrize(("p", "df"), [(0.0, 3), (1.0, 3), (0.9, 0.0), (0.9, math.nan)])
def test_a_quantile_outside_the_range(p, df):
    with pytest.raises(ValueError, match="student_t takes p"):
        student_t(p, df)


@given(
    p=st.lists(FINITE, max_size=4),
    wrong=st.sampled_from([math.nan, -0.1, 1.5, math.inf]),
    place=st.integers(0, 4),
)
def test_what_is_no_p_value_is_never_taken_for_a_tie(p, wrong, place):
    with pytest.raises(ValueError, match="p-values are from 0 to 1; got"):
        holm([*p[:place], wrong, *p[place:]])
