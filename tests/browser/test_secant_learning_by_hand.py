"""Secant learning on a page: mouse, keyboard, link, axe."""

import pytest

from book.explorers import SecantLearning
from tests.browser.accessibility import violations
from tests.browser.explorer_pages import drag, shown, state

pytestmark = pytest.mark.browser

TAG = SecantLearning.tag


def test_steps_turn_the_circle_into_the_hessians_ellipse(explorers):
    page = explorers(SecantLearning())
    belief = page.locator(".dx-belief")
    box = belief.bounding_box()
    assert box["width"] == pytest.approx(box["height"], abs=1)
    step = page.get_by_role("button", name="Step")
    assert "Nothing is known yet" in shown(page, "story")
    for count in range(1, 30):
        if step.get_attribute("aria-disabled") == "true":
            break
        step.click()
        assert state(page, TAG)["steps"] == count
    assert "its ellipse is the Hessian's" in shown(page, "story")
    box, truth = belief.bounding_box(), page.locator(".dx-truth-ellipse").bounding_box()
    assert box["width"] == pytest.approx(truth["width"], abs=2)
    assert box["height"] == pytest.approx(truth["height"], abs=2)
    page.get_by_role("button", name="Back to start").click()
    assert state(page, TAG)["steps"] == 0


def test_the_start_is_dragged_and_follows_the_arrow_keys(explorers):
    page = explorers(SecantLearning("bowl, κ = 10", steps=4))
    side = page.locator(".dx-frame").first.bounding_box()["width"]
    drag(page, "Start", -side / 4, 0)
    page.mouse.up()
    assert state(page, TAG)["start"] == pytest.approx([2 - 1.2, 1], abs=0.05)
    assert state(page, TAG)["steps"] == 0
    handle = page.get_by_role("slider", name="Start")
    handle.focus()
    before = state(page, TAG)["start"]
    page.keyboard.press("ArrowUp")
    assert state(page, TAG)["start"][1] > before[1]


def test_a_run_goes_step_by_step_to_the_end(explorers):
    page = explorers(SecantLearning("Rosenbrock"))
    page.get_by_role("button", name="Run").click()
    page.wait_for_function("document.querySelector('.dx-main').textContent === 'Run'")
    taken, end = shown(page, "number-of").split(" of ")
    assert taken == end
    assert int(end) > 20


def test_another_surface_brings_its_own_start(explorers):
    page = explorers(SecantLearning("bowl, κ = 10", (1, 1), 3))
    page.get_by_label("Himmelblau").check(force=True)
    assert state(page, TAG) == {"surface": "Himmelblau", "start": [0, 0], "steps": 0}
    page.get_by_role("button", name="Reset").click()
    assert state(page, TAG) == {"surface": "bowl, κ = 10", "start": [1, 1], "steps": 3}


def test_a_link_restores_it(explorers):
    link = "#dx-secant-learning=surface:Beale;start:1,1;steps:4"
    page = explorers(SecantLearning(), link=link)
    assert state(page, TAG) == {"surface": "Beale", "start": [1, 1], "steps": 4}
    assert page.evaluate(f"document.querySelector('{TAG}').toLink()") == link


@pytest.mark.parametrize("bad", ["surface:saddle", "start:9,9", "steps:-1", "steps:61", "steps:1.5"])
def test_a_link_that_makes_no_sense_changes_nothing(explorers, bad):
    page = explorers(SecantLearning(), link=f"#dx-secant-learning={bad}")
    assert state(page, TAG) == {"surface": "bowl, κ = 10", "start": [2, 1], "steps": 0}


@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 900)])
def test_axe_finds_no_violation_and_nothing_overflows(explorers, theme, width):
    page = explorers(SecantLearning(), SecantLearning("Rosenbrock", steps=20), theme=theme, width=width)
    assert violations(page, preload=False) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    edges = "[...document.querySelectorAll('.dx *:not(svg *)')].map((e) => e.getBoundingClientRect().right)"
    assert max(page.evaluate(edges)) <= width


def test_without_scripts_a_sentence_stands_in(explorers):
    page = explorers(SecantLearning(), java_script_enabled=False)
    assert "It runs on the book's page and in a live notebook." in page.locator(TAG).inner_text()
