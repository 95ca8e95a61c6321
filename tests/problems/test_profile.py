"""Performance profiles against the definition, on a table small enough to read."""

import math

from book.problems.profile import performance_ratios, profile

COSTS = {"a": [10, 5, None, None], "b": [20, 4, 7, None], "c": [10, 40, 14, None]}


def test_each_ratio_is_to_the_best_of_its_problem():
    assert performance_ratios(COSTS) == {
        "a": [1.0, 1.25, math.inf, math.inf],
        "b": [2.0, 1.0, 1.0, math.inf],
        "c": [1.0, 10.0, 2.0, math.inf],
    }


def test_a_profile_rises_to_the_share_that_was_solved():
    ratios = performance_ratios(COSTS)
    assert [profile(ratios["a"], factor) for factor in (1, 1.25, 100)] == [0.25, 0.5, 0.5]
    assert [profile(ratios["c"], factor) for factor in (1, 2, 10)] == [0.25, 0.5, 0.75]
    assert sum(profile(ratios[name], 1) for name in ratios) == 1.0
