"""Momentum phase diagram, on a page with no kernel: mouse, sliders, keyboard."""

from itertools import pairwise

import pytest

from book.explorers import MomentumPhases
from tests.browser.explorer_pages import drag, overflowing, shown, state
from tests.browser.test_momentum_phases import states

pytestmark = pytest.mark.browser

TAG = MomentumPhases.tag


def test_dragging_the_point(explorers):
    page = explorers(MomentumPhases(1, 0.5))
    box = page.locator(".dx-frame").first.bounding_box()
    across, up = box["width"] / 4.4**0.5, box["height"] / (1.1**0.5 + 0.11)
    drag(page, "Rate and momentum", (2**0.5 - 1) * across, -(0.9**0.5 - 0.5**0.5) * up)
    page.mouse.up()
    assert state(page, TAG)["lr"] == pytest.approx(2, abs=0.02)
    assert state(page, TAG)["momentum"] == pytest.approx(0.9, abs=0.01)
    assert "complex pair of size √μ" in shown(page, "story")
    drag(page, "Rate and momentum", 0, box["height"])  # below the plane
    page.mouse.up()
    assert state(page, TAG)["momentum"] == 0
    page.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.5)
    assert shown(page, "story").startswith("An eigenvalue lies outside the unit circle")


def test_the_keyboard_moves_the_point(explorers):
    page = explorers(MomentumPhases(1, 0.5))
    point = page.get_by_role("slider", name="Rate and momentum")
    point.focus()
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert state(page, TAG)["lr"] == pytest.approx(1.11**2, abs=1e-4)  # the roots move by a hundredth
    assert state(page, TAG)["momentum"] == pytest.approx((0.5**0.5 + 0.01) ** 2, abs=1e-4)
    assert point.get_attribute("aria-valuetext").startswith("ηλ 1.232, μ 0.5142: oscillating, factor 0.7171")
    page.get_by_label("Condition κ", exact=True).focus()
    page.keyboard.press("End")
    assert state(page, TAG)["kappa"] == 100


def test_fields_take_numbers_in_range(explorers):
    page = explorers(MomentumPhases())
    page.get_by_label("Rate ηλ, as a number").fill("2.5")
    page.get_by_label("Momentum μ, as a number").fill("7")
    page.get_by_label("Condition κ, as a number").fill("")
    assert state(page, TAG) == {"lr": 2.5, "momentum": 0.9, "kappa": 1}


def test_the_best_pairs_and_the_second_direction(explorers):
    page = explorers(MomentumPhases())
    assert not page.locator(".dx-of-flat").first.is_visible()
    page.get_by_label("Condition κ, as a number").fill("9")
    assert page.locator("thead .dx-of-flat").is_visible()
    page.get_by_role("button", name="Best plain descent").click()
    assert state(page, TAG) == {"lr": 1.8, "momentum": 0, "kappa": 9}
    assert "Both directions have the same factor |r|, 0.8." in shown(page, "story")
    page.get_by_role("button", name="Best pair").click()
    assert state(page, TAG)["lr"] == pytest.approx(2.25)
    assert state(page, TAG)["momentum"] == pytest.approx(0.25)
    assert "This is the best pair for κ = 9" in shown(page, "story")
    cells = page.locator(".dx-numbers tbody td").all_inner_texts()
    assert cells[:6] == ["2.25", "0.25", "critical", "critical", "−0.5 twice", "0.5 twice"]
    page.get_by_role("button", name="Reset").click()
    assert state(page, TAG) == {"lr": 0.1, "momentum": 0.9, "kappa": 1}


VELOCITIES = f"""() => {{
  const {{ lines, along, plane }} = document.querySelector("{TAG}").velocities;
  const drawn = ({{ values: [points], element }}) => points && element.style.display !== "none" && points;
  return [drawn(lines.steep), drawn(lines.flat), drawn(along.steep), plane.x, plane.y];
}}"""


def test_the_velocity_against_the_position(explorers):
    page = explorers(MomentumPhases(0.1, 0.9))
    path, flat, line, *_ = page.evaluate(VELOCITIES)
    assert (len(path), path[0], flat, line) == (51, [1, 0], None, None)
    assert [x for x, _ in path[1:]] == pytest.approx([x + v for (x, _), (_, v) in pairwise(path)])
    assert min(x for x, _ in path) < -0.5  # a spiral
    page.get_by_label("Momentum μ", exact=True).focus()
    page.keyboard.press("Home")
    path, _, [low, high], right, top = page.evaluate(VELOCITIES)
    assert min(x for x, _ in path) > 0  # it creeps, along v = −x/9
    assert path[-1][1] / path[-1][0] == pytest.approx(high[1] / high[0])
    assert (low[0], high[0]) == tuple(right)
    assert max(abs(v) for _, v in path) < top[1]
    page.get_by_label("Condition κ, as a number").fill("9")
    assert page.evaluate(VELOCITIES)[1][0] == [1, 0]
    page.evaluate(f"document.querySelector('{TAG}').set({{ lr: 4.4, momentum: 1.1 }})")
    assert len(page.evaluate(VELOCITIES)[0]) < 51  # it ends where it leaves


@pytest.mark.parametrize("width", [360, 500, 700, 900, 1280])
def test_nothing_overflows_and_no_name_is_cut_off(explorers, width):
    page = explorers(MomentumPhases(3.2, 0.512, 33.3), width=width)
    given = [dict(zip(("lr", "momentum", "kappa"), state, strict=True)) for state in states()[:40:4]]
    assert overflowing(page, TAG, given) == []
    over = """() => {
      const { left, right } = document.querySelector(".dx-frame").getBoundingClientRect();
      const names = document.querySelector(".dx-area").querySelectorAll(".dx-plane-text:not(.dx-star)");
      const boxes = [...names].map((e) => e.getBoundingClientRect());
      return boxes.map((box) => Math.max(left - box.left, box.right - right));
    }"""
    assert max(page.evaluate(over)) <= 1
    sizes = """[...document.querySelectorAll(".dx text, .dx p, .dx th, .dx td, .dx label, .dx-key")]
      .map((e) => parseFloat(getComputedStyle(e).fontSize))"""
    assert min(page.evaluate(sizes)) >= 9
