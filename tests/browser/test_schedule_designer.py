"""Schedule designer in the browser: numbers and strings against Python's; sliders, handle, keyboard."""

import random

import pytest

from book.explorers import ScheduleDesigner
from book.explorers.schedule_designer.readout import SETTINGS, defaults, expected, factors, readout
from tests.browser.explorer_pages import drag, shown, state, sticks_out

pytestmark = pytest.mark.browser

TAG = ScheduleDesigner.tag


def states(count: int = 40) -> list[list]:
    """Of each schedule: its defaults, its ends, and random settings."""
    draw, found = random.Random(22), []
    for name, wanted in SETTINGS.items():
        found += [[name, defaults(name, total), total, 0.5, 50] for total in (100, 400, 1000)]
        ends = [[low for _, low, _ in wanted.values()], [high for *_, high in wanted.values()]]
        found += [[name, parameters, 1000, 1.9, 999] for parameters in ends]
        for _ in range(count):
            total = draw.randint(100, 1000)
            parameters = [_drawn(draw, total, *limits) for limits in wanted.values()]
            lr = round(10 ** draw.uniform(-3, 0.27), draw.randint(3, 16))
            found.append([name, parameters, total, max(0.001, lr), draw.randrange(total)])
    return found


def _drawn(draw, total: int, default: float, low: float, high: float) -> float:
    if isinstance(default, int):
        return draw.randint(low, min(high, total - 1))
    value = low * (high / low) ** draw.random() if low > 0 else draw.uniform(low, high)
    return min(high, max(low, round(value, draw.randint(2, 16))))


def test_every_factor_is_pythons(run):
    """At every step of every run, to 1e-12 of the peak rate, and where it is small to 1e-12 of itself."""
    given = [case[:3] for case in states(60)]
    theirs = run(TAG, "given.map((state) => factorsOf(...state))", given)
    assert len(theirs) > 400
    for case, found in zip(given, theirs, strict=True):
        mine = factors(*case)
        assert found == pytest.approx(mine, rel=1e-12, abs=1e-15), case


def test_every_expected_loss_is_pythons(run):
    given = [[lr * factor for factor in factors(*case)] for *case, lr, _ in states(4)]
    for rates, found in zip(given, run(TAG, "given.map(expectedOf)", given), strict=True):
        assert found == [list(parts) for parts in expected(rates)]


def test_every_string_is_pythons(run):
    theirs = run(TAG, "given.map((state) => readout(...state))", states())
    for given, texts in zip(states(), theirs, strict=True):
        assert texts == readout(*given), given
    ends = {texts["story"].rsplit(". ", 1)[-1][:28] for texts in theirs}
    assert len(ends) == 2
    assert len({texts["story"].split(" of ")[0] for texts in theirs}) >= len(SETTINGS)


def test_dragging_the_step(explorers):
    page = explorers(ScheduleDesigner())
    box = page.locator(".dx-frame").first.bounding_box()
    drag(page, "Step t", box["width"] / 2, 0)
    page.mouse.up()
    assert state(page, TAG)["t"] == pytest.approx(200, abs=1)
    assert (
        page.locator(".dx-facts dd").first.inner_text()
        == readout("cosine", [400, 0.0], 400, 0.5, 200)["rate"]
    )
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


def test_each_schedule_brings_its_sliders_and_its_line(explorers):
    page = explorers(ScheduleDesigner())
    for name, wanted in SETTINGS.items():
        page.locator(".dx-choices").get_by_label(name, exact=True).check(force=True)
        assert page.locator(".dx-own label").all_inner_texts() == list(wanted)
        assert state(page, TAG)["parameters"] == defaults(name, 400)
        assert shown(page, "code") == readout(name, defaults(name, 400), 400, 0.5, 0)["code"]
        for key, (_, _, high) in wanted.items():
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


def test_fields_take_numbers_in_range(explorers):
    page = explorers(ScheduleDesigner("step"))
    page.get_by_label("lr, as a number").fill("1.25")
    page.get_by_label("step_size, as a number").fill("10.5")
    page.get_by_label("gamma, as a number").fill("")
    assert state(page, TAG)["lr"] == 1.25
    assert state(page, TAG)["parameters"] == [100, 0.1]
    texts = readout("step", [100, 0.1], 400, 1.25, 0)
    cells = page.locator(".dx-numbers tbody td").all_inner_texts()
    keys = [f"{key}{suffix}" for key in ("start", "noise", "loss") for suffix in ("", "_constant")]
    assert cells == [texts[key] for key in keys]


@pytest.mark.parametrize("width", [360, 500, 700, 900])
def test_nothing_overflows(explorers, width):
    page = explorers(ScheduleDesigner(), width=width)
    for given in states(4):
        page.evaluate(
            "([schedule, parameters, total_steps, lr, t]) => "
            f"document.querySelector('{TAG}').set({{ schedule, parameters, total_steps, lr, t }})",
            given,
        )
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert sticks_out(page) <= 1, given
