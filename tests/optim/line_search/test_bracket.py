"""The next step to try: each of Moré and Thuente's cases by hand, and beside scipy's dcstep."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize._dcsrch import dcstep

from book.optim.line_search import Trial
from book.optim.line_search.bracket import (
    MARGIN,
    SLOW,
    Bracket,
    around_a_minimum,
    before_a_rise,
    beyond,
    towards,
)

numbers, steps, falling = st.floats(-5, 5), st.floats(0.1, 3), st.floats(-5, -0.1)


def close(value):
    return pytest.approx(value, rel=1e-7, abs=1e-9)


def theirs(low, trial, high=None, near=0.0, far=1e300):
    """scipy's step before it is kept inside the bracket."""
    other = high or low
    return dcstep(*low, *other, *trial, high is not None, near, far)[6]


@given(steps, numbers, falling, st.floats(0.01, 5), numbers)
def test_before_a_rise_it_is_scipys(length, value, slope, rise, at):
    low, trial = Trial(0.5, value, slope), Trial(0.5 + length, value + rise, at)
    mean = slope + at - 3 * rise / length
    assume(mean * mean - slope * at > 1e-3)
    assert before_a_rise(low, trial) == close(theirs(low, trial))


@given(steps, numbers, falling, st.floats(0.01, 5), st.floats(0.1, 5))
def test_around_a_minimum_it_is_scipys(length, value, slope, drop, at):
    low, trial = Trial(0.5, value, slope), Trial(0.5 + length, value - drop, at)
    assert around_a_minimum(low, trial) == close(theirs(low, trial))
    mirrored = Trial(-0.5, value, -slope), Trial(-0.5 - length, value - drop, -at)
    assert around_a_minimum(*mirrored) == close(-theirs(low, trial))


@given(steps, numbers, falling, st.floats(0.01, 5), falling, st.sampled_from([0.0, 0.5]))
def test_beyond_it_is_scipys(length, value, slope, drop, at, low_at):
    low, trial = Trial(low_at, value, slope), Trial(low_at + length, value - drop, at)
    mean = slope + at + 3 * drop / length
    assume(abs(mean * mean - slope * at) > 1e-3 and abs(slope - at) > 1e-3)
    near = trial.length + 1.1 * length if low_at else trial.length
    assume(mean * mean - slope * at > 0)
    assert beyond(low, trial) == close(theirs(low, trial, None, near, trial.length + 4 * length))


@given(
    steps,
    numbers,
    falling,
    st.floats(0.01, 5),
    falling,
    steps,
    st.floats(0, 5),
    numbers,
)
def test_towards_an_end_it_is_scipys(length, value, slope, drop, at, gap, rise, last):
    low, trial = Trial(0.5, value, slope), Trial(0.5 + length, value - drop, at)
    high = Trial(trial.length + gap, trial.value + rise, last)
    for a, b, d in ((low, trial, (trial.value - low.value) / length), (trial, high, rise / gap)):
        mean = a.slope + b.slope - 3 * d
        assume(mean * mean - a.slope * b.slope > 1e-3)
    assume(abs(slope - at) > 1e-3)
    assert towards(low, trial, high) == close(theirs(low, trial, high, 0.0, 1e300))
    mirrored = [Trial(-t.length, t.value, -t.slope) for t in (low, trial, high)]
    assert towards(*mirrored) == close(-towards(low, trial, high))


def test_a_step_that_is_not_finite_is_cut_to_a_tenth():
    assert before_a_rise(Trial(1.0, 0.0, -1.0), Trial(11.0, math.inf, math.nan)) == close(2.0)


def test_towards_an_end_that_is_not_finite_it_goes_half_the_way():
    trial, high = Trial(1.0, -1.0, -2.0), Trial(3.0, math.nan, math.nan)
    assert towards(Trial(0.0, 0.0, -1.0), trial, high) == 2.0


def test_the_ends_are_replaced_as_the_trial_says():
    start = Trial(0.0, 1.0, -1.0)
    for trial, too_high, low, high in (
        (Trial(1.0, 2.0, 1.0), True, start, "trial"),  # too high
        (Trial(1.0, 1.5, -1.0), False, start, "trial"),  # higher
        (Trial(1.0, 0.5, 1.0), False, "trial", start),  # lower, and rising
        (Trial(1.0, 0.5, -0.5), False, "trial", None),  # lower, and falling
        (Trial(1.0, 1.0, -0.5), False, "trial", None),  # as high
    ):
        bracket = Bracket(start)
        bracket.take(trial, too_high)
        assert bracket.low == (trial if low == "trial" else low)
        assert bracket.high == (trial if high == "trial" else high)
        assert bracket.width == (1.0 if bracket.high else math.inf)
        assert bracket.narrow is False


def test_once_closed_a_falling_trial_moves_the_low_end():
    bracket = Bracket(Trial(0.0, 1.0, -1.0))
    bracket.take(Trial(2.0, 3.0, 1.0), True)
    bracket.take(Trial(0.5, 0.7, -0.5), False)
    assert (bracket.low.length, bracket.high.length, bracket.width) == (0.5, 2.0, 1.5)


def test_a_guess_keeps_away_from_both_ends():
    for value, edge in ((1e9, MARGIN), (1.0 - 1e-9, 0.5)):
        bracket = Bracket(Trial(0.0, 1.0, -1.0))
        guess = bracket.take(Trial(1.0, value, 1e9), True)
        assert guess >= MARGIN
        assert edge == 0.5 or guess == close(edge)
    bracket = Bracket(Trial(0.0, 1.0, -1e-9))
    assert bracket.take(Trial(1.0, 0.0, 1e-3), False) <= 1 - MARGIN


def test_a_guess_outside_is_brought_inside():
    for guess, expected in ((-9.0, 2 + MARGIN), (9.0, 3 - MARGIN), (2.5, 2.5)):
        for ends in ((2.0, 3.0), (3.0, 2.0)):
            bracket = Bracket(Trial(0.0, 1.0, -1.0))
            bracket.low, bracket.high = (Trial(end, 0.5, 1.0) for end in ends)
            assert bracket._inside(guess, *ends) == close(expected)


def test_a_bracket_that_hardly_shrinks_is_halved():
    bracket = Bracket(Trial(0.0, 1.0, -1.0))
    bracket.take(Trial(1.0, 2.0, 1.0), True)
    bracket.take(Trial(0.9, 1.5, 1.0), True)
    assert bracket.width == 0.9 > SLOW
    assert bracket.take(Trial(0.8, 1.4, 1.0), True) == 0.4  # 0.8 is more than 0.66 of 1, two trials ago


def test_a_guess_that_is_no_number_is_the_middle():
    bracket = Bracket(Trial(0.0, 1.0, -1e-300))
    assert bracket.take(Trial(1.0, 1e308, 1e308), True) == pytest.approx(0.5, abs=0.5)
    bracket = Bracket(Trial(0.0, -1e308, -1.0))
    assert 0 < bracket.take(Trial(1.0, 1e308, 1.0), True) < 1


@pytest.mark.parametrize(("ends", "narrow"), [((1.0, 1.0 + 4e-16), True), ((1.0, 1.0 + 1e-14), False)])
def test_a_bracket_is_narrow_where_no_number_is_left(ends, narrow):
    bracket = Bracket(Trial(ends[0], 1.0, -1.0))
    bracket.take(Trial(ends[1], 2.0, 1.0), True)
    assert bracket.narrow is narrow
