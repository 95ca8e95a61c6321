"""Explorers on a page with no kernel, by mouse and by keyboard."""

import pytest

from book.explorers import FloatBits, SoftmaxStress
from tests.browser.explorer_pages import shown, state

pytestmark = pytest.mark.browser

SOFTMAX = SoftmaxStress.tag


# --- float bits: mouse and keyboard --------------------------------------------------------------------


def test_typing_a_number(explorers):
    page = explorers(FloatBits())
    page.get_by_label("Number", exact=True).fill("65520")
    assert shown(page, "exact") == "inf"
    assert "overflows" in shown(page, "story")


def test_a_text_that_is_no_number_is_refused_in_words_and_changes_nothing(explorers):
    page = explorers(FloatBits())
    field = page.get_by_label("Number", exact=True)
    field.fill("abc")
    assert "Try 0.1" in shown(page, "help")
    assert field.get_attribute("aria-invalid") == "true"
    assert state(page) == {"value": "0.1", "dtype": "float16"}
    field.fill("0.1")
    assert shown(page, "help") == ""
    assert field.get_attribute("aria-invalid") == "false"


def test_a_click_flips_a_bit_and_a_second_one_flips_it_back(explorers):
    page = explorers(FloatBits("1"))
    sign = page.get_by_role("button", name="Sign bit")
    sign.click()
    assert state(page)["value"] == "-1.0"
    assert sign.get_attribute("aria-pressed") == "true"
    sign.click()
    assert state(page)["value"] == "1.0"


def test_the_arrow_keys_move_along_the_bits_and_space_flips(explorers):
    page = explorers(FloatBits("1"))
    page.get_by_role("button", name="Exponent bit 1", exact=True).focus()
    for key in ("End", "ArrowLeft", "Space"):
        page.keyboard.press(key)
    assert state(page)["value"] == str(1 + 2 / 1024)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    assert state(page)["value"] == str(-1 - 2 / 1024)
    assert page.evaluate("document.activeElement.ariaLabel") == "Sign bit"


def test_nan_keeps_the_bits_that_were_flipped(explorers):
    page = explorers(FloatBits("inf"))
    page.get_by_role("button", name="Fraction bit 10", exact=True).click()
    assert state(page)["value"] == "nan 0x7c01"
    assert shown(page, "exact") == "nan"
    page.get_by_role("button", name="Fraction bit 10", exact=True).click()
    assert shown(page, "exact") == "inf"


def test_the_slider_runs_through_the_floats(explorers):
    page = explorers(FloatBits("1"))
    slider = page.get_by_label("Place on the number line")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert state(page)["value"] == str(1 + 1 / 1024)
    page.keyboard.press("Home")
    assert state(page)["value"] == "-inf"
    page.get_by_role("button", name="Next float above").click()
    assert state(page)["value"] == "-65504.0"
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert abs(float(state(page)["value"])) < 1e-4


def test_a_new_format_rounds_what_was_typed_again(explorers):
    page = explorers(FloatBits("0.1"))
    page.get_by_label("float64").check(force=True)
    assert page.locator(".dx-bit").count() == 64
    assert shown(page, "exact").startswith("0.1000000000000000055511151231257827")
    page.get_by_role("button", name="2048 + 1").click()
    assert shown(page, "exact") == "2049"


# --- softmax under stress ------------------------------------------------------------------------------


def test_dragging_a_logit_changes_it_until_the_naive_way_breaks(explorers):
    page = explorers(SoftmaxStress([2, 1, 0]))
    track = page.locator(".dx-track").first.bounding_box()
    handle = page.locator(".dx-handle").first.bounding_box()
    assert page.locator(".dx-naive").get_attribute("data-state") == "holds"
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] * 0.999, track["y"] + 10)
    assert page.locator(".dx-naive").get_attribute("data-state") == "breaks"
    assert page.locator(".dx-stable").get_attribute("data-state") != "breaks"
    page.mouse.up()
    assert state(page, SOFTMAX)["logits"][0] > 90
    assert state(page, SOFTMAX)["logits"][1:] == [1, 0]


def test_the_keyboard_moves_a_logit(explorers):
    page = explorers(SoftmaxStress([2, 1, 0]))
    page.get_by_role("slider", name="Logit 2").focus()
    for key in ("ArrowRight", "PageUp", "Shift+ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    assert state(page, SOFTMAX)["logits"] == [2, 3, 0]
    assert page.get_by_role("slider", name="Logit 2").get_attribute("aria-valuenow") == "3"


def test_the_common_offset_breaks_the_naive_way_alone(explorers):
    page = explorers(SoftmaxStress([20, 10, 0]))
    before = page.locator(".dx-stable table").inner_text()
    page.get_by_label("Common offset, as a number").fill("980")
    assert page.locator(".dx-stable table").inner_text() == before
    assert "undefined" in page.locator(".dx-naive table").inner_text()
    page.get_by_label("Add to all").focus()
    page.keyboard.press("ArrowRight")
    assert state(page, SOFTMAX)["offset"] == 981


def test_logits_can_be_added_and_taken_away(explorers):
    page = explorers(SoftmaxStress())
    for _ in range(2):
        page.get_by_role("button", name="One logit more").click()
    assert page.get_by_role("button", name="One logit more").is_disabled()
    assert state(page, SOFTMAX)["logits"] == [1000, 990, 980, 970, 960]
    for _ in range(3):
        page.get_by_role("button", name="One logit fewer").click()
    assert page.locator(".dx-lane").count() == 2
    page.get_by_role("button", name="Reset").click()
    assert state(page, SOFTMAX)["logits"] == [1000, 990, 980]
