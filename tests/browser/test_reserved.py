"""What an explorer's place on the page is before its script has run: about what it is afterwards."""

import re

import pytest

from book.explorers import ErrorByEigenvalue, FloatBits, MomentumPhases, Smoother, Taylor, Valley
from book.explorers.shared.bundle import entries
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
    for tag in entries():
        assert re.search(rf"{tag} {{\s+--tall: [\d.]+rem;\s+--tall-on-phone: [\d.]+rem;\s+}}", sheet), tag


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
