"""A link carries the state of an explorer, and one that makes no sense changes nothing."""

import pytest

from book.explorers import (
    BiasCorrection,
    ConjugateDirections,
    DescentOnASurface,
    ErrorByEigenvalue,
    FloatBits,
    Hutchinson,
    MomentumPhases,
    NaturalStep,
    Race,
    ScheduleDesigner,
    Smoother,
    SoftmaxStress,
    Taylor,
    TrustRegionExplorer,
    Valley,
)
from tests.browser.explorer_pages import state
from tests.explorers.invented_comparison import ComparisonExplorer
from tests.explorers.invented_picture import Slowness

pytestmark = pytest.mark.browser

FLOAT, SOFTMAX = FloatBits.tag, SoftmaxStress.tag


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
    Race("saddle", methods=["AdaDelta"]): {
        "surface": "Himmelblau",
        "start": [-2, 0.5],
        "methods": {
            "SGD": {"lr": 0.02},
            "RMSProp": {"lr": 1e-6, "alpha": 0.5},
            "AdamW": {"lr": 0.3, "betas": [0.5, 0.9999], "weight_decay": 0},
        },
        "noise": True,
        "seed": 4294967295,
        "steps": 7,
        "goal": -1.5,
    },
    Taylor("sine", 2, lr=0.5): {"curve": "smooth |x|", "x": -1.25, "step": 0.5, "lr": None},
    ConjugateDirections(): {"start": [-1.25, 0.5], "angle": -90.5, "lengths": [0.4, 2], "steps": 3},
    NaturalStep(): {"parameters": "log sigma", "model": [-1.25, 0.875], "divergence": 0.003},
    TrustRegionExplorer(): {"surface": "Beale", "start": [-0.5, 2.25], "radius": 0.125},
    Valley(0.01, 0.5): {"lr": 0.05, "momentum": 0, "start": [1.25, -0.5]},
    MomentumPhases(0.3, 0.5, 9): {"lr": 1.5, "momentum": 0.125, "kappa": 50},
    ErrorByEigenvalue(0.5, 20): {
        "lr": 1.5,
        "momentum": 0.125,
        "kappa": 300,
        "noise": 0.03,
        "beside": "effective",
        "scale": "share",
        "t": 0,
    },
    BiasCorrection(t=4): {"betas": [0, 0.5], "gradients": "noisy", "t": 30, "seed": 12},
    ScheduleDesigner(): {
        "schedule": "one_cycle",
        "parameters": [0.25, 10, 1000],
        "total_steps": 150,
        "lr": 0.01,
        "t": 149,
        "log_axis": True,
    },
    ScheduleDesigner("step", log_axis=True): {
        "schedule": "constant",
        "parameters": [],
        "total_steps": 400,
        "lr": 1.5,
        "t": 0,
        "log_axis": False,
    },
    ComparisonExplorer(): {"task": "cnn", "method": "adamw", "setting": 0.0001, "tries": 8},
    ComparisonExplorer(setting=0.05): {"task": "mlp", "method": "sgd", "setting": "defaults", "tries": 4},
    Hutchinson(0.5): {"coupling": 0, "kind": "normal", "block": 8, "probes": 400, "seed": 12},
    Slowness(): {"steps": 300},
    Smoother(0.5, 7): {"beta": 0.99, "seed": 12, "corrected": True},
    Smoother(0.5, 7, True): {"beta": 0, "seed": 0, "corrected": False},
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


