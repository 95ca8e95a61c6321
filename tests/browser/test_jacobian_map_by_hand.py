"""Jacobian as a map on a page: mouse, keyboard, link, axe."""

import pytest

from book.explorers import JacobianMap
from tests.browser.accessibility import violations
from tests.browser.explorer_pages import state

pytestmark = pytest.mark.browser

TAG = JacobianMap.tag


def test_the_page_shows_the_numbers(explorers):
    page = explorers(JacobianMap("polar", (2, 0.5), 0.1))
    assert page.locator(".dx-matrix td").all_inner_texts()[1:] == ["0.8776", "−0.9589", "0.4794", "1.755"]
    facts = page.locator(".dx-fact dd").all_inner_texts()
    assert facts[:4] == ["2.000", "2.00", "2.000", "1.000"]
    assert facts[5].endswith("÷ 4.01")
    assert page.locator(".dx-story").inner_text().startswith("A good picture")


def test_halving_the_side_divides_the_distance_by_about_four(explorers):
    page = explorers(JacobianMap(side=0.2))
    first = page.locator(".dx-fact dd").nth(5).inner_text()
    page.get_by_role("button", name="Halve").click()
    assert state(page, TAG)["side"] == 0.1
    assert first.startswith(page.locator(".dx-fact dd").nth(4).inner_text())
    page.get_by_label("Side of the square, as a number").fill("0.5")
    assert state(page, TAG)["side"] == 0.5
    page.get_by_label("Side of the square", exact=True).focus()
    page.keyboard.press("Home")
    assert state(page, TAG)["side"] == 0.01
    assert page.get_by_role("button", name="Halve").get_attribute("aria-disabled") == "true"


def test_the_square_is_dragged_and_follows_the_arrow_keys(explorers):
    page = explorers(JacobianMap("shear", (0, 0)))
    grip = page.get_by_role("slider", name="Middle of the square")
    box = grip.locator(".dx-grip").bounding_box()
    plane = page.locator(".dx-frame").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(plane["x"] + 0.75 * plane["width"], plane["y"] + 0.5 * plane["height"])
    page.mouse.up()
    assert state(page, TAG)["point"] == pytest.approx([1, 0], abs=0.03)
    grip.focus()
    before = state(page, TAG)["point"]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowLeft")
    assert state(page, TAG)["point"] == pytest.approx([before[0] - 0.4, before[1] + 0.04], abs=0.011)
    assert "x₁ = " in grip.get_attribute("aria-valuetext")


def test_another_map_brings_its_own_point(explorers):
    page = explorers(JacobianMap("swirl", (-1.9, -1.9)))
    page.get_by_label("polar").check(force=True)
    assert state(page, TAG) == {"map": "polar", "point": [2, 0.5], "side": 0.7, "view": "whole"}
    assert "cos" in page.locator(".dx-caption").inner_text()


def test_the_magnified_view_shows_a_small_square_large(explorers):
    page = explorers(JacobianMap(side=0.01))
    image = page.locator(".dx-half").nth(1).locator(".dx-filled")
    assert image.bounding_box()["width"] < 10
    page.get_by_label("magnified").check(force=True)
    assert image.bounding_box()["width"] > 100


def test_a_link_restores_it(explorers):
    link = "#dx-jacobian-map=map:pleat;point:0.9,0.1;side:0.05;view:magnified"
    page = explorers(JacobianMap(), link=link)
    assert state(page, TAG) == {"map": "pleat", "point": [0.9, 0.1], "side": 0.05, "view": "magnified"}
    assert page.evaluate(f"document.querySelector('{TAG}').toLink()") == link
    assert "turned over" in page.locator(".dx-story").inner_text()


@pytest.mark.parametrize("bad", ["map:none", "point:9,9", "point:1", "side:0", "side:x", "view:small"])
def test_a_link_that_makes_no_sense_changes_nothing(explorers, bad):
    page = explorers(JacobianMap(), link=f"#dx-jacobian-map={bad}")
    assert state(page, TAG) == {"map": "swirl", "point": [0.9, 0.4], "side": 0.7, "view": "whole"}


@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 900)])
def test_axe_finds_no_violation_and_nothing_overflows(explorers, theme, width):
    page = explorers(JacobianMap(), JacobianMap("pleat", (-1.5, -1.5), 0.013), theme=theme, width=width)
    assert violations(page, preload=False) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    edges = "[...document.querySelectorAll('.dx *:not(svg *)')].map((e) => e.getBoundingClientRect().right)"
    assert max(page.evaluate(edges)) <= width


def test_without_scripts_a_sentence_stands_in(explorers):
    page = explorers(JacobianMap(), java_script_enabled=False)
    assert "It runs on the book's page and in a live notebook." in page.locator(TAG).inner_text()
