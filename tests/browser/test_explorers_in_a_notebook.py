"""The widget's module as a notebook loads it: from a blob, in a sandboxed frame, against a small model."""

import json

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
    SecantLearning,
    Smoother,
    SoftmaxStress,
    Taylor,
    TrustRegionExplorer,
    Valley,
)
from tests.browser.explorer_pages import leave
from tests.explorers.invented_comparison import ComparisonExplorer
from tests.explorers.invented_picture import Slowness

pytestmark = pytest.mark.browser

EXPLORERS = {
    Backpropagation: (
        {"x": -3, "moment": 3},
        ".dx-story",
        "(−3)² = 9",
        ".dx-steps button:last-of-type",
        {"moment": 1},
    ),
    BiasCorrection: (
        {"t": 2},
        ".dx-story",
        "4.25 times",
        ".dx-chips button:nth-child(2)",
        {"betas": [0.9, 0.9]},
    ),
    ComparisonExplorer: (
        {"method": "adamw"},
        ".dx-story",
        "AdamW at its chosen rate",
        ".dx-who label:nth-of-type(2)",
        {"method": "momentum"},
    ),
    Constraint: (
        {"kind": "circle"},
        ".dx-story",
        "is not 0",
        ".dx-choices label:nth-of-type(3)",
        {"kind": "disc"},
    ),
    ConjugateDirections: (
        {"lengths": [1, 1]},
        ".dx-story",
        "The bowl is round",
        ".dx-walk button:nth-child(3)",
        {"steps": 0},
    ),
    ErrorByEigenvalue: (
        {"momentum": 0.5},
        ".dx-story",
        "keeps 0.9586",
        ".dx-more-inside > button",
        {"noise": 0.03},
    ),
    FloatBits: ({"value": "65520"}, ".dx-exact", "inf", ".dx-bit", {"value": "-0.0999755859375"}),
    Hutchinson: ({"coupling": 0}, ".dx-story", "which is exact", ".dx-seed button", {"seed": 1}),
    JacobianMap: ({"map": "shear"}, ".dx-caption", "sin 2x₂", ".dx-sides .dx-button", {"side": 0.35}),
    MomentumPhases: (
        {"momentum": 0.81},
        ".dx-numbers",
        "0.9",
        ".dx-pairs button",
        {"lr": 1.0, "momentum": 0.0},
    ),
    ScheduleDesigner: (
        {"schedule": "exponential", "parameters": [0.98]},
        ".dx-code",
        "exponential(gamma=0.98)",
        ".dx-log input",
        {"log_axis": True},
    ),
    SecantLearning: (
        {"steps": 1},
        ".dx-story",
        "One pair is known",
        ".dx-walk button:nth-child(2)",
        {"steps": 1},
    ),
    Slowness: ({"steps": 0}, ".dx-story", "Both begin with grey", ".dx-chip:nth-child(2)", {"steps": 3}),
    Smoother: ({"beta": 0.5}, ".dx-facts", "3", ".dx-seed button", {"seed": 1}),
    NaturalStep: (
        {"model": [0, 1]},
        ".dx-story",
        "the bell of the data",
        ".dx-choices label:nth-of-type(3)",
        {"parameters": "precision"},
    ),
    OneStep: ({"rule": "SGD"}, ".dx-lines", "1 − 0.1 · 100", ".dx-chip:nth-child(2)", {"g": [1, 1, 1]}),
    SoftmaxStress: (
        {"logits": [3, 2]},
        ".dx-lanes",
        "z1",
        ".dx-count button:last-child",
        {"logits": [1000, 990, 980, 970]},
    ),
    DescentOnASurface: ({"steps": 3}, ".dx-count", "3 steps", ".dx-walk button:nth-child(2)", {"steps": 13}),
    Race: (
        {"methods": {"Nesterov": {"lr": 0.01}}},
        ".dx-story",
        "Nesterov is at",
        ".dx-player button:last-of-type",
        {"steps": 41},
    ),
    Taylor: ({"x": 1}, ".dx-facts", "1.000", ".dx-rate button", {"lr": 0.08333}),
    Valley: ({"momentum": 0}, ".dx-story", "Without memory", "input[type=range]", {"lr": 0.04}),
    TrustRegionExplorer: (
        {"radius": 0.1},
        ".dx-story",
        "The step ends on the circle",
        ".dx-choice:nth-of-type(2)",
        {"surface": "Himmelblau", "start": [0, 0], "radius": 1.5},
    ),
}
MODEL = """
const model = {
  state: STATE, listeners: {}, saved: [],
  get(key) { return this.state[key]; },
  set(key, value) {
    const changed = JSON.stringify(this.state[key]) !== JSON.stringify(value);
    this.state[key] = value;
    if (changed) for (const tell of this.listeners[`change:${key}`] ?? []) tell();
  },
  on(name, tell) { (this.listeners[name] ??= []).push(tell); },
  off(name, tell) { this.listeners[name] = this.listeners[name].filter((it) => it !== tell); },
  save_changes() { this.saved.push({ ...this.state }); },
};
window.model = model;
const address = URL.createObjectURL(new Blob([MODULE], { type: "text/javascript" }));
const { default: widget } = await import(address);
window.leave = await widget.render({ model, el: document.querySelector("#output") });
window.ready = true;
"""


