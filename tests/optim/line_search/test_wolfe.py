"""strong_wolfe on lines of every kind: what it returns fulfils what it says, and each trial is counted."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize._dcsrch import DCSRCH

from book.optim.line_search import Trial, strong_wolfe
from book.optim.line_search.wolfe import _judge
from tests.optim.line_search.lines import (
    Counted,
    barrier,
    conditions,
    downhill,
    hard,
    kink,
    nowhere,
    of_the_paper,
    scaled,
    smooth,
)

shares = st.sampled_from([(1e-4, 0.9), (1e-4, 0.1), (1e-3, 1e-2), (0.3, 0.5)])
powers = st.integers(-12, 12).map(lambda p: 10.0**p)


def run(phi, first=1.0, c1=1e-4, c2=0.9, **options):
    phi = Counted(phi)
    start = phi.start()
    found = strong_wolfe(phi, start, first, c1, c2, **options)
    assert found.evaluations == len(phi.steps)
    assert found.trial.length in [0.0, *phi.steps]
    assert found.trial == start or found.trial == Trial(found.trial.length, *phi.phi(found.trial.length))
    return found, start, phi.steps


@given(smooth, st.floats(1e-3, 1e3), shares, powers, powers, st.floats(-10, 10))
def test_on_smooth_lines_both_conditions_hold(phi, first, shares, height, width, level):
    phi = scaled(phi, height, width, level * height)
    assume(downhill(phi))
    found, start, steps = run(phi, first * width, *shares)
    assert found.reason == "wolfe"
    assert conditions(found, start, *shares) == (True, True)
    assert found.trial.length == steps[-1] > 0
    assert len(set(steps)) == len(steps)  # no step is tried twice


@given(hard, st.floats(1e-3, 1e3), shares)
def test_on_any_line_what_is_found_is_what_is_said(phi, first, shares):
    found, start, steps = run(phi, first, *shares)
    assert found.evaluations <= 30
    assert found.trial.finite
    assert found.reason in ("wolfe", "lower")  # each of these lines has a lower step
    assert found.trial.value < start.value
    if found.reason == "wolfe":
        assert conditions(found, start, *shares) == (True, True)
    else:
        assert found.trial.value == min(value for value in (phi(s)[0] for s in steps) if math.isfinite(value))


@pytest.mark.parametrize("first", [1e-6, 1.0, 0.999, 1e3, 1e15])
def test_a_minimum_before_a_wall_is_found(first):
    found, _, _ = run(barrier(1.0), first, 1e-4, 0.1)
    assert found.reason == "wolfe"
    assert found.trial.length < 1


@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_a_first_step_that_is_not_finite_is_shortened(bad):
    found, _, steps = run(nowhere(1.2, math.inf, bad), 1e6, 1e-4, 0.1)
    assert found.reason == "wolfe"
    assert steps == sorted(steps, reverse=True) or len(steps) < 12


def test_at_a_kink_the_lowest_step_is_kept():
    found, start, _ = run(kink(1.0, 1.0), 0.3)
    assert found.reason == "lower"
    assert found.trial.length == pytest.approx(1.0, abs=1e-6)
    assert found.trial.value < start.value


@pytest.mark.parametrize("power", [1, 3])
def test_a_line_that_falls_for_ever_is_called_unbounded(power):
    found, start, steps = run(lambda t: (-((t + 1) ** power), -power * (t + 1) ** (power - 1)))
    assert found.reason == "unbounded"
    assert found.trial.value == min(-((s + 1) ** power) for s in steps if math.isfinite(s)) < start.value
    assert len(steps) <= 27


def test_minus_infinity_is_unbounded_and_a_finite_step_is_returned():
    found, _, _ = run(lambda t: (-math.inf, math.nan) if t > 3 else (-t, -1.0))
    assert (found.reason, found.trial.length) == ("unbounded", 1.0)


def test_a_line_that_flattens_out_is_no_reason_to_go_on():
    found, start, _ = run(lambda t: (math.exp(-t), -math.exp(-t)))
    assert found.reason == "wolfe"
    assert conditions(found, start, 1e-4, 0.9) == (True, True)


def test_where_nothing_is_lower_there_is_no_step():
    def lying(t):  # a slope that promises what the values do not hold
        return (1.0 if t == 0 else 2.0 + t), -1.0

    found, start, steps = run(lying)
    assert (found.reason, found.trial) == ("none", start)
    assert len(steps) <= 30


@given(st.floats(0.5, 2), st.floats(1e-9, 3e-9), st.sampled_from([-1.0, 1.0]))
def test_where_values_differ_by_rounding_alone_the_slopes_decide(first, distance, level):
    """1e-17 is what there is to gain; values of size 1 cannot show it, slopes can."""

    def phi(t):
        u = (t - 1) * distance
        return level + u * u, 2 * u * distance

    found, start, _ = run(phi, first, 1e-4, 0.1)
    assert found.reason in ("wolfe", "rounding")
    assert abs(found.trial.slope) <= 0.1 * abs(start.slope)
    assert found.trial.value <= start.value + 4 * 2.0**-52


def test_epsilon_is_the_dtypes():
    """Values in float32 shake by 1e-7: with its epsilon the slopes decide, with float64's they do not."""

    def phi(t):
        return 1.0 + (1e-7 if t > 0 else 0.0), (t - 1) * 1e-8

    assert run(phi, 0.9, eps=2.0**-23)[0].reason == "rounding"
    assert run(phi, 0.9)[0].reason == "none"


