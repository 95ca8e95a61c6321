"""Explorers as page elements: one turn from event to result, themes, a phone's width, no scripts."""

import pytest

from book.explorers import (
    Backpropagation,
    BiasCorrection,
    ConjugateDirections,
    Constraint,
    DescentOnASurface,
    ErrorByEigenvalue,
    FloatBits,
    Hutchinson,
    JacobianMap,
    MomentumPhases,
    NaturalStep,
    OneStep,
    Race,
    ScheduleDesigner,
    Smoother,
    SoftmaxStress,
    Taylor,
    TrustRegionExplorer,
    Valley,
)
from book.explorers.descent_on_a_surface.widget import RATES
from book.explorers.shared.tables import RULES
from book.explorers.taylor.widget import CURVES
from book.explorers.trust_region.widget import RADII
from tests.browser.accessibility import violations
from tests.browser.explorer_pages import state
from tests.explorers.invented_comparison import ComparisonExplorer
from tests.explorers.invented_picture import Slowness, noisy_picture

pytestmark = pytest.mark.browser

FLOAT, SOFTMAX = FloatBits.tag, SoftmaxStress.tag


@pytest.mark.parametrize(
    ("explorer", "selector", "value", "result"),
    [
        (Backpropagation(moment=4), ".dx-number", "-1", ".dx-graph"),
        (Backpropagation(), ".dx-steps input", "9", ".dx-story"),
        (BiasCorrection(), ".dx-factors input[type=range]", "2", ".dx-story"),
        (BiasCorrection(), ".dx-factors .dx-number", "0.5", ".dx-numbers"),
        (Constraint(), ".dx-control input[type=range]", "90", ".dx-facts"),
        (Constraint("disc"), ".dx-control:last-child .dx-number", "0.5", ".dx-facts"),
        (ErrorByEigenvalue(), ".dx-controls input[type=range]", "1", ".dx-story"),
        (ErrorByEigenvalue(), ".dx-controls .dx-number", "0.5", ".dx-numbers"),
        (FloatBits("1"), ".dx-input", "2", ".dx-exact"),
        (FloatBits("1"), ".dx-line input", "-31744", ".dx-exact"),
        (Hutchinson(), ".dx-controls input[type=range]", "0.3", ".dx-story"),
        (Hutchinson(), ".dx-controls .dx-number", "0.5", ".dx-facts"),
        (JacobianMap(), ".dx-sides input[type=range]", "-1", ".dx-story"),
        (MomentumPhases(), ".dx-controls input[type=range]", "3", ".dx-story"),
        (MomentumPhases(), ".dx-controls .dx-number", "0.5", ".dx-numbers"),
        (ScheduleDesigner(), ".dx-own input[type=range]", "200", ".dx-story"),
        (ScheduleDesigner(), ".dx-controls .dx-number", "0.1", ".dx-numbers"),
        (Slowness(), ".dx-player input", "50", ".dx-films"),
        (Smoother(), ".dx-factor input[type=range]", "2", ".dx-story"),
        (Smoother(), ".dx-factor .dx-number", "0.5", ".dx-facts"),
        (NaturalStep(), ".dx-controls input[type=range]", "-2", ".dx-story"),
        (NaturalStep(), ".dx-controls .dx-number", "0.1", ".dx-numbers"),
        (OneStep(), ".dx-number", "7", ".dx-lines"),
        (SoftmaxStress([2, 1]), ".dx-number", "999", ".dx-naive .dx-verdict"),
        (SoftmaxStress([2, 1]), ".dx-offset input[type=range]", "800", ".dx-naive .dx-verdict"),
        (DescentOnASurface(), ".dx-rate input[type=range]", "-2", ".dx-story"),
        (DescentOnASurface(), ".dx-rate .dx-number", "0.01", ".dx-facts"),
        (Race(), ".dx-player input", "50", ".dx-story"),
        (Race(), ".dx-lane input[type=range]", "-2", ".dx-numbers"),
        (Race(), ".dx-lane .dx-number", "0.01", ".dx-numbers"),
        (Race("bowl, κ = 10", noise=True), ".dx-conditions input[type=number]", "5", ".dx-story"),
        (Taylor(lr=0.01), ".dx-rate .dx-number", "0.1", ".dx-story"),
        (TrustRegionExplorer(), ".dx-controls input[type=range]", "-1", ".dx-story"),
        (TrustRegionExplorer(), ".dx-controls .dx-number", "0.1", ".dx-facts"),
        (Valley(), ".dx-slider input", "0.02", ".dx-lanes"),
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
    Race(),
    Race("Rosenbrock", methods=[*RULES], noise=True, steps=120),
    Taylor(),
    Taylor("sine", 1, lr=0.1),
    TrustRegionExplorer(),
    TrustRegionExplorer("plateau", (3.9, -3.9), 8),
    Backpropagation(moment=14),
    OneStep(),
    OneStep("AdaDelta", (-123.4, 5e-5, 678.9), t=12, memory=(1e-7, 2e-9, 30, 4e-5, 5e-6, 6e-7)),
]
PROBES = [Hutchinson(), Hutchinson(0.9, kind="normal", block=4, probes=400)]
VALLEYS = [Valley(), Valley(0.07, 0.2)]
MOMENTUM = [MomentumPhases(), MomentumPhases(0.8, 0.6, 25), Smoother(), Smoother(0.999, 3, True)]
MOMENTUM += [Slowness(), Slowness(noisy_picture(), 300)]
ERRORS = [
    ErrorByEigenvalue(),
    ErrorByEigenvalue(0.7, 300, 0.03, lr=1),
    ErrorByEigenvalue(0.4, 50, 0.03, lr=3, beside="effective", scale="share"),
    ErrorByEigenvalue(0.5, 100, scale="log"),
]

ADAM = [
    BiasCorrection(t=7),
    BiasCorrection((0.99, 0.5), "noisy", 30, 3),
    BiasCorrection((0.9, 0.9), "alternating"),
]
SCHEDULES = [ScheduleDesigner(), ScheduleDesigner("one_cycle", total_steps=1000, t=700, log_axis=True)]
COMPARISONS = [
    ComparisonExplorer(),
    ComparisonExplorer(task="cnn", method="sgd", setting="defaults", tries=8),
    ComparisonExplorer(method="adagrad", setting=0.001, tries=1),
]
SECOND_ORDER = [ConjugateDirections(), ConjugateDirections((1, 2), 170, (0.2, 2.9), 40)]
SECOND_ORDER += [NaturalStep(), NaturalStep("precision", (-3, 2.6), 0.2)]
PARAMETERS = {"sigma": "μ and σ", "log sigma": "μ and log σ", "precision": "μ and 1/σ²"}
SHOWN = {
    "numbers": NUMBERS,
    "plots": PLOTS,
    "probes": PROBES,
    "valleys": VALLEYS,
    "momentum": MOMENTUM,
    "adam": ADAM,
    "schedules": SCHEDULES,
}
SHOWN |= {"errors": ERRORS, "comparisons": COMPARISONS, "second order": SECOND_ORDER}


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 900)])
def test_axe_finds_no_violation_and_nothing_overflows(explorers, theme, width, shown):
    page = explorers(*shown, theme=theme, width=width)
    for field in page.locator(".dx-input").all():
        field.fill("what")
    assert violations(page, preload=False) == []  # no style sheets on file://
    assert page.evaluate("document.documentElement.scrollWidth") == width
    all_but_clipped = "[...document.querySelectorAll('.dx *:not(.dx-area, .dx-area *)')]"
    edges = f"{all_but_clipped}.map((e) => e.getBoundingClientRect().right)"
    assert max(page.evaluate(edges)) <= width


