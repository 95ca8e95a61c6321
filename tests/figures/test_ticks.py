"""Labels of logarithmic axes can be read at a glance, on a wide page and on a phone."""

import re

import pytest
from matplotlib.figure import Figure

from book.figures import axes, styled
from book.figures.narrow import narrow_twin
from book.figures.svg import to_svg

RANGES = [(0.3, 5), (60, 700), (0.02, 0.07), (0.3, 0.4), (0.11, 0.95), (1e-6, 7e-6), (1e-3, 10), (0.5, 60)]
AS_NUMBER = re.compile(r"\d+(\.\d+)?(e-?\d+)?")


@styled
def every_range(columns: int) -> Figure:
    """A row of panels for each range; the panels of a row share their axes."""
    size = (3.6 * columns, 3 * len(RANGES))
    figure, rows = axes(len(RANGES), columns, size, squeeze=False, sharex="row", sharey="row")
    for (low, high), row in zip(RANGES, rows, strict=True):
        for ax in row:
            ax.semilogy([low, high])
    return figure


def labels(axis) -> list[str]:
    """The texts of those labels that stand within the axis."""
    low, high = sorted(axis.get_view_interval())
    places = [*axis.get_majorticklocs(), *axis.get_minorticklocs()]
    texts = [*axis.get_ticklabels(), *axis.get_ticklabels(minor=True)]
    return [text.get_text() for at, text in zip(places, texts, strict=False) if low <= at <= high]


@pytest.mark.long
@pytest.mark.parametrize("columns", [1, 2], ids=["alone", "shared"])
def test_a_label_is_a_power_or_a_plain_number_and_there_are_two_or_more(columns):
    wide = every_range(columns)
    for figure in (wide, narrow_twin(wide)):
        figure.draw_without_rendering()
        for ends, ax in zip(RANGES, figure.axes[::columns], strict=True):
            seen = [text for text in labels(ax.yaxis) if text]
            assert len(seen) >= 2, ends
            power = [text for text in seen if "10^" in text]
            assert not any("times" in text for text in power), ends
            assert all(AS_NUMBER.fullmatch(text) for text in set(seen) - set(power)), ends


@pytest.mark.long
def test_what_matplotlib_writes_by_itself_is_noticed():
    """Without the book's style a label in this range is a product."""
    figure, ax = axes()
    ax.semilogy([0.3, 5])
    assert "times10^" in to_svg(figure)


def test_ticks_that_a_figure_sets_stay():
    @styled
    def named() -> Figure:
        figure, ax = axes()
        ax.semilogy([0.3, 5])
        ax.set_yticks([0.4, 4], ["low", "high"])
        return figure

    figure = named()
    figure.draw_without_rendering()
    assert [text for text in labels(figure.axes[0].yaxis) if text] == ["low", "high"]


def test_an_axis_of_doublings_keeps_its_base():
    @styled
    def doublings() -> Figure:
        figure, ax = axes()
        ax.plot([16, 256], [1, 2])
        ax.set_xscale("log", base=2)
        return figure

    figure = doublings()
    figure.draw_without_rendering()
    assert all("2^" in text for text in labels(figure.axes[0].xaxis) if text)
