"""Random-walk smoother in the browser: every string and double is Python's; slider, field and buttons."""

import random

import pytest

from book.explorers import Smoother
from book.explorers.smoother.widget import BARS, averages, random_steps, readout
from tests.browser.explorer_pages import middle, shown, state, sticks_out

pytestmark = pytest.mark.browser

TAG = Smoother.tag
BETAS = [0, 0.1, 0.5, 0.75, 0.9, 0.95, 0.977, 0.98, 0.99, 0.995, 0.999]
SEEDS = [0, 1, 2, 12345, 2**31, 2**32 - 1]


def states() -> list[list]:
    draw = random.Random(12)
    found = [[beta, seed, seed % 2 == 0] for beta in BETAS for seed in SEEDS]
    for _ in range(300):
        beta = round(1 - 10 ** draw.uniform(-3, 0), draw.randint(2, 16))
        found.append([min(0.999, max(0.0, beta)), draw.randrange(2**32), draw.random() < 0.5])
    return found


def test_every_string_is_pythons(run):
    theirs = run(TAG, "given.map((state) => readout(...state))", states())
    assert len(theirs) > 350
    for given, texts in zip(states(), theirs, strict=True):
        assert texts == readout(*given), given


def test_every_double_is_pythons(run):
    body = "given.map(([beta, seed]) => ({ steps: randomSteps(seed), ...averages(randomSteps(seed), beta) }))"
    for (beta, seed, _), theirs in zip(states()[::5], run(TAG, body, states()[::5]), strict=True):
        plain, corrected = averages(random_steps(seed), beta)
        assert theirs == {"steps": random_steps(seed), "plain": plain, "corrected": corrected}


def test_normal_noise_is_made_of_the_same_uniform_numbers(run):
    normal, *twelve = run(TAG, "[normals(given)(), ...Array.from({ length: 12 }, uniforms(given))]", 9)
    assert normal == sum(twelve) - 6


def test_the_bars_are_the_weights(run):
    bars = run(TAG, "weights(given)", 0.9)
    assert bars == pytest.approx([0.1 * 0.9**k for k in range(BARS)])


def test_dragging_the_slider_counts_the_nines(explorers):
    page = explorers(Smoother(0))
    slider = page.get_by_label("Factor β", exact=True)
    x, y = middle(slider)
    page.mouse.move(x - slider.bounding_box()["width"] / 2 + 8, y)
    page.mouse.down()
    page.mouse.move(x, y, steps=4)
    page.mouse.up()
    assert state(page, TAG)["beta"] == pytest.approx(1 - 10**-1.5, abs=0.003)
    page.keyboard.press("End")
    assert state(page, TAG)["beta"] == 0.999
    assert "start from 0 still has" in shown(page, "story")
    page.keyboard.press("Home")
    assert "nothing is smoothed" in shown(page, "story")


def test_field_chips_and_what_is_refused(explorers):
    page = explorers(Smoother())
    page.get_by_label("Factor β, as a number").fill("0.75")
    assert state(page, TAG)["beta"] == 0.75
    page.get_by_label("Factor β, as a number").fill("1")
    assert state(page, TAG)["beta"] == 0.75
    page.get_by_role("button", name="0.99", exact=True).click()
    assert state(page, TAG)["beta"] == 0.99
    assert page.get_by_label("Factor β, as a number").input_value() == "0.99"


def test_new_steps_and_the_correction(explorers):
    page = explorers(Smoother(0.99))
    line = page.locator(".dx-steps").get_attribute("d")
    page.get_by_role("button", name="New steps").click()
    assert state(page, TAG)["seed"] == 1
    assert shown(page, "seed").startswith("seed 1")
    assert page.locator(".dx-steps").get_attribute("d") != line
    assert not page.locator(".dx-row-corrected").is_visible()
    page.get_by_label("corrected for the start").check()
    assert state(page, TAG)["corrected"] is True
    texts = readout(0.99, 1, True)
    cells = page.locator(".dx-numbers tbody td").all_inner_texts()
    rows = [
        [texts[f"{name}_{key}"] for key in ("measured", "exact", "long")] for name in ("average", "corrected")
    ]
    assert cells == [texts["steps_measured"], texts["steps_exact"], texts["steps_exact"], *rows[0], *rows[1]]
    page.get_by_role("button", name="Reset").click()
    assert state(page, TAG) == {"beta": 0.99, "seed": 0, "corrected": False}


@pytest.mark.parametrize("width", [360, 500, 700, 900])
def test_nothing_overflows(explorers, width):
    page = explorers(Smoother(0.9, 1, True), width=width)
    for given in states()[::40]:
        page.evaluate(
            f"([beta, seed, corrected]) => document.querySelector('{TAG}').set({{ beta, seed, corrected }})",
            given,
        )
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert sticks_out(page) <= 1, given
