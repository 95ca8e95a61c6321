"""The best of fewer rates."""

from itertools import combinations
from statistics import mean

import pytest

from book.project.tries import expected_best

SOME = [97.1, 96.0, 10.0, 98.2, 98.2, 93.5]


@pytest.mark.parametrize("tries", range(1, len(SOME) + 1))
def test_is_the_mean_over_all_draws(tries):
    every = [max(draw) for draw in combinations(SOME, tries)]
    assert expected_best(SOME, tries) == pytest.approx(mean(every), rel=1e-14)


@pytest.mark.parametrize("tries", [0, 7])
def test_refuses_what_cannot_be_drawn(tries):
    with pytest.raises(ValueError, match="from 1 to 6"):
        expected_best(SOME, tries)
