"""A run's curves are drawn as they are, however far it came."""

import math

import pytest
from matplotlib.figure import Figure

from book.figures.history import curves, smooth
from book.training.run.history import History

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
    assert drawn["training"] == ([1, 2, 3, 4], TWO.losses)


def test_the_end_of_a_diverged_run_is_marked():
    assert lines(curves(DIVERGED))["diverged"] == ([2], [40.0])
    assert "diverged" not in lines(curves(TWO))


def test_a_long_run_is_smoothed():
    losses = [2.0 + (-1) ** step for step in range(120)]
    steps, drawn = lines(curves(History(losses)))["training"]
    assert steps == list(range(1, 121))
    assert drawn[2] == pytest.approx((3 + 1 + 3 + 1 + 3) / 5)
    assert drawn[-1] == pytest.approx((3 + 1 + 1) / 3)


def test_a_straight_line_stays_where_it_is():
    line = [0.5 * step for step in range(600)]
    assert smooth(line)[10:-10] == pytest.approx(line[10:-10])


def test_where_nothing_is_to_be_drawn_it_is_said():
    assert [ax.texts[0].get_text() for ax in curves(History()).axes] == ["no step yet", "no test"]
    assert not any(ax.texts for ax in curves(TWO).axes)
