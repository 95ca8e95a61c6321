"""A figure's narrow twin: the same function, its panels below one another, nothing too small or too long."""

import re

import pytest
from matplotlib.figure import Figure

from book.figures import axes, styled
from book.figures.fitting import fit
from book.figures.narrow import WIDTH, narrow_twin
from book.figures.svg import narrow_svg, to_svg
from book.site.pictures import size
from tests.figures.letters import LEAST, smallest_letter

GRIDS = [(1, 1), (1, 3), (2, 4)]


@styled
def drawn(rows: int, columns: int, **options) -> Figure:
    figure, panels = axes(rows, columns, squeeze=False, size=(7.2, 3.0 * rows), **options)
    assert panels.shape == (rows, columns)
    for number, ax in enumerate(panels.flat):
        ax.loglog([1, 10, 1000], [1, 2, 3 + number], label="a long label of a line")
        ax.set_title("A title that is much too long for a narrow column of one phone")
    panels[0, 0].set_ylabel("loss", fontsize=6)
    panels[-1, 0].set_xlabel("the step, with a label that is much too long for a narrow column")
    return figure


@pytest.mark.long
@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("shared", [{}, {"sharex": True, "sharey": True}, {"sharey": "row"}], ids=str)
def test_a_twin_fits_a_phone_and_its_letters_can_be_read(grid, shared):
    svg = narrow_svg(drawn(*grid, **shared), "twin")
    assert size(svg)[0] == 320
    assert smallest_letter(svg) >= LEAST


def test_the_names_of_fixed_ticks_stay_where_panels_share_an_axis():
    figure, (left, _) = axes(1, 2, sharey=True)
    left.barh([0, 1], [1, 2])
    left.set_yticks([0, 1], ["first", "second"])
    fit(figure)
    assert [label.get_text() for label in left.get_yticklabels()] == ["first", "second"]


@pytest.mark.long
@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_no_title_or_label_of_a_twin_is_cut(grid):
    twin = narrow_twin(drawn(*grid))
    twin.draw_without_rendering()
    for ax in twin.axes:
        for text in (ax._left_title, ax.xaxis.label, ax.yaxis.label):
            box = text.get_window_extent()
            assert box.x0 >= -1, text.get_text()
            assert box.x1 <= twin.bbox.width + 1, text.get_text()


@pytest.mark.long
def test_panels_below_one_another_have_the_label_that_they_shared():
    twin = narrow_twin(drawn(1, 3, sharey=True))
    assert [ax.get_ylabel() for ax in twin.axes] == ["loss"] * 3


def test_a_letter_that_is_too_small_is_noticed():
    figure, ax = axes(size=(WIDTH, 3))
    ax.set_title("small", fontsize=6)
    assert smallest_letter(to_svg(figure)) == pytest.approx(8)
    ax.set_title("$10^{-3}$", fontsize=9)
    assert smallest_letter(to_svg(figure)) == pytest.approx(8.4)
    ax.set_title("")
    assert smallest_letter(to_svg(figure)) == pytest.approx(12)


def test_a_legend_beside_the_panel_stands_below_it():
    @styled
    def beside() -> Figure:
        figure, ax = axes()
        ax.plot([1, 2], label="a line")
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
        return figure

    assert len(narrow_twin(beside()).legends) == 1
    assert not beside().legends


@pytest.mark.long
def test_the_wide_figure_is_drawn_as_before():
    assert not re.search(r'viewBox="0 0 240', to_svg(drawn(1, 2)))
