"""Trust region, on a page with no kernel: mouse, slider, keyboard, and the step taken."""

import pytest

from book.explorers import TrustRegionExplorer
from tests.browser.explorer_pages import drag, overflowing, shown, state
from tests.browser.test_trust_region import states

pytestmark = pytest.mark.browser

TAG = TrustRegionExplorer.tag


def test_dragging_the_point_and_the_radius(explorers):
    page = explorers(TrustRegionExplorer("Himmelblau"))
    width = page.locator(".dx-frame").first.bounding_box()["width"]
    drag(page, "Radius", width / 10, 0)
    page.mouse.up()
    assert state(page, TAG)["radius"] == pytest.approx(2.5, abs=0.06)
    drag(page, "Point", -width / 10, width / 5)
    page.mouse.up()
    assert state(page, TAG)["start"] == pytest.approx([-1, -2], abs=0.06)
    assert state(page, TAG)["radius"] == pytest.approx(2.5, abs=0.06)


def test_the_radius_on_its_axis(explorers):
    page = explorers(TrustRegionExplorer("Himmelblau", (0, 0), 1))
    width = page.locator(".dx-drops .dx-frame").bounding_box()["width"]
    drag(page, "Radius, on its axis", width * 0.6, -50)
    page.mouse.up()
    assert state(page, TAG)["radius"] == pytest.approx(4, abs=0.06)
    drag(page, "Radius, on its axis", -width, 0)
    page.mouse.up()
    assert state(page, TAG)["radius"] == 0.01


def test_the_keyboard_moves_point_and_radius(explorers):
    page = explorers(TrustRegionExplorer())
    page.get_by_role("slider", name="Point", exact=True).focus()
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert state(page, TAG)["start"] == pytest.approx([-0.76, 1.04])
    handle = page.get_by_role("slider", name="Radius, on its axis")
    handle.focus()
    page.keyboard.press("Shift+ArrowRight")
    assert state(page, TAG)["radius"] == pytest.approx(0.7)
    assert handle.get_attribute("aria-valuetext") == "Δ 0.7"
    page.get_by_label("Radius Δ, as a number").fill("1.5")
    assert state(page, TAG)["radius"] == 1.5
    page.get_by_label("Radius Δ, as a number").fill("99")
    assert state(page, TAG)["radius"] == 1.5


def test_a_step_that_is_too_long_is_refused_until_it_is_short_enough(explorers):
    page = explorers(TrustRegionExplorer("Rosenbrock", (-1.18, 1.38), 2))
    assert "Really f rises by" in shown(page, "story")
    button, count = page.locator(".dx-controls .dx-button"), 0
    while button.inner_text() == "Refuse it, and shrink":
        button.click()
        count += 1
        assert state(page, TAG)["start"] == [-1.18, 1.38]
    assert 1 <= count <= 4
    button.click()
    assert state(page, TAG)["start"] != [-1.18, 1.38]
    page.get_by_role("button", name="Reset").click()
    assert state(page, TAG) == {"surface": "Rosenbrock", "start": [-1.18, 1.38], "radius": 2}


def test_taking_steps_arrives(explorers):
    page = explorers(TrustRegionExplorer())
    button = page.locator(".dx-controls .dx-button")
    for _ in range(45):
        if button.is_enabled():
            button.click()
    assert state(page, TAG)["start"] == pytest.approx([1, 1], abs=1e-4)


def test_at_a_minimum_there_is_no_step(explorers):
    page = explorers(TrustRegionExplorer("bowl, κ = 10", (0, 0)))
    assert shown(page, "story") == "The gradient is zero here: no step is better than none."
    button = page.locator(".dx-controls .dx-button")
    assert button.is_disabled()
    assert button.inner_text() == "There is no step"


def test_a_saddle_is_not_called_a_minimum(explorers):
    page = explorers(TrustRegionExplorer("saddle", (0, 0)))
    assert "this is no minimum" in shown(page, "story")


@pytest.mark.parametrize("width", [360, 800])
def test_nothing_overflows(explorers, width):
    page = explorers(TrustRegionExplorer(), width=width)
    assert overflowing(page, TAG, states()[::60]) == []