# For each choice: what is chosen then, the place of the plane, how much wider the page is than the screen, by
# how much something passes the inner edge, and whether the halves lie on each other.
CHOOSE = """async ([tag, texts]) => {
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); // the plane is laid out by then
  const element = document.querySelector(tag), of = (e) => e.getBoundingClientRect();
  const labels = [...document.querySelectorAll(".dx-choices label")];
  const overlap = ({ children: [a, b] }) =>
    of(a).right > of(b).left && of(a).bottom > of(b).top;
  return texts.map((text) => {
    labels.find((label) => label.textContent === text).click();
    const { x, width, height } = of(document.querySelector(".dx-plane")), box = document.querySelector(".dx");
    const inner = of(box).right - parseFloat(getComputedStyle(box).paddingRight);
    const parts = [...box.querySelectorAll("td, dd, input, button, label")];
    return {
      state: element.state,
      place: [x, width, height].map(Math.round).join(),
      wider: document.documentElement.scrollWidth - innerWidth,
      out: Math.max(...parts.map((e) => of(e).right)) - inner,
      overlap: [...document.querySelectorAll(".dx-halves")].some(overlap),
    };
  });
}"""


@pytest.mark.parametrize(
    ("explorer", "key", "choices"),
    [
        (DescentOnASurface(), "surface", list(RATES)),
        (Race(methods=[*RULES]), "surface", list(RATES)[:2] + list(RATES)[3:]),
        (Taylor(), "curve", list(CURVES)),
        (TrustRegionExplorer(), "surface", list(RADII)),
        (NaturalStep(), "parameters", list(PARAMETERS)),
    ],
)
def test_no_choice_makes_anything_overflow_or_jump(explorers, explorer, key, choices):
    """The plot stays where it is whatever is chosen; numbers in columns do not push anything aside."""
    page = explorers(explorer)
    for width in (360, 736):
        page.set_viewport_size({"width": width, "height": 800})
        found = page.evaluate(CHOOSE, [explorer.tag, [label_of(value) for value in choices]])
        assert [one["state"][key] for one in found] == choices
        assert len({one["place"] for one in found}) == 1
        for value, one in zip(choices, found, strict=True):
            assert one["wider"] == 0, (value, width)
            assert one["out"] <= 1, (value, width)
            assert not one["overlap"], (value, width)


