"""Momentum phase diagram in the browser: every string and path against Python's; mouse, sliders, keyboard."""

import random

import pytest
import torch

from book.explorers import MomentumPhases
from book.explorers.momentum_phases.widget import readout
from book.optim import Momentum, trajectory
from book.optim.heavy_ball import best, critical_momentum, rate
from tests.browser.explorer_pages import drag, shown, state, sticks_out

pytestmark = pytest.mark.browser

TAG = MomentumPhases.tag
TELLING = [(0, 0.5, 1), (0, 1, 4), (1, 0, 1), (3, 0.5, 1), (3, 0.5, 9), (4.4, 1.1, 100), (4, 1, 1), (2, 0, 1)]
TELLING += [(0.25, 0.25, 1), (2.25, 0.25, 1), (1, 0.81, 4), (0.5, 1, 1), (1.125, 0, 1), (1e-9, 0.5, 100)]


def states() -> list[list[float]]:
    draw = random.Random(11)
    found = [*TELLING, *([*best(1 / kappa, 1.0), kappa] for kappa in (1, 1.5, 4, 25, 81, 100))]
    for kappa in (1, 1, 1.05, 3, 10, 33.3, 100):
        for _ in range(40):
            lr, momentum = draw.uniform(0, 4.4), draw.uniform(0, 1.1)
            found.append([lr, momentum, kappa])
            found.append([round(lr, 2), round(momentum, 2), kappa])
            near = critical_momentum(lr, 1.0) + draw.uniform(-1e-3, 1e-3)
            found.append([lr, min(1.1, max(0.0, near)), kappa])
    return [list(given) for given in found]


def test_every_string_is_pythons(run):
    theirs = run(TAG, "given.map((state) => readout(...state))", states())
    kinds = set()
    assert len(theirs) > 800
    for given, texts in zip(states(), theirs, strict=True):
        assert texts == readout(*given), given
        kinds.add(texts["steep_regime"])
        assert not set("{}$") & set(texts["story"])
    assert kinds == {"monotone", "critical", "oscillating", "alternating", "marginal", "diverging"}


def test_the_paths_are_those_of_the_optimizer(run):
    cases = [[lr, momentum] for lr, momentum, _ in states()[::9]]
    theirs = run(TAG, "given.map(([p, momentum]) => pathOf(p, momentum, 200))", cases)
    for (lr, momentum), path in zip(cases, theirs, strict=True):
        make = lambda p, lr=lr, momentum=momentum: Momentum(p, lr=lr, momentum=momentum)  # noqa: E731
        start = torch.ones(1, dtype=torch.float64)
        mine = trajectory(make, lambda x: x.square().sum() / 2, start, 200).squeeze(1)
        size = mine.abs().cummax(0).values
        assert bool(((mine - torch.tensor(path, dtype=torch.float64)).abs() <= 1e-9 * size).all())


def test_the_level_lines_lie_on_their_rate(run):
    """But for the few cells that the kink of critical damping crosses."""
    levels = [0.2, 0.4, 0.6, 0.8, 0.9]
    for level, rings in zip(levels, run(TAG, "levelsOfRate()", None)[:5], strict=True):
        points = [(p, momentum) for ring in rings for p, momentum in ring if momentum > 0.01]
        off = [abs(rate(1.0, momentum, p) - level) for p, momentum in points]
        assert len(points) > 25
        assert sorted(off)[int(0.9 * len(off))] < 0.02


def test_dragging_the_point(explorers):
    page = explorers(MomentumPhases(1, 0.5))
    box = page.locator(".dx-frame").first.bounding_box()
    drag(page, "Rate and momentum", box["width"] / 4.4, -0.4 * box["height"] / 1.21)
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
    assert state(page, TAG)["lr"] == pytest.approx(1.484, abs=1e-3)
    assert state(page, TAG)["momentum"] == pytest.approx(0.512, abs=1e-3)
    assert point.get_attribute("aria-valuetext").startswith("ηλ 1.484, μ 0.512: oscillating, rate 0.7155")
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
    assert "Both directions have the same rate, 0.8." in shown(page, "story")
    page.get_by_role("button", name="Best pair").click()
    assert state(page, TAG)["lr"] == pytest.approx(2.25)
    assert state(page, TAG)["momentum"] == pytest.approx(0.25)
    assert "This is the best pair for κ = 9" in shown(page, "story")
    cells = page.locator(".dx-numbers tbody td").all_inner_texts()
    assert cells[:6] == ["2.25", "0.25", "critical", "critical", "−0.5 twice", "0.5 twice"]
    page.get_by_role("button", name="Reset").click()
    assert state(page, TAG) == {"lr": 0.1, "momentum": 0.9, "kappa": 1}


@pytest.mark.parametrize("width", [360, 500, 700, 900])
def test_nothing_overflows_and_no_name_is_cut_off(explorers, width):
    page = explorers(MomentumPhases(3.2, 0.512, 33.3), width=width)
    for given in states()[:40:4]:
        page.evaluate(
            f"([lr, momentum, kappa]) => document.querySelector('{TAG}').set({{ lr, momentum, kappa }})",
            given,
        )
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert sticks_out(page) <= 1, given
    over = """() => {
      const { left, right } = document.querySelector(".dx-frame").getBoundingClientRect();
      const names = document.querySelector(".dx-area").querySelectorAll(".dx-plane-text:not(.dx-star)");
      const boxes = [...names].map((e) => e.getBoundingClientRect());
      return boxes.map((box) => Math.max(left - box.left, box.right - right));
    }"""
    assert max(page.evaluate(over)) <= 1
