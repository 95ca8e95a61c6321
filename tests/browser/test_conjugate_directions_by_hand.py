"""Conjugate directions, on a page with no kernel: mouse, keyboard, buttons."""

import pytest

from book.explorers import ConjugateDirections
from tests.browser.explorer_pages import drag, overflowing, shown, state
from tests.browser.test_conjugate_directions import states

pytestmark = pytest.mark.browser

TAG = ConjugateDirections.tag
LINES = f"""() => {{
  const {{ lines }} = document.querySelector("{TAG}").seen;
  return Object.fromEntries(Object.entries(lines).map(([name, {{ values: [points] }}]) => [name, points]));
}}"""


def unit(page) -> float:
    """Pixels for 1 on the plane."""
    return page.locator(".dx-frame").first.bounding_box()["width"] / 6


def test_dragging_the_start(explorers):
    page = explorers(ConjugateDirections((1, 1), 0, (2, 1)))
    drag(page, "Start", unit(page), -unit(page) / 2)
    page.mouse.up()
    assert state(page, TAG)["start"] == pytest.approx([2, 1.5], abs=0.03)
    lines = page.evaluate(LINES)
    assert lines["descent"][0] == state(page, TAG)["start"]
    assert lines["newton"][1] == [0, 0]
    assert (len(lines["conjugate"]), len(lines["newton"])) == (3, 2)
    drag(page, "Start", 9 * unit(page), 0)  # beyond the edge
    page.mouse.up()
    assert state(page, TAG)["start"][0] == 3
    box = page.locator(".dx-frame").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    assert state(page, TAG)["start"] == pytest.approx([-1.5, 1.5], abs=0.03)


def test_dragging_the_axes(explorers):
    page = explorers(ConjugateDirections((1, 1), 0, (2, 1)))
    drag(page, "First axis", 0.5 * unit(page), 0)
    page.mouse.up()
    assert state(page, TAG)["lengths"] == pytest.approx([2.5, 1], abs=0.03)
    assert state(page, TAG)["angle"] == pytest.approx(0, abs=0.5)
    drag(page, "Second axis", -unit(page), unit(page))  # from (0, 1) to (−1, 0)
    page.mouse.up()
    assert state(page, TAG)["lengths"] == pytest.approx([2.5, 1], abs=0.03)
    assert state(page, TAG)["angle"] == pytest.approx(90, abs=2)
    drag(page, "Second axis", 0.95 * unit(page), 0)  # to the middle: as short as it may be
    page.mouse.up()
    assert state(page, TAG)["lengths"][1] == 0.2


def test_the_keyboard_moves_start_and_axes(explorers):
    page = explorers(ConjugateDirections((1, 1), 0, (2, 1)))
    start = page.get_by_role("slider", name="Start")
    start.focus()
    for key in ("ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert state(page, TAG)["start"] == pytest.approx([1.06, 0.4])
    assert start.get_attribute("aria-valuetext") == "x 1.06, y 0.4"
    tip = page.get_by_role("slider", name="First axis")
    tip.focus()
    page.keyboard.press("ArrowRight")
    assert state(page, TAG)["lengths"] == [2.05, 1]
    assert tip.get_attribute("aria-valuetext") == "half an axis: 2.05, curvature 0.238"
    page.get_by_role("slider", name="Second axis").focus()
    page.keyboard.press("Shift+ArrowUp")
    assert state(page, TAG)["lengths"] == [2.05, 1.5]
    page.keyboard.press("ArrowLeft")
    assert state(page, TAG)["angle"] == pytest.approx(1.9)


def test_starts_and_shapes(explorers):
    page = explorers(ConjugateDirections((1, 1), 20, (2, 1)))
    page.get_by_role("button", name="Worst start").click()
    assert "This is about the worst start for κ = 4; none leaves more than 0.36." in shown(page, "story")
    page.get_by_role("button", name="Start on an axis").click()
    assert shown(page, "story").startswith("From here −g points to the minimum")
    page.get_by_role("button", name="Round").click()
    assert shown(page, "story").startswith("The bowl is round")
    assert state(page, TAG)["lengths"] == [1, 1]
    page.get_by_role("button", name="Reset").click()
    assert state(page, TAG)["lengths"] == [2, 1]


def test_walking_step_by_step(explorers):
    page = explorers(ConjugateDirections((-2, 1.5), 25, (2.4, 0.8), 0), reduced_motion="reduce")
    assert page.evaluate(LINES) == {"newton": None, "descent": None, "conjugate": None}
    step = page.get_by_role("button", name="Step", exact=True)
    step.click()
    lines = page.evaluate(LINES)
    assert [len(lines[name]) for name in ("descent", "conjugate", "newton")] == [2, 2, 2]
    assert lines["descent"] == lines["conjugate"]  # the first step is the same
    step.click()
    assert page.evaluate(LINES)["conjugate"][2] == pytest.approx([0, 0], abs=1e-12)
    page.get_by_role("button", name="Run").click()
    assert state(page, TAG)["steps"] == 40
    page.get_by_role("button", name="Back to start").click()
    assert state(page, TAG)["steps"] == 0


def test_the_second_picture_is_the_first_one_stretched(explorers):
    page = explorers(ConjugateDirections())
    seen, there, root, rings = page.evaluate(
        f"""() => {{
          const {{ seen, round, numbers }} = document.querySelector("{TAG}");
          return [seen.lines.descent.values[0], round.lines.descent.values[0], numbers.root,
            round.rings.values[0].map(([ring]) => ring.map((p) => Math.hypot(...p)))];
        }}"""
    )
    for (x, y), point in zip(seen, there, strict=True):
        assert point == pytest.approx([a * x + b * y for a, b in root], abs=1e-12)
    for ring in rings:
        assert max(ring) == pytest.approx(min(ring))


@pytest.mark.parametrize("width", [360, 500, 700, 900, 1280])
def test_nothing_overflows_and_no_letter_is_too_small(explorers, width):
    page = explorers(ConjugateDirections(), width=width)
    assert overflowing(page, TAG, states()[:30:3]) == []
    sizes = """[...document.querySelectorAll(".dx text, .dx p, .dx th, .dx td, .dx-key")]
      .map((e) => parseFloat(getComputedStyle(e).fontSize))"""
    assert min(page.evaluate(sizes)) >= 9
