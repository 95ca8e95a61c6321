"""The explorer of constraints on a page: mouse, keyboard, link, axe."""

import pytest

from book.explorers import Constraint
from book.explorers.constraint.widget import DEFAULTS
from tests.browser.accessibility import violations
from tests.browser.explorer_pages import state

pytestmark = pytest.mark.browser

TAG = Constraint.tag


def verdicts(page):
    return page.locator(".dx-conditions td:last-child").all_inner_texts()


def drag(page, grip, x, y):
    """Drag a handle to a point of the plane."""
    box = grip.locator(".dx-grip").bounding_box()
    frame = page.locator(".dx-frame").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(frame["x"] + (x + 2.5) / 5 * frame["width"], frame["y"] + (2.5 - y) / 5 * frame["height"])
    page.mouse.up()


def test_it_opens_with_one_condition_failing(explorers):
    page = explorers(Constraint())
    assert verdicts(page) == ["fails", "holds", "holds", "holds"]
    assert (
        page.locator(".dx-story")
        .inner_text()
        .startswith("Nothing holds x here: a pull of length 4.33 is left over; its larger entry is 3.60.")
    )


def test_the_button_goes_to_the_solution(explorers):
    page = explorers(Constraint())
    page.get_by_role("button", name="Go to the solution").click()
    assert verdicts(page) == ["holds"] * 4
    assert "λ = 1.33" in page.locator(".dx-story").inner_text()
    facts = page.locator(".dx-fact dd").all_inner_texts()
    assert facts[0] == facts[1] == "0.8265"
    page.get_by_label("circle, h = 0").check(force=True)
    page.get_by_role("button", name="Go to the solution").click()
    assert verdicts(page) == ["holds", "holds", "not asked", "not asked"]


def test_x_is_dragged_snaps_to_the_wall_and_follows_the_arrow_keys(explorers):
    page = explorers(Constraint("wall", center=(2, 0), place=(1, 0), angle=0, x=(0, 0)))
    grip = page.get_by_role("slider", name="x", exact=True)
    drag(page, grip, 1.05, -0.5)
    assert state(page, TAG)["x"] == pytest.approx([1, -0.5], abs=0.03)
    assert state(page, TAG)["x"][0] == pytest.approx(1, abs=1e-9)
    assert "points along it" in page.locator(".dx-story").inner_text()
    grip.focus()
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    assert state(page, TAG)["x"] == pytest.approx([1, 0], abs=0.03)
    page.keyboard.press("ArrowLeft")
    assert state(page, TAG)["x"][0] == pytest.approx(0.9, abs=0.01)
    assert "Nothing holds x here" in page.locator(".dx-story").inner_text()
    page.keyboard.press("Shift+ArrowRight")
    assert "not allowed" in page.locator(".dx-story").inner_text()
    assert "x₁ = " in grip.get_attribute("aria-valuetext")


def test_bowl_and_constraint_are_dragged(explorers):
    page = explorers(Constraint())
    drag(page, page.get_by_role("slider", name="Middle of the bowl"), -1, 0.5)
    assert state(page, TAG)["center"] == pytest.approx([-1, 0.5], abs=0.03)
    page.get_by_role("button", name="Go to the solution").click()
    assert "no wall is felt" in page.locator(".dx-story").inner_text()
    drag(page, page.get_by_role("slider", name="Constraint"), -2, 0)
    assert state(page, TAG)["place"] == pytest.approx([-2, 0], abs=0.03)
    assert "not allowed" in page.locator(".dx-story").inner_text()
    page.get_by_label("Angle", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert state(page, TAG)["angle"] == 21


def test_round_sets_have_a_radius_and_straight_ones_an_angle(explorers):
    page = explorers(Constraint())
    assert page.get_by_label("Angle", exact=True).is_visible()
    assert not page.get_by_label("Radius", exact=True).is_visible()
    page.get_by_label("disc").check(force=True)
    assert not page.get_by_label("Angle", exact=True).is_visible()
    page.get_by_label("Radius, as a number").fill("0.5")
    assert state(page, TAG)["radius"] == 0.5


def test_the_tip_of_a_cusp_has_no_multipliers(explorers):
    page = explorers(Constraint("cusp"))
    page.get_by_role("button", name="Go to the solution").click()
    assert verdicts(page) == ["fails", "holds", "holds", "holds"]
    assert "there are no multipliers" in page.locator(".dx-story").inner_text()


def test_a_link_restores_it(explorers):
    link = "#dx-constraint=kind:disc;center:2,0;place:0,0;angle:20;radius:1;x:1,0"
    page = explorers(Constraint(), link=link)
    wanted = {"kind": "disc", "center": [2, 0], "place": [0, 0], "angle": 20, "radius": 1, "x": [1, 0]}
    assert state(page, TAG) == wanted
    assert page.evaluate(f"document.querySelector('{TAG}').toLink()") == link
    assert verdicts(page) == ["holds"] * 4


@pytest.mark.parametrize("bad", ["kind:none", "x:9,9", "center:1", "radius:0", "angle:x"])
def test_a_link_that_makes_no_sense_changes_nothing(explorers, bad):
    page = explorers(Constraint(), link=f"#dx-constraint={bad}")
    assert state(page, TAG) == DEFAULTS


@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 900)])
def test_axe_finds_no_violation_and_nothing_overflows(explorers, theme, width):
    page = explorers(Constraint(), Constraint("circle", x=(0.2, 1.2)), theme=theme, width=width)
    assert violations(page, preload=False) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    edges = "[...document.querySelectorAll('.dx *:not(svg *)')].map((e) => e.getBoundingClientRect().right)"
    assert max(page.evaluate(edges)) <= width


def test_without_scripts_a_sentence_stands_in(explorers):
    page = explorers(Constraint(), java_script_enabled=False)
    assert "It runs on the book's page and in a live notebook." in page.locator(TAG).inner_text()
