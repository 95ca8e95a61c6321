"""What an explorer's place on the page is before its script has run: about what it is afterwards."""

import re
from pathlib import Path

import pytest

from book.explorers import (
    DescentOnASurface,
    ErrorByEigenvalue,
    FloatBits,
    MomentumPhases,
    Smoother,
    Taylor,
    Valley,
)
from book.explorers.shared import bundle
from book.site.styles import style_sheet
from tests.explorers.invented_picture import Slowness

HEIGHTS = """(tag) => {
  const element = document.querySelector(tag), height = element.getBoundingClientRect().height;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const style = getComputedStyle(element);
  const places = ["--tall", "--tall-on-phone"].map((name) => parseFloat(style.getPropertyValue(name)));
  return [height, ...places.map((place) => rem * place)];
}"""


def test_each_explorer_has_its_place():
    sheet = style_sheet()
    for tag in bundle.entries():
        assert re.search(rf"{tag} {{\s+--tall: [\d.]+rem;\s+--tall-on-phone: [\d.]+rem;\s+}}", sheet), tag


def test_a_scroll_bar_stacks_no_explorer():
    """In a window of 1,280 pixels an explorer has 676 for its content, and 659 beside a wide scroll bar."""
    sheets = [path.read_text("utf-8") for path in Path(bundle.__file__).parents[1].rglob("*.css")]
    widths = [float(width) for sheet in sheets for width in re.findall(r"max-width: ([\d.]+)rem\) {", sheet)]
    assert len(widths) > 20
    assert 16 * max(widths) < 659


@pytest.mark.browser
@pytest.mark.parametrize(("width", "place"), [(776, 1), (360, 2)])
@pytest.mark.parametrize(
    "explorer",
    [Valley(), FloatBits(), Taylor(), Slowness(), Smoother(), MomentumPhases(), ErrorByEigenvalue()],
    ids=lambda explorer: explorer.tag,
)
def test_the_place_is_as_high_as_the_explorer(explorers, explorer, width, place):
    heights = explorers(explorer, width=width).evaluate(HEIGHTS, explorer.tag)
    assert heights[place] == pytest.approx(heights[0], rel=0.12)


HEIGHT_OF_EACH = """([tag, states]) => {
  const element = document.querySelector(tag);
  return [...new Set(states.map((state) => {
    element.set(state);
    return Math.round(element.getBoundingClientRect().height);
  }))];
}"""
MOVED = {
    DescentOnASurface(): [{"lr": lr, "start": [2, y]} for lr in (0.001, 0.01, 0.038, 0.1) for y in (1, 0.2)],
    Taylor(): [{"x": x, "lr": lr} for x in (-2, -1, 0.5, 1) for lr in (0.1, 0.3)],
}


@pytest.mark.browser
@pytest.mark.parametrize("explorer", MOVED, ids=lambda explorer: explorer.tag)
def test_what_is_dragged_on_a_phone_moves_nothing_below(explorers, explorer):
    page = explorers(explorer, width=360)
    assert len(page.evaluate(HEIGHT_OF_EACH, [explorer.tag, MOVED[explorer]])) == 1


@pytest.mark.browser
def test_paper_keeps_no_place_for_what_does_not_run_there(browser):
    with browser.new_context() as context:
        page = context.new_page()
        page.set_content(
            f"<style>{style_sheet()}</style><descent-taylor data-settings='{{}}'>A text</descent-taylor>"
        )
        height = "document.querySelector('descent-taylor').getBoundingClientRect().height"
        on_screen = page.evaluate(height)
        page.emulate_media(media="print")
        assert page.evaluate(height) < 60 < 400 < on_screen
