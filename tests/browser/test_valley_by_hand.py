"""A ball in a valley, on a page with no kernel: mouse, sliders, keyboard, the fewest steps so far."""

import pytest

from book.explorers import Valley
from tests.browser.explorer_pages import drag, overflowing, shown, state
from tests.browser.test_valley import needed_of, states, walk_of

pytestmark = pytest.mark.browser

TAG = Valley.tag
LINES = f"""() => {{
  const {{ lines }} = document.querySelector("{TAG}");
  return Object.fromEntries(Object.entries(lines).map(([name, {{ values: [points] }}]) => [name, points]));
}}"""


def press(page, label, *keys):
    page.get_by_label(label, exact=True).focus()
    for key in keys:
        page.keyboard.press(key)


def test_dragging_the_start(explorers):
    page = explorers(Valley(0.03, 0.8, (-1, 0)))
    box = page.locator(".dx-plane").bounding_box()
    drag(page, "Start", box["width"] / 4.1, -box["height"] / 3.8)
    page.mouse.up()
    assert state(page, TAG)["start"] == pytest.approx([0, 0.5], abs=0.03)
    lines = page.evaluate(LINES)
    for name in ("descent", "ball"):
        assert lines[name][0] == pytest.approx(state(page, TAG)["start"])
    drag(page, "Start", 9 * box["width"], 0)  # beyond the edge
    page.mouse.up()
    assert state(page, TAG)["start"][0] == 1.75


def test_the_sliders_move_both_paths_at_once(explorers):
    page = explorers(Valley(0.036, 0.9))
    before = page.evaluate(LINES)
    press(page, "Momentum μ", "ArrowLeft")
    after = page.evaluate(LINES)
    assert state(page, TAG)["momentum"] == 0.895
    assert after["descent"] == before["descent"]
    assert after["ball"] != before["ball"]
    press(page, "Rate η", "ArrowRight")
    assert state(page, TAG)["lr"] == 0.0365
    assert page.evaluate(LINES)["descent"] != before["descent"]
    press(page, "Rate η", "End")
    assert page.locator(".dx-steps").first.inner_text() == "never arrives"
    assert page.locator(".dx-endless").count() == 2


def test_the_fewest_steps_so_far(explorers):
    page = explorers(Valley(0.036, 0.9))
    assert shown(page, "record") == ""  # nothing was tried yet
    press(page, "Momentum μ", "ArrowLeft")
    needed = needed_of(walk_of(0.036, 0.895, [-1.9, 0.8]))
    assert shown(page, "record") == f"Your fewest so far: {needed}, with η = 0.036 and μ = 0.895."
    best = min((needed_of(walk_of(0.036, (895 - 5 * k) / 1000, [-1.9, 0.8])), k) for k in range(61))
    press(page, "Momentum μ", *["ArrowLeft"] * 60)
    assert shown(page, "record").startswith(f"Your fewest so far: {best[0]}, with η = 0.036 and μ = 0.")
    page.get_by_role("button", name="Reset").click()
    assert shown(page, "record") == ""


def test_bars_are_as_long_as_the_runs(explorers):
    page = explorers(Valley(0.036, 0.7))
    shares = (
        "[...document.querySelectorAll('.dx-bar')].map((e) => Number(e.style.getPropertyValue('--dx-share')))"
    )
    descent, ball = (needed_of(walk_of(0.036, μ, [-1.9, 0.8])) for μ in (0.0, 0.7))
    assert page.evaluate(shares) == pytest.approx([descent / 150, ball / 150])
    assert page.locator(".dx-steps").all_inner_texts() == [f"{descent} steps", f"{ball} steps"]


def test_the_first_picture_draws_itself_and_no_later_one(explorers):
    moving = f"document.querySelector('{TAG} .dx-drawn').getAnimations().length"
    assert explorers(Valley(), reduced_motion="reduce").evaluate(moving) == 0
    page = explorers(Valley())
    assert page.evaluate(moving) == 1
    press(page, "Momentum μ", "ArrowLeft")
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize("width", [360, 500, 700, 900, 1280])
def test_nothing_overflows_and_no_letter_is_too_small(explorers, width):
    page = explorers(Valley(), width=width)
    not_drawn = "document.querySelector('.dx-area path[d*=NaN]') !== null"
    assert overflowing(page, TAG, states()[::9], not_drawn) == []
    sizes = """[...document.querySelectorAll(".dx text, .dx p, .dx dd, .dx label")]
      .map((e) => parseFloat(getComputedStyle(e).fontSize))"""
    assert min(page.evaluate(sizes)) >= 9
