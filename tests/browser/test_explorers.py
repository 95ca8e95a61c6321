"""Explorers as page elements: one turn from event to result, links, themes, a phone's width, no scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from book.explorers import Backpropagation, DescentOnASurface, FloatBits, JacobianMap, SoftmaxStress, Taylor
from book.explorers.descent_on_a_surface import RATES
from book.explorers.taylor import CURVES
from tests.browser.explorer_pages import state

pytestmark = pytest.mark.browser

FLOAT, SOFTMAX = FloatBits.tag, SoftmaxStress.tag


@pytest.mark.parametrize(
    ("explorer", "selector", "value", "result"),
    [
        (Backpropagation(moment=4), ".dx-number", "-1", ".dx-graph"),
        (Backpropagation(), ".dx-steps input", "9", ".dx-story"),
        (FloatBits("1"), ".dx-input", "2", ".dx-exact"),
        (FloatBits("1"), ".dx-line input", "-31744", ".dx-exact"),
        (JacobianMap(), ".dx-sides input[type=range]", "-1", ".dx-story"),
        (SoftmaxStress([2, 1]), ".dx-number", "999", ".dx-naive .dx-verdict"),
        (SoftmaxStress([2, 1]), ".dx-offset input[type=range]", "800", ".dx-naive .dx-verdict"),
        (DescentOnASurface(), ".dx-rate input[type=range]", "-2", ".dx-story"),
        (DescentOnASurface(), ".dx-rate .dx-number", "0.01", ".dx-facts"),
        (Taylor(lr=0.01), ".dx-rate .dx-number", "0.1", ".dx-story"),
    ],
)
def test_the_page_has_changed_when_the_event_returns(explorers, explorer, selector, value, result):
    """Nothing waits for a timer or a frame, so the very next frame shows the result."""
    page = explorers(explorer)
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


def test_a_link_restores_the_state(explorers):
    page = explorers(FloatBits(), SoftmaxStress())
    page.locator(FLOAT).get_by_label("bfloat16").check(force=True)
    page.get_by_label("Number", exact=True).fill("1/3")
    page.locator(FLOAT).get_by_role("button", name="Copy link").click()
    page.wait_for_function("location.hash !== ''")
    link = page.evaluate("location.hash")
    assert link == "#dx-float-bits=value:1%2F3;dtype:bfloat16"
    again = explorers(FloatBits(), SoftmaxStress(), link=link)
    assert state(again) == {"value": "1/3", "dtype": "bfloat16"}
    assert state(again, SOFTMAX)["logits"] == [1000, 990, 980]


def test_a_link_names_the_second_of_two(explorers):
    link = "#dx-softmax-stress-2=logits:5,4,3;offset:-2;dtype:float64"
    page = explorers(SoftmaxStress(), SoftmaxStress([1, 0]), link=link)
    assert state(page, SOFTMAX)["logits"] == [1000, 990, 980]
    assert state(page, SOFTMAX, 1) == {"logits": [5, 4, 3], "offset": -2, "dtype": "float64"}
    assert page.evaluate("document.querySelectorAll('descent-softmax-stress')[1].toLink()") == link


LINKED = {
    DescentOnASurface("saddle", (-1.5, 0.25), 0.3, 7): {
        "surface": "noisy bowl, κ = 10",
        "start": [-2, 0.5],
        "lr": 0.02,
        "steps": 9,
    },
    Taylor("sine", 2, lr=0.5): {"curve": "smooth |x|", "x": -1.25, "step": 0.5, "lr": None},
    Taylor("sine", 2): {"curve": "exponential", "x": 1, "step": -0.5, "lr": 0.25},
}


@pytest.mark.parametrize("explorer", LINKED, ids=lambda explorer: explorer.tag)
def test_a_link_carries_the_whole_state(explorers, explorer):
    wanted = LINKED[explorer]
    page = explorers(explorer)
    link = page.evaluate(
        "([tag, patch]) => { const e = document.querySelector(tag); e.set(patch); return e.toLink(); }",
        [explorer.tag, wanted],
    )
    assert state(explorers(explorer, link=link), explorer.tag) == wanted


def test_a_link_pasted_on_the_open_page_is_followed_and_scrolled_to(explorers):
    page = explorers(FloatBits("1"), SoftmaxStress(), SoftmaxStress([1, 0]))
    page.evaluate("location.hash = '#dx-float-bits=value:2'")
    page.wait_for_function("document.querySelector('descent-float-bits').state.value === '2'")
    page.goto("about:blank")
    again = explorers(FloatBits(), SoftmaxStress(), link="#dx-softmax-stress=offset:7")
    again.wait_for_function("scrollY > 0")
    assert state(again, SOFTMAX)["offset"] == 7


BAD_LINKS = [
    "#dx-float-bits=value:abc",
    "#dx-float-bits=dtype:float8",
    "#dx-float-bits=%",
    "#dx-float-bits=value:%E0%A4%A",
    "#dx-float-bits",
    "#dx-float-bits=__proto__:x;constructor:y",
    "#explorers",
]


BAD_PLOT_LINKS = [
    "#dx-on-a-surface=surface:cubic",
    "#dx-on-a-surface=start:9,9",
    "#dx-on-a-surface=start:1",
    "#dx-on-a-surface=start:a,b",
    "#dx-on-a-surface=lr:-1",
    "#dx-on-a-surface=lr:x",
    "#dx-on-a-surface=steps:1.5",
    "#dx-taylor=curve:tangent",
    "#dx-taylor=x:99",
    "#dx-taylor=x:y",
    "#dx-taylor=lr:x",
]


@pytest.mark.parametrize("link", BAD_PLOT_LINKS)
def test_a_link_that_makes_no_sense_leaves_the_plots_alone(explorers, link):
    page = explorers(DescentOnASurface("Beale"), Taylor("sine", 1), link=link)
    assert state(page, DescentOnASurface.tag) == {
        "surface": "Beale",
        "start": [1, 1],
        "lr": 0.02,
        "steps": 12,
    }
    assert state(page, Taylor.tag) == {"curve": "sine", "x": 1, "step": -1.5, "lr": None}


@pytest.mark.parametrize("link", BAD_LINKS)
def test_a_link_that_makes_no_sense_changes_nothing(explorers, link):
    assert state(explorers(FloatBits(), link=link)) == {"value": "0.1", "dtype": "float16"}


def test_a_change_tells_whoever_listens_and_no_change_tells_nobody(explorers):
    page = explorers(FloatBits("1"))
    heard = page.evaluate(
        """() => {
          const heard = [], element = document.querySelector("descent-float-bits");
          document.addEventListener("dx-change", (event) => heard.push(event.detail.value));
          for (const value of ["2", "2", "abc", "3"]) element.set({ value });
          return heard;
        }"""
    )
    assert heard == ["2", "3"]


def test_the_result_is_announced_once_the_hand_rests(explorers):
    page = explorers(FloatBits("1"))
    page.get_by_label("Number", exact=True).fill("65520")
    status = page.locator("[role=status]")
    assert status.inner_text() == ""
    page.wait_for_function("document.querySelector('[role=status]').textContent !== ''")
    assert "65520 overflows" in status.text_content()


FIVE = SoftmaxStress([-9, -10, -13, -15, -12.345], -1.5, "float16")
NUMBERS = [FloatBits("1/3", "float64"), SoftmaxStress(), FIVE]
PLOTS = [
    DescentOnASurface(),
    DescentOnASurface("saddle", (1.5, 0.0), 0.25, 200),
    Taylor(),
    Taylor("sine", 1, lr=0.1),
    Backpropagation(moment=14),
]


@pytest.mark.parametrize("shown", [NUMBERS, PLOTS], ids=["numbers", "plots"])
@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 900)])
def test_axe_finds_no_violation_and_nothing_overflows(explorers, theme, width, shown):
    page = explorers(*shown, theme=theme, width=width)
    for field in page.locator(".dx-input").all():
        field.fill("what")
    only_faults = {"preload": False, "resultTypes": ["violations"]}  # no style sheets on file://
    results = Axe().run(page, options=only_faults)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    all_but_clipped = "[...document.querySelectorAll('.dx *:not(.dx-area, .dx-area *)')]"
    edges = f"{all_but_clipped}.map((e) => e.getBoundingClientRect().right)"
    assert max(page.evaluate(edges)) <= width


OVERLAP = """[...document.querySelectorAll('.dx-halves')].some(({ children: [a, b] }) => {
  const [left, right] = [a, b].map((e) => e.getBoundingClientRect());
  return left.right > right.left && left.bottom > right.top;
})"""


@pytest.mark.parametrize("width", [360, 736])
def test_no_surface_and_no_curve_makes_anything_overflow_or_jump(explorers, width):
    """The plot stays where it is whatever is chosen; numbers in columns do not push anything aside."""
    for explorer, key, choices in [
        (DescentOnASurface(), "surface", list(RATES)),
        (Taylor(), "curve", list(CURVES)),
    ]:
        page, places = explorers(explorer, width=width), set()
        for value in choices:
            page.locator(".dx-choices").get_by_label(label_of(value), exact=True).check(force=True)
            assert state(page, explorer.tag)[key] == value
            box = page.locator(".dx-plane").first.bounding_box()
            places.add((round(box["x"]), round(box["width"]), round(box["height"])))
            assert page.evaluate("document.documentElement.scrollWidth") == width
            inner = page.locator(".dx").evaluate(
                "e => e.getBoundingClientRect().right - parseFloat(getComputedStyle(e).paddingRight)"
            )
            rights = page.evaluate(
                "[...document.querySelectorAll('.dx :is(td, dd, input, button, label)')]"
                ".map((e) => e.getBoundingClientRect().right)"
            )
            assert max(rights) <= inner + 1, value
            assert not page.evaluate(OVERLAP), value
        assert len(places) == 1


def label_of(value: str) -> str:
    return CURVES[value].formula if value in CURVES else value


def test_two_kinds_on_a_page_keep_their_own_formats(explorers):
    page = explorers(FloatBits("1", "float64"), SoftmaxStress(dtype="bfloat16"), FloatBits("1"))
    chosen = page.evaluate("[...document.querySelectorAll('.dx-choices :checked')].map((e) => e.value)")
    assert chosen == ["float64", "bfloat16", "float16"]


@pytest.mark.parametrize("width", [360, 800])
@pytest.mark.parametrize("row", [[-1234.56, 1234.567, 0], [-103.3, -103.4, -87.4321, -99.1234, 0.00012]])
def test_long_numbers_stay_in_their_panel(explorers, row, width):
    page = explorers(SoftmaxStress(row, 0.125), SoftmaxStress(), width=width)
    over = "[...document.querySelectorAll('.dx-scroll')].map((e) => e.scrollWidth - e.clientWidth)"
    assert page.evaluate(over) == [0, 0, 0, 0]


@pytest.mark.parametrize("explorer", [FloatBits, SoftmaxStress, DescentOnASurface, Taylor])
def test_without_scripts_a_sentence_stands_in(explorers, explorer):
    page = explorers(explorer(), java_script_enabled=False)
    assert "It runs on the book's page and in a live notebook." in page.locator(explorer.tag).inner_text()


def test_reduced_motion_is_respected(explorers):
    page = explorers(FloatBits(), reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.querySelector('.dx-bit')).transitionDuration") == "0s"
    assert page.evaluate("getComputedStyle(document.querySelector('.dx-bit')).transitionProperty") == "none"


def test_with_reduced_motion_a_run_jumps_to_its_end(explorers):
    page = explorers(DescentOnASurface(steps=0), reduced_motion="reduce")
    page.get_by_role("button", name="Run").click()
    assert state(page, DescentOnASurface.tag)["steps"] == 200


def test_two_kinds_on_a_page_are_both_styled(explorers):
    """Each brings its own sheet; the shared ones are there once."""
    page = explorers(Taylor(), FloatBits(), DescentOnASurface(), SoftmaxStress(), Taylor())
    sheets = page.evaluate("[...document.querySelectorAll('style[id^=dx-style-]')].map((e) => e.id.slice(9))")
    kinds = {"descent-on-a-surface", "float-bits", "softmax-stress", "taylor"}
    assert sorted(sheets) == sorted({"colours", "element", "plane"} | kinds)
    styled = [".dx-bit", ".dx-track", ".dx-halves", ".dx-plane"]
    displays = "(all) => all.map((one) => getComputedStyle(document.querySelector(one)).display)"
    assert "inline" not in page.evaluate(displays, styled)


def test_loading_a_script_twice_does_no_harm(explorers):
    page = explorers(FloatBits())
    page.add_script_tag(url="descent-float-bits.js")
    assert page.locator("style#dx-style-element").count() == 1
    assert page.locator(".dx-head").count() == 1
