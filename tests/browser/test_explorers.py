"""Explorers on a page with no kernel: mouse, keyboard, links, themes, a phone's width, Python's own digits."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from book.explorers import FloatBits, SoftmaxStress, float_bits, softmax_stress
from book.explorers.bundle import joined
from tests.browser.explorer_pages import everything, float_states, softmax_states, write_page
from tests.browser.site import watched

pytestmark = pytest.mark.browser

FLOAT, SOFTMAX = FloatBits.tag, SoftmaxStress.tag


@pytest.fixture
def opened(browser, tmp_path):
    """A function that opens a page with some explorers; any fault or request beyond its folder fails the test."""
    pages = []

    def open_page(*explorers, link="", theme="light", width=900, **options):
        page = browser.new_page(viewport={"width": width, "height": 800}, **options)
        address = write_page(tmp_path, *explorers, theme=theme)
        pages.append((page, watched(page, address.removesuffix("page.html"))))
        page.goto(address + link)
        return page

    yield open_page
    for page, faults in pages:
        page.close()
        assert faults == []


def state(page, tag=FLOAT, place=0):
    return page.evaluate("([tag, i]) => document.querySelectorAll(tag)[i].state", [tag, place])


def shown(page, name):
    return page.locator(f".dx-{name}").first.inner_text()


# --- the same digits as Python ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "states", "readout"),
    [(FLOAT, float_states(), float_bits.readout), (SOFTMAX, softmax_states(), softmax_stress.readout)],
)
def test_every_string_is_pythons(browser, tag, states, readout):
    page = browser.new_page()
    script = f"(states) => {{ {joined(tag)}\nreturn states.map((state) => readout(...state)); }}"
    computed = page.evaluate(script, states)
    page.close()
    assert len(states) > 300
    for mine, theirs in zip(states, computed, strict=True):
        assert theirs == readout(*mine), mine


def test_the_page_shows_the_readout(opened):
    page = opened(FloatBits("0.1"), SoftmaxStress())
    for text, dtype in [("0.1", "bfloat16"), ("1e39", "float32"), ("5e-324", "float64")]:
        page.evaluate(
            f"(patch) => document.querySelector('{FLOAT}').set(patch)", {"value": text, "dtype": dtype}
        )
        parts = page.evaluate(
            f"Object.entries(document.querySelector('{FLOAT}').parts).map(([k, p]) => [k, p.dataset.text])"
        )
        wanted = float_bits.readout(text, dtype)
        assert dict(parts) == {key: wanted[key] for key, _ in parts}
        assert "".join(page.locator(".dx-bit").all_inner_texts()) == wanted["bits"].replace(" ", "")
    wanted = softmax_stress.readout([1000, 990, 980], 0, "float32")
    assert page.locator(".dx-stable tr[data-series='1'] .dx-value").all_inner_texts() == [
        wanted[f"stable_{column}_1"] for column in ("exponent", "exp", "probability", "log")
    ]
    assert page.locator(".dx-naive .dx-verdict").inner_text() == wanted["naive_story"]


# --- float bits: mouse and keyboard --------------------------------------------------------------------


def test_typing_a_number(opened):
    page = opened(FloatBits())
    page.get_by_label("Number", exact=True).fill("65520")
    assert shown(page, "exact") == "inf"
    assert "overflows" in shown(page, "story")


def test_a_text_that_is_no_number_is_refused_in_words_and_changes_nothing(opened):
    page = opened(FloatBits())
    field = page.get_by_label("Number", exact=True)
    field.fill("abc")
    assert "Try 0.1" in shown(page, "help")
    assert field.get_attribute("aria-invalid") == "true"
    assert state(page) == {"value": "0.1", "dtype": "float16"}
    field.fill("0.1")
    assert shown(page, "help") == ""
    assert field.get_attribute("aria-invalid") == "false"


def test_a_click_flips_a_bit_and_a_second_one_flips_it_back(opened):
    page = opened(FloatBits("1"))
    sign = page.get_by_role("button", name="Sign bit")
    sign.click()
    assert state(page)["value"] == "-1.0"
    assert sign.get_attribute("aria-pressed") == "true"
    sign.click()
    assert state(page)["value"] == "1.0"


def test_the_arrow_keys_move_along_the_bits_and_space_flips(opened):
    page = opened(FloatBits("1"))
    page.get_by_role("button", name="Exponent bit 1", exact=True).focus()
    for key in ("End", "ArrowLeft", "Space"):
        page.keyboard.press(key)
    assert state(page)["value"] == str(1 + 2 / 1024)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    assert state(page)["value"] == str(-1 - 2 / 1024)
    assert page.evaluate("document.activeElement.ariaLabel") == "Sign bit"


def test_nan_keeps_the_bits_that_were_flipped(opened):
    page = opened(FloatBits("inf"))
    page.get_by_role("button", name="Fraction bit 10", exact=True).click()
    assert state(page)["value"] == "nan 0x7c01"
    assert shown(page, "exact") == "nan"
    page.get_by_role("button", name="Fraction bit 10", exact=True).click()
    assert shown(page, "exact") == "inf"


def test_the_slider_runs_through_the_floats(opened):
    page = opened(FloatBits("1"))
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


def test_a_new_format_rounds_what_was_typed_again(opened):
    page = opened(FloatBits("0.1"))
    page.get_by_label("float64").check(force=True)
    assert page.locator(".dx-bit").count() == 64
    assert shown(page, "exact").startswith("0.1000000000000000055511151231257827")
    page.get_by_role("button", name="2048 + 1").click()
    assert shown(page, "exact") == "2049"


# --- softmax under stress ------------------------------------------------------------------------------


def test_dragging_a_logit_changes_it_until_the_naive_way_breaks(opened):
    page = opened(SoftmaxStress([2, 1, 0]))
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


def test_the_keyboard_moves_a_logit(opened):
    page = opened(SoftmaxStress([2, 1, 0]))
    page.get_by_role("slider", name="Logit 2").focus()
    for key in ("ArrowRight", "PageUp", "Shift+ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    assert state(page, SOFTMAX)["logits"] == [2, 3, 0]
    assert page.get_by_role("slider", name="Logit 2").get_attribute("aria-valuenow") == "3"


def test_the_common_offset_breaks_the_naive_way_alone(opened):
    page = opened(SoftmaxStress([20, 10, 0]))
    before = page.locator(".dx-stable table").inner_text()
    page.get_by_label("Common offset, as a number").fill("980")
    assert page.locator(".dx-stable table").inner_text() == before
    assert "undefined" in page.locator(".dx-naive table").inner_text()
    page.get_by_label("Add to all").focus()
    page.keyboard.press("ArrowRight")
    assert state(page, SOFTMAX)["offset"] == 981


def test_logits_can_be_added_and_taken_away(opened):
    page = opened(SoftmaxStress())
    for _ in range(2):
        page.get_by_role("button", name="One logit more").click()
    assert page.get_by_role("button", name="One logit more").is_disabled()
    assert state(page, SOFTMAX)["logits"] == [1000, 990, 980, 970, 960]
    for _ in range(3):
        page.get_by_role("button", name="One logit fewer").click()
    assert page.locator(".dx-lane").count() == 2
    page.get_by_role("button", name="Reset").click()
    assert state(page, SOFTMAX)["logits"] == [1000, 990, 980]


# --- the mechanism -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("explorer", "selector", "value", "result"),
    [
        (FloatBits("1"), ".dx-input", "2", ".dx-exact"),
        (FloatBits("1"), ".dx-line input", "-31744", ".dx-exact"),
        (SoftmaxStress([2, 1]), ".dx-number", "999", ".dx-naive .dx-verdict"),
        (SoftmaxStress([2, 1]), ".dx-offset input[type=range]", "800", ".dx-naive .dx-verdict"),
    ],
)
def test_the_page_has_changed_when_the_event_returns(opened, explorer, selector, value, result):
    """Nothing waits for a timer or a frame, so the very next frame shows the result."""
    page = opened(explorer)
    before, after = page.evaluate(
        """([selector, value, result]) => {
          const text = () => document.querySelector(result).textContent;
          const before = text(), input = document.querySelector(selector);
          input.value = value;
          input.dispatchEvent(new Event("input", { bubbles: true }));
          return [before, text()];
        }""",
        [selector, value, result],
    )
    assert before != after


def test_a_link_restores_the_state(opened):
    page = opened(FloatBits(), SoftmaxStress())
    page.locator(FLOAT).get_by_label("bfloat16").check(force=True)
    page.get_by_label("Number", exact=True).fill("1/3")
    page.locator(FLOAT).get_by_role("button", name="Copy link").click()
    page.wait_for_function("location.hash !== ''")
    link = page.evaluate("location.hash")
    assert link == "#dx-float-bits=value:1%2F3;dtype:bfloat16"
    again = opened(FloatBits(), SoftmaxStress(), link=link)
    assert state(again) == {"value": "1/3", "dtype": "bfloat16"}
    assert state(again, SOFTMAX)["logits"] == [1000, 990, 980]


def test_a_link_names_the_second_of_two(opened):
    link = "#dx-softmax-stress-2=logits:5,4,3;offset:-2;dtype:float64"
    page = opened(SoftmaxStress(), SoftmaxStress([1, 0]), link=link)
    assert state(page, SOFTMAX)["logits"] == [1000, 990, 980]
    assert state(page, SOFTMAX, 1) == {"logits": [5, 4, 3], "offset": -2, "dtype": "float64"}
    assert page.evaluate("document.querySelectorAll('descent-softmax-stress')[1].toLink()") == link


BAD_LINKS = [
    "#dx-float-bits=value:abc",
    "#dx-float-bits=dtype:float8",
    "#dx-float-bits=%",
    "#dx-float-bits=value:%E0%A4%A",
    "#dx-float-bits",
    "#dx-float-bits=__proto__:x;constructor:y",
    "#explorers",
]


@pytest.mark.parametrize("link", BAD_LINKS)
def test_a_link_that_makes_no_sense_changes_nothing(opened, link):
    assert state(opened(FloatBits(), link=link)) == {"value": "0.1", "dtype": "float16"}


def test_a_change_tells_whoever_listens_and_no_change_tells_nobody(opened):
    page = opened(FloatBits("1"))
    heard = page.evaluate(
        """() => {
          const heard = [], element = document.querySelector("descent-float-bits");
          document.addEventListener("dx-change", (event) => heard.push(event.detail.value));
          for (const value of ["2", "2", "abc", "3"]) element.set({ value });
          return heard;
        }"""
    )
    assert heard == ["2", "3"]


def test_the_result_is_announced_once_the_hand_rests(opened):
    page = opened(FloatBits("1"))
    page.get_by_label("Number", exact=True).fill("65520")
    status = page.locator("[role=status]")
    assert status.inner_text() == ""
    page.wait_for_function("document.querySelector('[role=status]').textContent !== ''")
    assert "65520 overflows" in status.text_content()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [900, 360])
def test_axe_finds_no_violation_and_nothing_overflows(opened, theme, width):
    page = opened(
        *everything(), SoftmaxStress([-9, -10, -13, -15, -12.345], -1.5, "float16"), theme=theme, width=width
    )
    page.get_by_label("Number", exact=True).first.fill("what")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    wide = "[...document.querySelectorAll('.dx *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)"
    assert page.evaluate(f"{wide}.map((e) => e.className)") == []


@pytest.mark.parametrize("row", [[-1234.56, 1234.567, 0], [-103.3, -103.4, -87.4321, -99.1234, 0.00012]])
def test_long_numbers_stay_in_their_panel(opened, row):
    page = opened(SoftmaxStress(row, 0.125), width=360)
    over = (
        "[...document.querySelectorAll('.dx-scroll')].filter((e) => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert page.evaluate(over) == 0


def test_without_scripts_a_sentence_stands_in(opened):
    page = opened(FloatBits(), java_script_enabled=False)
    assert "It runs on the book's page and in a live notebook." in page.locator(FLOAT).inner_text()


def test_reduced_motion_is_respected(opened):
    page = opened(FloatBits(), reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.querySelector('.dx-bit')).transitionDuration") == "0s"
    assert page.evaluate("getComputedStyle(document.querySelector('.dx-bit')).transitionProperty") == "none"


def test_loading_a_script_twice_does_no_harm(opened):
    page = opened(FloatBits())
    page.add_script_tag(url="descent-float-bits.js")
    assert page.locator("style#dx-styles").count() == 1
    assert page.locator(".dx-head").count() == 1
