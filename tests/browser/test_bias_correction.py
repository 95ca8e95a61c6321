"""Bias correction in the browser: every string and double is Python's; sliders, handle, keyboard."""

import random

import pytest

from book.explorers import BiasCorrection
from book.explorers.bias_correction.widget import KINDS, STEPS, gradients, moments, readout
from tests.browser.explorer_pages import drag, shown, state, sticks_out

pytestmark = pytest.mark.browser

TAG = BiasCorrection.tag
TELLING = [(0.9, 0.999), (0.9, 0.9), (0.0, 0.0), (0.0, 0.9999), (0.999, 0.0), (0.999, 0.9999), (0.5, 0.5)]


def states() -> list[list]:
    draw = random.Random(21)
    found = [[betas, kind, t, 0] for betas in TELLING for kind in KINDS for t in (1, 2, 13, STEPS)]
    for _ in range(400):
        betas = [
            min(most, round(1 - 10 ** draw.uniform(-4, 0), draw.randint(1, 16))) for most in (0.999, 0.9999)
        ]
        found.append([betas, draw.choice(list(KINDS)), draw.randint(1, STEPS), draw.randrange(2**32)])
    return [[list(betas), *rest] for betas, *rest in found]


def test_every_string_is_pythons(run):
    theirs = run(TAG, "given.map((state) => readout(...state))", states())
    assert len(theirs) > 450
    for given, texts in zip(states(), theirs, strict=True):
        assert texts == readout(*given), given
    wrong = {texts["story"].split(" the step is too ")[-1][:4] for texts in theirs}
    assert {"long", "shor"} <= wrong
    assert any("to within 1 %" in texts["story"] for texts in theirs)


def test_every_double_is_pythons(run):
    body = "given.map(([betas, kind, t, seed]) => momentsOf(gradientsOf(kind, seed), betas))"
    for (betas, kind, _, seed), theirs in zip(states()[::6], run(TAG, body, states()[::6]), strict=True):
        assert theirs == moments(gradients(kind, seed), betas)


def test_dragging_the_step(explorers):
    page = explorers(BiasCorrection())
    page.get_by_role("slider", name="Step t").scroll_into_view_if_needed()
    width = page.locator(".dx-lengths .dx-frame").bounding_box()["width"]
    drag(page, "Step t", 11 * width / 30.5, -40)
    page.mouse.up()
    assert state(page, TAG)["t"] == 12
    assert "After step 12, " in shown(page, "story")
    drag(page, "Step t", width, 0)
    page.mouse.up()
    assert state(page, TAG)["t"] == STEPS
    box = page.locator(".dx-lengths .dx-frame").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 5.2 / 30.5, box["y"] + 20)
    assert state(page, TAG)["t"] == 5


def test_a_key_is_one_step(explorers):
    page = explorers(BiasCorrection())
    handle = page.get_by_role("slider", name="Step t")
    handle.focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
    assert state(page, TAG)["t"] == 11
    assert handle.get_attribute("aria-valuetext") == "t = 11: 1 with the correction, 6.559 without"
    for _ in range(2):
        page.keyboard.press("Shift+ArrowLeft")
    assert state(page, TAG)["t"] == 1


def test_sliders_fields_chips_and_what_is_refused(explorers):
    page = explorers(BiasCorrection())
    page.get_by_label("β₂", exact=True).focus()
    page.keyboard.press("End")
    assert state(page, TAG)["betas"] == [0.9, 0.9999]
    page.keyboard.press("Home")
    page.get_by_label("β₁, as a number").fill("0.75")
    assert state(page, TAG)["betas"] == [0.75, 0]
    page.get_by_label("β₁, as a number").fill("1")
    assert state(page, TAG)["betas"] == [0.75, 0]
    page.get_by_role("button", name="0, 0.999", exact=True).click()
    assert state(page, TAG)["betas"] == [0, 0.999]
    assert page.get_by_label("β₁, as a number").input_value() == "0"


def test_gradients_and_new_noise(explorers):
    page = explorers(BiasCorrection(t=9))
    noise = page.get_by_role("button", name="New noise")
    assert noise.count() == 0  # nothing to draw anew
    page.get_by_label("noisy", exact=True).check(force=True)
    dots = page.locator(".dx-grads").first.get_attribute("d")
    noise.click()
    assert state(page, TAG) == {"betas": [0.9, 0.999], "gradients": "noisy", "t": 9, "seed": 1}
    assert page.locator(".dx-grads").first.get_attribute("d") != dots
    texts = readout((0.9, 0.999), "noisy", 9, 1)
    rows = {"m": ["m", "held_m", "m_hat", "mean"], "v": ["v", "held_v", "v_hat", "mean_square"]}
    for name, keys in rows.items():
        cells = page.locator(f".dx-row-{name} td > span:not(.dx-formula)").all_inner_texts()
        assert cells == [texts[key] for key in keys]
    page.get_by_role("button", name="Reset").click()
    assert state(page, TAG) == {"betas": [0.9, 0.999], "gradients": "constant", "t": 9, "seed": 0}


@pytest.mark.parametrize("width", [360, 500, 700, 900])
def test_nothing_overflows(explorers, width):
    page = explorers(BiasCorrection(), width=width)
    for given in states()[::40]:
        page.evaluate(
            "([betas, gradients, t, seed]) => "
            f"document.querySelector('{TAG}').set({{ betas, gradients, t, seed }})",
            given,
        )
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert sticks_out(page) <= 1, given