def traits(explorer) -> dict:
    return explorer.settings() | {name: getattr(explorer, name) for name in explorer.data}


def frame_of(page, explorer, scheme="light"):
    """Put the widget in a frame that may run scripts and nothing else, as Colab does with each output."""
    module = json.dumps(explorer._esm).replace("</", "<\\/")
    script = MODEL.replace("STATE", json.dumps(traits(explorer))).replace("MODULE", module)
    inner = f"<!doctype html><div id=output></div><script type=module>{script}</script>"
    page.emulate_media(color_scheme=scheme)
    page.set_content("<iframe sandbox='allow-scripts' width=800 height=900></iframe>")
    page.evaluate("(html) => (document.querySelector('iframe').srcdoc = html)", inner)
    frame = page.query_selector("iframe").content_frame()
    frame.wait_for_function("window.ready")
    return frame


@pytest.fixture(scope="module")
def one_page(browser):
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def blank(one_page):
    """A page that loads no file, emptied after each test."""
    faults = []
    hear = lambda error: faults.append(str(error))  # noqa: E731
    one_page.on("pageerror", hear)
    yield one_page
    one_page.remove_listener("pageerror", hear)
    leave(one_page)
    assert faults == []


@pytest.mark.parametrize("kind", EXPLORERS)
def test_what_python_sets_is_drawn(blank, kind):
    patch, selector, text, *_ = EXPLORERS[kind]
    frame = frame_of(blank, kind())
    frame.evaluate("(patch) => Object.entries(patch).forEach(([k, v]) => model.set(k, v))", patch)
    assert text in frame.locator(selector).inner_text()
    if kind is SoftmaxStress:
        assert frame.locator(".dx-lane").count() == 2


@pytest.mark.parametrize("kind", EXPLORERS)
def test_what_the_hand_does_reaches_python(blank, kind):
    *_, control, patch = EXPLORERS[kind]
    frame = frame_of(blank, kind())
    hand = frame.locator(control).first
    hand.evaluate("(e) => e.closest('details')?.setAttribute('open', '')")
    hand.click()
    saved = frame.evaluate("model.saved")
    assert saved == [{**json.loads(json.dumps(traits(kind()))), **patch}]
    kind(**{name: saved[0][name] for name in kind.state})  # Python's validation takes what the element sends


def test_two_traits_that_change_at_once_arrive_together(blank):
    frame = frame_of(blank, SoftmaxStress([1000, 990, 980], offset=5))
    frame.get_by_role("button", name="the same, 980 lower").click()
    frame.get_by_role("button", name="one far behind").click()
    assert frame.evaluate("model.saved.map((s) => [s.logits[0], s.offset])") == [[1000, -980], [0, 0]]
    assert frame.evaluate("document.querySelector('.dx').state.offset") == 0


def test_two_views_of_a_widget_agree(blank):
    frame = frame_of(blank, FloatBits("1"))
    frame.evaluate(
        """async () => {
          document.body.append(Object.assign(document.createElement("div"), { id: "second" }));
          const tag = document.querySelector(".dx").localName;
          document.querySelector("#second").append(document.createElement(tag));
        }"""
    )
    frame.locator("#output .dx-bit").first.click()
    assert frame.locator("#output .dx-exact").inner_text() == "-1"
    assert frame.locator("#second .dx-exact").inner_text() == "0.0999755859375"
    assert frame.locator("style#dx-style-element").count() == 1


def test_a_view_that_has_left_hears_no_more(blank):
    frame = frame_of(blank, FloatBits("1"))
    frame.evaluate("leave()")
    frame.evaluate("model.set('value', '2')")
    assert frame.locator(".dx-exact").inner_text() == "1"


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(253, 252, 249)"), ("dark", "rgb(20, 25, 30)")])
def test_it_brings_its_own_colours(blank, scheme, paper):
    frame = frame_of(blank, FloatBits(), scheme)
    assert frame.evaluate("getComputedStyle(document.querySelector('.dx')).backgroundColor") == paper


def test_there_is_no_link_to_copy_in_a_notebook(blank):
    frame = frame_of(blank, FloatBits())
    assert frame.get_by_role("button", name="Copy link").count() == 0
    assert frame.get_by_role("button", name="Reset").count() == 1


def test_its_keys_are_its_own_but_for_those_with_control(blank):
    """JupyterLab listens at the document: Enter and the arrows would move it to the next cell."""
    frame = frame_of(blank, Smoother(0.5))
    frame.evaluate("window.heard = []")
    frame.evaluate("addEventListener('keydown', (event) => heard.push(event.key))")
    slider = frame.locator("input[type=range]").first
    for key in ("ArrowRight", "Enter", "Control+s"):
        slider.press(key)
    assert frame.evaluate("heard") == ["Control", "s"]
    assert frame.evaluate("model.state.beta") > 0.5
