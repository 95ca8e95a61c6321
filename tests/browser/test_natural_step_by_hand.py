"""Natural step, on a page with no kernel: mouse, finger, keyboard, slider, other parameters."""

import math

import pytest

from book.explorers import NaturalStep
from tests.browser.bell_states import states
from tests.browser.explorer_pages import drag, middle, overflowing, shown, state
from tests.browser.test_descent_by_hand import finger

pytestmark = pytest.mark.browser

TAG = NaturalStep.tag
PATHS = f"""() => {{
  const {{ plain, natural }} = document.querySelector("{TAG}").paths.lines;
  return [plain, natural].map(({{ element }}) => element.getAttribute("d"));
}}"""
CORNERS = """(d) => d.slice(1).split("L").map((pair) => pair.split(" ").map(Number))"""


def unit(page) -> float:
    """Pixels for 1 along μ."""
    return page.locator(".dx-frame").first.bounding_box()["width"] / 6


def test_dragging_the_bell(explorers):
    page = explorers(NaturalStep("sigma", (1, 1.2)))
    high = page.locator(".dx-frame").first.bounding_box()["height"] / 2
    before = shown(page, "story")
    drag(page, "Bell", unit(page), -high * 0.5)
    page.mouse.up()
    assert state(page, TAG)["model"] == pytest.approx([2, 1.7], abs=0.03)
    assert shown(page, "story") != before
    drag(page, "Bell", 9 * unit(page), 900)  # beyond the edge
    page.mouse.up()
    assert state(page, TAG)["model"] == [3, 0.6]
    box = page.locator(".dx-frame").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    assert state(page, TAG)["model"] == pytest.approx([-1.5, 2.1], abs=0.03)


@pytest.mark.parametrize(("name", "of"), [("log sigma", math.log), ("precision", lambda x: x**-2)])
def test_dragging_in_other_parameters(explorers, name, of):
    page = explorers(NaturalStep(name, (1, 1.2)))
    high = page.locator(".dx-frame").first.bounding_box()["height"]
    up = (of(0.9) - of(1.2)) / abs(of(2.6) - of(0.6))
    drag(page, "Bell", 0, -up * high)
    page.mouse.up()
    assert state(page, TAG)["model"] == pytest.approx([1, 0.9], abs=0.02)
    drag(page, "Bell", 0, 900)
    page.mouse.up()
    assert state(page, TAG)["model"][1] == (0.6 if name == "log sigma" else 2.6)


@pytest.mark.parametrize("name", ["sigma", "log sigma", "precision"])
def test_the_keyboard_moves_the_bell_and_back(explorers, name):
    for σ in (0.6, 1.2, 2.59):
        page = explorers(NaturalStep(name, (1, σ)))
        bell = page.get_by_role("slider", name="Bell")
        bell.focus()
        page.keyboard.press("ArrowRight")
        assert state(page, TAG)["model"] == pytest.approx([1.06, σ], abs=5e-4)
        there, back = (
            ("ArrowUp", "ArrowDown") if (σ < 2) != (name == "precision") else ("ArrowDown", "ArrowUp")
        )
        page.keyboard.press(f"Shift+{there}")
        moved = state(page, TAG)["model"][1]
        assert abs(moved - σ) > 0.02
        page.keyboard.press(f"Shift+{back}")
        assert state(page, TAG)["model"][1] == pytest.approx(σ, abs=0.003)
        page.keyboard.press(there)
        assert state(page, TAG)["model"][1] != σ
    assert bell.get_attribute("aria-valuetext").startswith("μ 1.06, σ 2.")


def test_a_finger_moves_the_bell(explorers):
    page = explorers(NaturalStep("sigma", (1, 1.2)), width=360, has_touch=True)
    finger(page, middle(page.get_by_role("slider", name="Bell", exact=True)), by=(-unit(page), 0))
    assert state(page, TAG)["model"] == pytest.approx([0, 1.2], abs=0.04)
    assert page.evaluate("scrollY") == 0


def test_other_parameters_keep_the_model_and_the_natural_path(explorers):
    page = explorers(NaturalStep("sigma", (2, 1.2), 0.001))
    before = page.evaluate(PATHS)
    for text in ("μ and log σ", "μ and 1/σ²"):
        page.locator("label", has_text=text).click()
        assert state(page, TAG)["model"] == [2, 1.2]
        after = page.evaluate(PATHS)
        pairs = [[page.evaluate(CORNERS, d) for d in pair] for pair in zip(before, after, strict=True)]
        plain, natural = (max(math.dist(a, b) for a, b in zip(*pair, strict=True)) for pair in pairs)
        assert natural < 1  # pixel
        assert plain > 4


def test_the_slider_widens_the_ring(explorers):
    page = explorers(NaturalStep())
    wide = f"document.querySelector('{TAG}').ring.element.getBBox().width"
    before = page.evaluate(wide)
    page.locator(".dx-controls .dx-number").fill("0.2")
    assert state(page, TAG)["divergence"] == 0.2
    assert page.evaluate(wide) == pytest.approx(2 * before, rel=0.02)
    assert "δ = 0.2" in shown(page, "story")
    page.get_by_role("button", name="Reset").click()
    assert state(page, TAG)["divergence"] == 0.05


def test_nothing_below_jumps_while_the_bell_is_dragged(explorers):
    for width in (360, 900):
        page = explorers(NaturalStep(), width=width)
        heights = page.evaluate(
            """async ([tag, states]) => {
              const element = document.querySelector(tag);
              await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
              return states.map((state) => { element.set(state); return element.offsetHeight; });
            }""",
            [TAG, states()],
        )
        assert max(heights) - min(heights) <= 1, (width, sorted(set(heights)))


@pytest.mark.parametrize("width", [360, 500, 700, 900, 1280])
def test_nothing_overflows_and_no_letter_is_too_small(explorers, width):
    page = explorers(NaturalStep(), width=width)
    cut = "[...element.querySelectorAll('th, td')].some((e) => e.scrollWidth > e.clientWidth + 1)"
    assert overflowing(page, TAG, states()[::3], cut) == []
    sizes = """[...document.querySelectorAll(".dx text, .dx p, .dx th, .dx td, .dx-key")]
      .map((e) => parseFloat(getComputedStyle(e).fontSize))"""
    assert min(page.evaluate(sizes)) >= 9
