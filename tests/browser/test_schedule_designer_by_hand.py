"""Schedule designer, on a page with no kernel: sliders, handle, keyboard."""

import pytest

from book.explorers import ScheduleDesigner
from book.explorers.schedule_designer.widget import SETTINGS, defaults
from tests.browser.explorer_pages import drag, overflowing, shown, state
from tests.browser.test_schedule_designer import SHOWN, states

pytestmark = pytest.mark.browser

TAG = ScheduleDesigner.tag


def words(run, schedule: str, parameters: list, lr: float = 0.5, t: int = 0) -> dict[str, str]:
    given = {"schedule": schedule, "parameters": parameters, "total_steps": 400, "lr": lr, "t": t}
    return run(TAG, SHOWN, [given])[0][1]


def test_dragging_the_step(explorers, run):
    page = explorers(ScheduleDesigner())
    box = page.locator(".dx-frame").first.bounding_box()
    drag(page, "Step t", box["width"] / 2, 0)
    page.mouse.up()
    assert state(page, TAG)["t"] == pytest.approx(200, abs=1)
    rate = page.locator(".dx-facts dd").first.inner_text()
    assert rate == words(run, "cosine", [400, 0.0], t=state(page, TAG)["t"])["rate"]
    drag(page, "Step t", box["width"], 0)
    page.mouse.up()
    assert state(page, TAG)["t"] == 399


def test_a_key_is_one_step_on_either_axis(explorers):
    page = explorers(ScheduleDesigner("exponential", [0.9], total_steps=1000, t=500))
    handle = page.get_by_role("slider", name="Step t")
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("powers of ten").check()
    assert state(page, TAG)["log_axis"] is True
    handle.focus()
    page.keyboard.press("Shift+ArrowRight")
    assert state(page, TAG)["t"] == 511
    assert handle.get_attribute("aria-valuetext").startswith("step 511: rate < 1e−9, expected loss ")


def test_each_schedule_brings_its_sliders_and_its_line(explorers, run):
    page = explorers(ScheduleDesigner())
    for name, wanted in SETTINGS.items():
        page.locator(".dx-choices").get_by_label(name, exact=True).check(force=True)
        assert page.locator(".dx-own label").all_inner_texts() == list(wanted)
        assert state(page, TAG)["parameters"] == defaults(name, 400)
        assert shown(page, "code") == words(run, name, defaults(name, 400))["code"]
        for key, (_, _, high, _) in wanted.items():
            page.get_by_label(key, exact=True).focus()
            page.keyboard.press("End")
            place = list(wanted).index(key)
            top = min(high, 399) if (name, key) == ("warmup_cosine", "warmup") else high
            assert state(page, TAG)["parameters"][place] in (top, 0.9999, defaults(name, 400)[place])
        page.get_by_role("button", name="Reset").click()


def test_the_cosine_is_as_long_as_the_run_and_the_rise_ends_in_it(explorers):
    page = explorers(ScheduleDesigner(t=399))
    page.get_by_label("total_steps, as a number").fill("250")
    assert state(page, TAG)["parameters"] == [250, 0]
    assert state(page, TAG)["t"] == 249
    page.get_by_label("T_max, as a number").fill("100")
    page.get_by_label("total_steps, as a number").fill("500")
    assert state(page, TAG)["parameters"] == [100, 0]
    page.get_by_label("warmup_cosine", exact=True).check(force=True)
    page.get_by_label("warmup, as a number").fill("300")
    page.get_by_label("total_steps, as a number").fill("200")
    assert state(page, TAG)["parameters"] == [199, 0.01, 0]


def test_fields_take_numbers_in_range(explorers, run):
    page = explorers(ScheduleDesigner("step"))
    page.get_by_label("lr, as a number").fill("1.25")
    page.get_by_label("step_size, as a number").fill("10.5")
    page.get_by_label("gamma, as a number").fill("")
    assert state(page, TAG)["lr"] == 1.25
    assert state(page, TAG)["parameters"] == [100, 0.1]
    texts = words(run, "step", [100, 0.1], lr=1.25)
    cells = page.locator(".dx-numbers tbody td").all_inner_texts()
    keys = [f"{key}{suffix}" for key in ("start", "noise", "loss") for suffix in ("", "_constant")]
    assert cells == [texts[key] for key in keys]


@pytest.mark.parametrize("width", [360, 500, 700, 900])
def test_nothing_overflows(explorers, width):
    page = explorers(ScheduleDesigner(), width=width)
    assert overflowing(page, TAG, states(4)) == []
