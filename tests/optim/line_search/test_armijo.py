"""armijo: the first step of the row that is low enough, and nothing else."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from book.optim.line_search import Trial, armijo
from tests.optim.line_search.lines import Counted, downhill, hard, scaled, smooth


@given(st.one_of(smooth, hard), st.floats(1e-2, 1e3), st.sampled_from([1e-4, 0.3]), st.floats(0.2, 0.6))
def test_it_is_the_first_of_the_row_that_is_low_enough(phi, first, c1, shrink):
    phi = Counted(scaled(phi, 3.0, 0.5, -7.0))
    assume(downhill(phi.phi))
    start = phi.start()
    found = armijo(phi, start, first, shrink, c1)
    allowed = [value <= start.value + c1 * s * start.slope for s in phi.steps for value in [phi.phi(s)[0]]]
    assert found.reason == "armijo"
    assert allowed == [False] * (len(allowed) - 1) + [True]
    assert phi.steps == pytest.approx([first * shrink**k for k in range(len(phi.steps))])
    assert (found.trial.length, found.evaluations) == (phi.steps[-1], len(phi.steps))


def test_where_nothing_is_lower_there_is_no_step():
    phi = Counted(lambda t: (1.0 if t == 0 else math.nan, -1.0))
    found = armijo(phi, phi.start(), max_eval=9)
    assert (found.reason, found.trial, found.evaluations) == ("none", phi.start(), 9)
    assert len(phi.steps) == 9


def test_it_begins_at_1_and_gives_up_after_60():
    phi = Counted(lambda t: (1.0 if t == 0 else 2.0, -1.0))
    assert armijo(phi, phi.start()).evaluations == 60
    assert phi.steps == [0.5**k for k in range(60)]


@pytest.mark.parametrize(
    "wrong", [{"shrink": 0.0}, {"shrink": 1.0}, {"c1": 0.0}, {"c1": 1.0}, {"c1": math.nan}]
)
def test_shares_outside_their_range_are_refused(wrong):
    with pytest.raises(ValueError, match="must be between 0 and 1"):
        armijo(lambda t: (0.0, 0.0), Trial(0.0, 0.0, -1.0), **wrong)


@pytest.mark.parametrize("start", [Trial(0.0, 0.0, 0.0), Trial(0.0, 0.0, 1.0), Trial(0.0, math.nan, -1.0)])
def test_uphill_is_refused(start):
    with pytest.raises(ValueError, match=r"goes downhill|are finite"):
        armijo(lambda t: (0.0, 0.0), start)


@pytest.mark.parametrize("first", [0.0, -1.0, math.inf])
def test_a_first_step_that_is_none_is_refused(first):
    with pytest.raises(ValueError, match="first step above 0 and finite"):
        armijo(lambda t: (0.0, 0.0), Trial(0.0, 0.0, -1.0), first)
