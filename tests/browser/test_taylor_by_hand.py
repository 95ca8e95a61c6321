"""Taylor, on a page with no kernel, by mouse and by keyboard."""

import pytest

from book.explorers import Taylor
from tests.browser.explorer_pages import drag, shown, state

pytestmark = pytest.mark.browser

TAYLOR = Taylor.tag


def test_dragging_the_point_and_the_step(explorers):
    page = explorers(Taylor())
    width = page.locator(".dx-frame").bounding_box()["width"]
    drag(page, "Point x", width / 5.2, 40)
    page.mouse.up()
    assert state(page, TAYLOR)["x"] == pytest.approx(-1, abs=0.03)
    drag(page, "End of the step, x + s", width / 5.2, -70)
    page.mouse.up()
    assert state(page, TAYLOR)["step"] == pytest.approx(1.8, abs=0.05)
    assert state(page, TAYLOR)["x"] == pytest.approx(-1, abs=0.03)


def test_the_keyboard_moves_the_point_and_the_step(explorers):
    page = explorers(Taylor("exponential"))
    page.get_by_role("slider", name="Point x").focus()
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    assert state(page, TAYLOR)["x"] == pytest.approx(1 + 0.12 - 0.6)
    page.get_by_role("slider", name="End of the step").focus()
    page.keyboard.press("ArrowLeft")
    assert state(page, TAYLOR)["step"] == pytest.approx(-1.06)


def test_one_step_of_descent_and_the_best_rate(explorers):
    page = explorers(Taylor("fourth power"))
    page.get_by_label("one step of descent").check()
    assert state(page, TAYLOR)["lr"] == 0.042
    page.get_by_role("button", name="best: 1/f″ = 0.08333").click()
    assert state(page, TAYLOR)["lr"] == 0.08333
    assert "the best rate for the parabola" in shown(page, "story")
    page.get_by_label("Learning rate").fill("0.2")
    assert "above 2/f″: the parabola says that f rises" in shown(page, "story")
    drag(page, "Point x", -60, 0)  # the step follows the slope
    page.mouse.up()
    assert state(page, TAYLOR)["lr"] == 0.2
    page.get_by_label("a free step").check()
    assert state(page, TAYLOR)["lr"] is None
    assert page.get_by_label("Learning rate").input_value() == ""


STORIES = [
    (("cubic", -2, 0.8), "Really it falls by 3.872: the drop is smaller, since f″ > 0 here"),
    (("cubic", 0.5, -0.5), "the drop is larger, since f″ < 0 here"),
    (("cubic", 0.5, -2.5), "although f″ < 0 here"),
    (("exponential", 0, 1), "the rise is larger, since f″ > 0"),
    (("cubic", 1, -0.5), "The straight line is level, but f falls by 0.625"),
    (("fourth power", 0, 0), "The slope is zero: descent stands still here"),
]


@pytest.mark.parametrize(("settings", "sentence"), STORIES)
def test_a_sentence_compares_the_real_drop_with_the_straight_lines(explorers, settings, sentence):
    assert sentence in shown(explorers(Taylor(*settings)), "story").replace("\xa0", " ")


def test_a_step_that_leaves_the_picture_still_has_its_numbers(explorers):
    page = explorers(Taylor("cubic", -2, lr=1))
    assert not page.get_by_role("slider", name="End of the step").is_visible()
    assert page.locator(".dx-row-real td").first.inner_text() == "−322.0"
