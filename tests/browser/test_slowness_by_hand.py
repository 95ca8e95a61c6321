"""Slowness, on a page with no kernel: chart, slider, buttons, play."""

import pytest
import torch

from tests.browser.explorer_pages import drag, overflowing, shown, state
from tests.explorers.invented_picture import Slowness, noisy_picture, smooth_picture

pytestmark = pytest.mark.browser

TAG = Slowness.tag
# The colours that a canvas shows, red, green and blue of each pixel.
ON_CANVAS = f"""(place) => {{
  const canvas = document.querySelectorAll("{TAG} canvas")[place];
  return [...canvas.getContext("2d").getImageData(0, 0, 32, 32).data];
}}"""


def on_canvas(page, place: int) -> torch.Tensor:
    colours = torch.tensor(page.evaluate(ON_CANVAS, place)).view(32, 32, 4)
    return colours[..., :3].permute(2, 0, 1)


def test_what_both_have_found(explorers):
    page = explorers(Slowness(steps=0))
    for place in (0, 1):
        assert set(on_canvas(page, place).flatten().tolist()) == {128}
    page.get_by_role("button", name="300", exact=True).click()
    assert torch.equal(on_canvas(page, 1), smooth_picture().int())
    off = (on_canvas(page, 0) - smooth_picture().int()).abs()
    assert off.max() > 10
    assert page.locator("figcaption").all_inner_texts()[1].endswith("< 1 % left")


def test_dragging_the_step_along_the_curve(explorers):
    page = explorers(Slowness(steps=10))
    frame = page.locator(".dx-frame").bounding_box()
    drag(page, "Step on the curve", frame["width"] / 10, -40)
    page.mouse.up()
    assert state(page, TAG)["steps"] == pytest.approx(40, abs=1)
    assert shown(page, "at") == f"Step {state(page, TAG)['steps']}"
    page.mouse.click(frame["x"] + frame["width"] / 2, frame["y"] + 5)
    assert state(page, TAG)["steps"] == pytest.approx(150, abs=1)


def test_the_keyboard_and_what_is_heard(explorers):
    page = explorers(Slowness(steps=10))
    point = page.get_by_role("slider", name="Step on the curve")
    point.focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert state(page, TAG)["steps"] == 20
    heard = point.get_attribute("aria-valuetext")
    assert heard.startswith("step 20: descent has ")
    page.get_by_role("slider", name="Step", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    assert state(page, TAG)["steps"] == 19
    page.wait_for_function("document.querySelector('[role=status]').textContent.startsWith('step 19: ')")
    page.keyboard.press("End")
    assert state(page, TAG)["steps"] == 300


def test_play_goes_on_until_a_hand_moves_the_step(explorers):
    page = explorers(Slowness(steps=0))
    for stop in (
        lambda: page.get_by_role("button", name="Pause").click(),
        lambda: page.get_by_role("button", name="3", exact=True).click(),
        lambda: page.get_by_role("button", name="Reset").click(),
    ):
        before = state(page, TAG)["steps"]
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function(f"document.querySelector('{TAG}').state.steps > {before + 3}")
        stop()
        stopped = state(page, TAG)["steps"]
        page.wait_for_timeout(200)
        assert state(page, TAG)["steps"] == stopped
    assert stopped == 0


def test_play_begins_with_grey(explorers):
    """From the still that stands there at first, and again after Reset; from any other step it goes on."""
    page = explorers(Slowness(steps=10))
    page.evaluate("addEventListener('dx-change', ({ detail }) => (window.heard ??= []).push(detail.steps))")
    for hand, wanted in [(None, [0, 1, 2]), ("Reset", [10, 0, 1]), ("30", [30, 31, 32])]:
        page.evaluate("window.heard = []")
        if hand:
            page.get_by_role("button", name=hand, exact=True).click()
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function("window.heard.length > 3")
        page.get_by_role("button", name="Pause").click()
        assert page.evaluate("window.heard.slice(0, 3)") == wanted


def test_play_ends_at_the_last_step(explorers):
    page = explorers(Slowness())
    page.evaluate(f"document.querySelector('{TAG}').set({{ steps: 298 }})")
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="Replay").wait_for()
    assert state(page, TAG) == {"steps": 300}


MARKS = f"""() => {{
  const {{ bridge, there, times }} = document.querySelector("{TAG}").chart;
  const drawn = ({{ values, element }}) => (element.style.display === "none" ? null : values);
  return [bridge, there, times].map(drawn);
}}"""


def test_the_line_to_where_descent_is_as_near(explorers):
    page = explorers(Slowness(steps=10))
    [[[start, end]], [there], [_, words]] = page.evaluate(MARKS)
    assert start[0] == 10
    assert start[1] == end[1] == there[1]
    assert there == end
    assert shown(page, "story").startswith(f"Descent is as near at step {end[0]}, after {words[2:]} times")
    page.get_by_role("button", name="100", exact=True).click()
    [[[start, end]], there, words] = page.evaluate(MARKS)
    assert (start[0], end[0], there, words) == (100, 300, None, None)  # beyond the picture
    page = explorers(Slowness(noisy_picture(), steps=1))
    assert page.evaluate(MARKS) == [None, None, None]  # descent is ahead
    assert "no further away" in shown(page, "story")


# Whether a curve leaves the frame of the chart, the pictures are not square and alike, or something moved.
AMISS = """(() => {
  const box = (e) => e.getBoundingClientRect(), frame = box(document.querySelector(".dx-frame"));
  const curves = [...document.querySelectorAll(".dx-line")].map(box).filter(({ width }) => width);
  const canvases = [...document.querySelectorAll("canvas")].map(box);
  const out = curves.some(({ top, bottom }) => top < frame.top - 2 || bottom > frame.bottom + 2);
  const places = [frame, box(document.querySelector(".dx-foot"))].map(({ top }) => Math.round(top)).join();
  const moved = (window.first ??= places) !== places;
  const least = 0.4 * box(document.querySelector(".dx")).width;
  return out || moved || canvases.some(({ width, height }) => Math.abs(height - width) > 0.1 || width < least)
    || Math.abs(canvases[1].width - canvases[0].width) > 0.1;
})()"""


@pytest.mark.parametrize("width", [360, 500, 700, 900])
@pytest.mark.parametrize("picture", [smooth_picture(), noisy_picture()], ids=["smooth", "noisy"])
def test_nothing_overflows(explorers, width, picture):
    page = explorers(Slowness(picture), width=width)
    assert overflowing(page, TAG, [{"steps": steps} for steps in (0, 1, 5, 10, 30, 100, 300)], AMISS) == []