@pytest.mark.parametrize(("left", "reason"), [(0.39, "rounding"), (0.41, "high")])
def test_under_rounding_the_slope_that_is_left_is_held_against_the_promised_drop(left, reason):
    """With c1 = 0.3, at most 1 − 2 · 0.3 of the slope, though c2 would allow a half."""

    start = Trial(0.0, 1.0, -1e-17)
    judged = _judge(start, 0.3, 0.5, 1e-15)(Trial(1.0, 1.0 + 5e-16, left * 1e-17))
    assert judged == reason


def test_what_is_not_given_is_what_the_signature_says():
    first, c1, c2, eps = 1.0, 1e-4, 0.9, 2.0**-52

    def phi(value, slope):
        return lambda t: (1.0, -1.0) if t == 0 else (value, slope)

    def judged(value, slope):
        start = Trial(0.0, 1.0, -1.0)
        found = strong_wolfe(phi(value, slope), start)
        return found.trial.length == first and found.reason

    assert judged(1 - 1.01 * c1, 0.0) == "wolfe"
    assert judged(1 - 0.99 * c1, 0.0) != "wolfe"
    assert judged(0.5, 0.99 * c2) == "wolfe"
    assert judged(0.5, 1.01 * c2) != "wolfe"
    assert judged(1 + 4 * eps, 0.0) == "rounding"
    assert judged(1 + 5 * eps, 0.0) != "rounding"
    kinked = Counted(kink(1.0, 1.0))
    assert strong_wolfe(kinked, kinked.start(), 0.3).evaluations == 30


@pytest.mark.parametrize("slope", [0.0, 1.0, math.nan, math.inf])
def test_uphill_is_refused_before_anything_is_computed(slope):
    phi = Counted(lambda t: (t, 1.0))
    with pytest.raises(ValueError, match=r"goes downhill|are finite"):
        strong_wolfe(phi, Trial(0.0, 0.0, slope))
    assert phi.steps == []


@pytest.mark.parametrize("shares", [(0.0, 0.5), (0.5, 0.5), (0.6, 0.5), (0.5, 1.0), (math.nan, 0.5)])
def test_shares_for_which_no_step_need_exist_are_refused(shares):
    with pytest.raises(ValueError, match="The conditions need 0 < c1 < c2 < 1"):
        strong_wolfe(lambda t: (0.0, 0.0), Trial(0.0, 0.0, -1.0), 1.0, *shares)


@pytest.mark.parametrize("first", [0.0, -1.0, math.inf, math.nan])
def test_a_first_step_that_is_none_is_refused(first):
    with pytest.raises(ValueError, match="first step above 0 and finite"):
        strong_wolfe(lambda t: (0.0, 0.0), Trial(0.0, 0.0, -1.0), first)


@given(st.floats(0.3, 3), st.floats(0.01, 100))
def test_a_parabola_takes_two_trials_at_most(at, first):
    """The first is not there; the cubic through it and the start is the parabola itself."""
    found, _, steps = run(lambda t: ((t - at) ** 2, 2 * (t - at)), first, 1e-7, 1e-6)
    if first > at / 5:  # from further away it may take several times the step at most
        assert len(steps) <= 2
        assert found.trial.length == pytest.approx(at, rel=1e-6)


def dcsrch(phi, first, c1, c2):
    """The trials of Moré and Thuente's own search, as scipy has it."""
    search = DCSRCH(None, None, c1, c2, 1e-14, 1e-100, 1e100)
    value, slope, count, task = *phi(0.0), 0, b"START"
    step, *_, task = search._iterate(first, value, slope, task)
    while task[:2] == b"FG":
        count += 1
        step, *_, task = search._iterate(step, *phi(step), task)
    assert task[:4] == b"CONV"
    return count


SHARES = {"1": (1e-3, 0.1), "2": (0.0999, 0.1), "3": (0.0999, 0.1)}  # the paper has c1 = c2 in some


def test_the_papers_functions_take_the_trials_of_the_papers_search():
    """It keeps to a function with c1's line taken off until the value is low enough, which we do not."""
    ours, theirs = [], []
    for name, phi in of_the_paper().items():
        for first in (1e-3, 1e-1, 1e1, 1e3):
            c1, c2 = SHARES.get(name, (0.000999, 1e-3))
            found, start, steps = run(phi, first, c1, c2)
            assert found.reason == "wolfe", (name, first)
            assert conditions(found, start, c1, c2) == (True, True)
            ours.append(len(steps))
            theirs.append(dcsrch(phi, first, c1, c2))
    assert sum(ours) <= sum(theirs) + 2
    assert max(a - b for a, b in zip(ours, theirs, strict=True)) <= 1
