"""Bias correction, on a page with no kernel: sliders, handle, keyboard."""

import pytest

from book.explorers import BiasCorrection
from book.explorers.bias_correction.widget import STEPS
from tests.browser.explorer_pages import drag, overflowing, shown, state
from tests.browser.test_bias_correction import SHOWN, states

pytestmark = pytest.mark.browser

TAG = BiasCorrection.tag


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


def test_gradients_and_new_noise(explorers, run):
    page = explorers(BiasCorrection(t=9))
    noise = page.get_by_role("button", name="New noise")
    assert noise.count() == 0  # nothing to draw anew
    page.get_by_label("noisy", exact=True).check(force=True)
    dots = page.locator(".dx-grads").first.get_attribute("d")
    noise.click()
    assert state(page, TAG) == {"betas": [0.9, 0.999], "gradients": "noisy", "t": 9, "seed": 1}
    assert page.locator(".dx-grads").first.get_attribute("d") != dots
    [[_, texts]] = run(TAG, SHOWN, [state(page, TAG)])
    rows = {"m": ["m", "held_m", "m_hat", "mean"], "v": ["v", "held_v", "v_hat", "mean_square"]}
    for name, keys in rows.items():
        cells = page.locator(f".dx-row-{name} td > span:not(.dx-formula)").all_inner_texts()
        assert cells == [texts[key] for key in keys]
    page.get_by_role("button", name="Reset").click()
    assert state(page, TAG) == {"betas": [0.9, 0.999], "gradients": "constant", "t": 9, "seed": 0}


@pytest.mark.parametrize("width", [360, 500, 700, 900])
def test_nothing_overflows(explorers, width):
    page = explorers(BiasCorrection(), width=width)
    assert overflowing(page, TAG, states()[::40]) == []
