"""A run's curves are drawn as they are, however far it came."""

import math

import pytest
from matplotlib.figure import Figure

from book.figures.history import curves, running_mean
from book.training.history import History

ONE = History([2.3, 2.0], [1.9], [0.4], [0.1], [2])
TWO = History([2.3, 2.0, 1.5, 1.2], [1.9, 1.1], [0.4, 0.7], [0.1, 0.1], [2, 4])
DIVERGED = History([2.3, 40.0, math.nan], [], [], [0.1], [])
UNTESTED = History([2.3, 2.0], [], [], [0.1], [2])


def lines(figure: Figure) -> dict[str, tuple[list, list]]:
    left, right = figure.axes
    found = {line.get_label(): line for line in left.lines}
    found["accuracy"] = right.lines[0]
    return {name: (list(line.get_xdata()), list(line.get_ydata())) for name, line in found.items()}


@pytest.mark.parametrize("history", [History(), ONE, TWO, DIVERGED, UNTESTED])
def test_any_history_can_be_drawn(history, recwarn):
    curves(history).canvas.draw()
    assert not recwarn.list


def test_each_curve_stands_where_it_belongs():
    drawn = lines(curves(TWO))
    assert drawn["test"] == ([2, 4], [1.9, 1.1])
    assert drawn["accuracy"] == ([1, 2], [40, 70])
    assert drawn["training"] == ([1, 2, 3, 4], running_mean(TWO.losses))
    assert ([1, 2, 3, 4], TWO.losses) in drawn.values()


def test_the_end_of_a_diverged_run_is_marked():
    assert lines(curves(DIVERGED))["diverged"] == ([2], [40.0])
    assert "diverged" not in lines(curves(TWO))


def test_the_running_mean_of_equal_values_is_their_value():
    assert running_mean([3.0] * 100) == pytest.approx([3.0] * 100)