def label_of(value: str) -> str:
    return CURVES[value]["formula"] if value in CURVES else PARAMETERS.get(value, value)


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


def test_without_scripts_a_sentence_stands_in(explorers):
    kinds = [FloatBits, SoftmaxStress, DescentOnASurface, Taylor, TrustRegionExplorer, Valley, MomentumPhases]
    kinds += [ConjugateDirections, ErrorByEigenvalue, Smoother, Hutchinson, BiasCorrection, ScheduleDesigner]
    kinds += [Race, ComparisonExplorer, Slowness, NaturalStep]
    page = explorers(*(kind() for kind in kinds), java_script_enabled=False)
    for kind in kinds:
        text = page.locator(kind.tag).inner_text()
        assert "It runs on the book's page and in a live notebook." in text, kind


def test_reduced_motion_is_respected(explorers):
    page = explorers(FloatBits(), reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.querySelector('.dx-bit')).transitionDuration") == "0s"
    assert page.evaluate("getComputedStyle(document.querySelector('.dx-bit')).transitionProperty") == "none"


def test_with_reduced_motion_a_run_jumps_to_its_end(explorers):
    for explorer, name in [(DescentOnASurface(steps=0), "Run"), (Race(steps=0), "Play")]:
        page = explorers(explorer, reduced_motion="reduce")
        page.get_by_role("button", name=name).click()
        assert state(page, explorer.tag)["steps"] == 200


def test_two_kinds_on_a_page_are_both_styled(explorers):
    """Each brings its own sheet; the shared ones are there once."""
    page = explorers(Taylor(), FloatBits(), DescentOnASurface(), SoftmaxStress(), Taylor())
    sheets = page.evaluate("[...document.querySelectorAll('style[id^=dx-style-]')].map((e) => e.id.slice(9))")
    kinds = {"descent-on-a-surface", "float-bits", "softmax-stress", "taylor"}
    assert sorted(sheets) == sorted({"colours", "element", "plane"} | kinds)
    styled = [".dx-bit", ".dx-track", ".dx-halves", ".dx-plane"]
    displays = "(all) => all.map((one) => getComputedStyle(document.querySelector(one)).display)"
    assert "inline" not in page.evaluate(displays, styled)


def test_in_a_closed_fold_it_starts_when_the_fold_opens(explorers):
    page = explorers(FloatBits("1"), FloatBits("2"))
    page.evaluate(
        """() => {
          const two = document.querySelectorAll("descent-float-bits")[1];
          const fold = Object.assign(document.createElement("details"), { id: "fold" });
          const again = two.cloneNode();
          fold.append(document.createElement("summary"), again);
          two.replaceWith(fold);
        }"""
    )
    started = "document.querySelector('#fold .dx-head') !== null"
    assert not page.evaluate(started)
    page.evaluate("document.querySelector('#fold').open = true")
    page.wait_for_function(started)
    assert state(page, FLOAT, 1)["value"] == "2"


@pytest.mark.parametrize("ask", ["dispatchEvent(new Event('beforeprint'))", "location.hash = LINK"])
def test_in_a_closed_fold_it_starts_for_the_printer_and_for_a_link(explorers, ask):
    page = explorers(FloatBits("1"))
    page.evaluate(
        """() => {
          const fold = document.createElement("details"), one = document.querySelector("descent-float-bits");
          const again = one.cloneNode();
          one.replaceWith(fold);
          fold.append(again);
        }"""
    )
    assert page.locator(".dx-head").count() == 0
    page.evaluate(ask.replace("LINK", "'#dx-float-bits=value:3'"))
    page.wait_for_function("document.querySelector('.dx-head') !== null")
    if "LINK" in ask:
        page.wait_for_function("document.querySelector('details').open")
        assert state(page)["value"] == "3"


def test_loading_a_script_twice_does_no_harm(explorers):
    page = explorers(FloatBits())
    page.add_script_tag(url="descent-float-bits.js")
    assert page.locator("style#dx-style-element").count() == 1
    assert page.locator(".dx-head").count() == 1
