"""What a trial is, and which lines, first steps and shares are refused before one is made."""

import math

import numpy as np
import pytest
import torch

from book.optim.line_search.trial import Trial, at, check_downhill, check_first, check_shares


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_trial_is_finite_where_both_numbers_are(bad):
    assert Trial(1.0, 2.0, 3.0).finite
    assert not Trial(1.0, bad, 3.0).finite
    assert not Trial(1.0, 2.0, bad).finite


def test_a_trial_holds_plain_numbers():
    trial = at(lambda step: (torch.tensor(step), np.float32(2.0)), 0.5)
    assert trial == Trial(0.5, 0.5, 2.0)
    assert {type(entry) for entry in trial} == {float}


def test_what_no_search_can_follow_is_refused():
    check_downhill(Trial(0.0, 1.0, -1e-300), "it")
    for start, words in (
        (Trial(0.0, 1.0, 0.0), "it goes downhill, and the slope at 0 is 0"),
        (Trial(0.0, 1.0, 2.5), "the slope at 0 is 2.5"),
        (Trial(0.0, math.nan, -1.0), "it starts where φ and its slope are finite; got nan, -1.0"),
        (Trial(0.0, 1.0, -math.inf), "got 1.0, -inf"),
    ):
        with pytest.raises(ValueError, match=words):
            check_downhill(start, "it")
    check_first(1e-300, "it")
    check_shares(1e-9, 1 - 1e-9)
    for c1, c2 in ((0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.5, math.nan)):
        with pytest.raises(ValueError, match="0 < c1 < c2 < 1"):
            check_shares(c1, c2)
    for first in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="it takes a first step above 0 and finite"):
            check_first(first, "it")
