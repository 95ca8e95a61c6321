"""Backpropagation on a page: the buttons, the slider, the fields, the link."""

import pytest

from book.explorers import Backpropagation
from book.explorers.backpropagation.widget import LAST
from tests.browser.explorer_pages import state

pytestmark = pytest.mark.browser

TAG = Backpropagation.tag
NODES = tuple("xyabcdef")


def drawn(page) -> dict[str, str]:
    """Return what stands in the boxes."""
    script = """() => [...document.querySelectorAll(".dx-box")].map((box) =>
      [...box.querySelectorAll("text")].map((text) => text.textContent))"""
    boxes = zip(NODES, page.evaluate(script), strict=True)
    return {name: f"{value} {adjoint}".strip() for name, (_, value, adjoint) in boxes}


def test_next_goes_through_the_run_and_stops_at_its_end(explorers, run):
    page = explorers(Backpropagation())
    told = run(
        TAG, "given.map((moment) => wordsOf(numbersOf({ x: 3, y: 2, moment })).story)", list(range(LAST + 1))
    )
    back, forth = page.get_by_role("button", name="Back"), page.get_by_role("button", name="Next")
    assert back.get_attribute("aria-disabled") == "true"
    for moment in range(1, LAST + 1):
        forth.click()
        assert state(page, TAG)["moment"] == moment
        assert page.locator(".dx-story").inner_text() == told[moment]
    assert forth.get_attribute("aria-disabled") == "true"
    forth.click(force=True)
    assert state(page, TAG)["moment"] == LAST
    assert drawn(page) == {"x": "3 ∂ 10", "y": "2 ∂ 18", "a": "9 ∂ 1", "b": "6 ∂ 2", "c": "12 ∂ 1"} | {
        "d": "8 ∂ 1",
        "e": "21 ∂ 1",
        "f": "29 ∂ 1",
    }
    assert page.locator(".dx-sums").inner_text().split("\n")[1::2] == ["4 + 6 = 10", "12 + 6 = 18"]
    back.click()
    assert drawn(page)["x"] == "3 ∂ 4"


def test_the_keyboard_goes_through_the_run(explorers):
    page = explorers(Backpropagation())
    page.get_by_role("button", name="Next").focus()
    for key in ("Enter", "Space", "Enter"):
        page.keyboard.press(key)
    assert state(page, TAG)["moment"] == 3
    page.get_by_label("Moment of the run").focus()
    page.keyboard.press("ArrowLeft")
    assert state(page, TAG)["moment"] == 2
    page.keyboard.press("End")
    assert drawn(page)["y"] == "2 ∂ 18"


def test_new_inputs_are_run_through_at_the_same_moment(explorers):
    page = explorers(Backpropagation(moment=LAST))
    page.get_by_label("x =").fill("-1.5")
    assert state(page, TAG) == {"x": -1.5, "y": 2, "moment": LAST}
    assert drawn(page)["x"] == "−1.5 ∂ 1"
    page.get_by_label("x =").fill("1000")
    page.get_by_label("y =").fill("")
    assert state(page, TAG) == {"x": -1.5, "y": 2, "moment": LAST}
    page.get_by_role("button", name="1, −2").click()
    assert drawn(page)["f"] == "−11 ∂ 1"
    assert page.get_by_label("y =").input_value() == "-2"


def test_the_arrow_of_the_moment_stands_out_and_carries_its_slope(explorers):
    page = explorers(Backpropagation(moment=14))
    lit = page.locator(".dx-edge[data-state=backward]")
    assert lit.count() == 1
    assert page.locator(".dx-local").text_content() == "× 12"
    assert page.locator(".dx-box[data-state=now] .dx-formula").text_content() == "y"
    page.evaluate(f"document.querySelector('{TAG}').set({{ moment: 4 }})")
    assert page.locator(".dx-edge[data-state=forward]").count() == 2
    assert not page.locator(".dx-local").is_visible()


@pytest.mark.parametrize("width", [360, 900])
def test_every_number_stays_in_its_box(explorers, width):
    page = explorers(Backpropagation(-0.01234, -98.76, LAST), width=width)
    over = """() => [...document.querySelectorAll(".dx-box")].map((box) => {
      const inside = box.querySelector("rect").getBoundingClientRect();
      return Math.max(...[...box.querySelectorAll("text")].map((text) =>
        text.getBoundingClientRect().width - inside.width));
    })"""
    assert max(page.evaluate(over)) <= 0


def test_a_link_restores_the_run(explorers):
    page = explorers(Backpropagation(), link="#dx-backpropagation=x:-1;y:2;moment:12")
    assert state(page, TAG) == {"x": -1, "y": 2, "moment": 12}
    page = explorers(Backpropagation(), link="#dx-backpropagation=x:-1;y:2;moment:1.5")
    assert state(page, TAG) == {"x": 3, "y": 2, "moment": 0}