BAD_LINKS = {
    (FloatBits(),): [
        "#dx-float-bits=value:abc",
        "#dx-float-bits=dtype:float8",
        "#dx-float-bits=%",
        "#dx-float-bits=value:%E0%A4%A",
        "#dx-float-bits",
        "#dx-float-bits=__proto__:x;constructor:y",
        "#explorers",
    ],
    (DescentOnASurface("Beale"), Race("Beale", methods=["Adam"]), Taylor("sine", 1)): [
        "#dx-on-a-surface=surface:cubic",
        "#dx-on-a-surface=start:9,9",
        "#dx-on-a-surface=start:1",
        "#dx-on-a-surface=start:a,b",
        "#dx-on-a-surface=lr:-1",
        "#dx-on-a-surface=lr:x",
        "#dx-on-a-surface=steps:1.5",
        "#dx-race=surface:noisy%20bowl",
        "#dx-race=methods:",
        "#dx-race=methods:Nobody",
        "#dx-race=methods:SGD~lr~0",
        "#dx-race=methods:SGD~momentum~0.5",
        "#dx-race=methods:Adam~betas~0.5",
        "#dx-race=methods:Adam~beta1~0.5~beta2~1",
        "#dx-race=methods:Adam~beta1",
        "#dx-race=methods:__proto__~lr~1",
        "#dx-race=noise:yes",
        "#dx-race=seed:-1",
        "#dx-race=goal:x",
        "#dx-taylor=curve:tangent",
        "#dx-taylor=x:99",
        "#dx-taylor=x:y",
        "#dx-taylor=lr:x",
    ],
    (MomentumPhases(), Smoother()): [
        "#dx-momentum-phases=lr:4.5",
        "#dx-momentum-phases=momentum:-1",
        "#dx-momentum-phases=kappa:0.5",
        "#dx-momentum-phases=kappa:x",
        "#dx-smoother=beta:1",
        "#dx-smoother=beta:x",
        "#dx-smoother=seed:1.5",
        "#dx-smoother=seed:-1",
        "#dx-smoother=corrected:maybe",
    ],
    (Slowness(),): ["#dx-slowness=steps:301", "#dx-slowness=steps:1.5", "#dx-slowness=steps:x"],
    (ErrorByEigenvalue(0.9),): [
        "#dx-error-by-eigenvalue=lr:0",
        "#dx-error-by-eigenvalue=lr:x",
        "#dx-error-by-eigenvalue=momentum:1",
        "#dx-error-by-eigenvalue=kappa:1",
        "#dx-error-by-eigenvalue=noise:-0.1",
        "#dx-error-by-eigenvalue=t:1.5",
        "#dx-error-by-eigenvalue=t:501",
        "#dx-error-by-eigenvalue=beside:worst",
        "#dx-error-by-eigenvalue=scale:toString",
    ],
    (BiasCorrection(), ScheduleDesigner()): [
        "#dx-bias-correction=betas:0.9",
        "#dx-bias-correction=betas:1,0.9",
        "#dx-bias-correction=betas:0.9,x",
        "#dx-bias-correction=gradients:growing",
        "#dx-bias-correction=t:0",
        "#dx-bias-correction=t:31",
        "#dx-bias-correction=seed:0.5",
        "#dx-schedule-designer=schedule:linear",
        "#dx-schedule-designer=schedule:step",
        "#dx-schedule-designer=parameters:400",
        "#dx-schedule-designer=parameters:400.5,0",
        "#dx-schedule-designer=parameters:400,2",
        "#dx-schedule-designer=total_steps:99",
        "#dx-schedule-designer=lr:2",
        "#dx-schedule-designer=t:400",
        "#dx-schedule-designer=log_axis:maybe",
        "#dx-schedule-designer=schedule:warmup_cosine;parameters:400,0,0",
    ],
    (ComparisonExplorer(method="momentum"),): [
        "#dx-comparison=task:vgg13",
        "#dx-comparison=task:cnn",
        "#dx-comparison=method:lion",
        "#dx-comparison=method:constructor",
        "#dx-comparison=setting:0.3",
        "#dx-comparison=setting:",
        "#dx-comparison=setting:title",
        "#dx-comparison=tries:0",
        "#dx-comparison=tries:9",
        "#dx-comparison=tries:1.5",
    ],
}
PASTE = """async (link) => {
  const followed = new Promise((done) => addEventListener("hashchange", done, { once: true }));
  location.hash = link;
  await followed;
}"""


@pytest.mark.parametrize("held", BAD_LINKS, ids=lambda held: held[0].tag)
def test_a_link_that_makes_no_sense_changes_nothing(explorers, held):
    """Neither when the page is opened with it, nor when it is pasted there."""
    first, *others = BAD_LINKS[held]
    before = [state(explorers(*held), explorer.tag) for explorer in held]
    page = explorers(*held, link=first)
    for link in (first, *others):
        if link is not first:
            page.evaluate(PASTE, link)
        assert [state(page, explorer.tag) for explorer in held] == before, link
