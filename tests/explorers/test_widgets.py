"""The widgets' Python side, and the bundles: what a notebook stores, what a page loads."""

import gzip
import json
import re
import sys

import pytest
import traitlets
from bs4 import BeautifulSoup

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
    page_scripts,
)
from book.explorers.shared.bundle import FOLDER, HOST, entries, files, styles
from tests.cases import each
from tests.explorers.invented_comparison import ComparisonExplorer
from tests.explorers.invented_picture import Slowness

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
EXPLORERS = {
    Backpropagation: "Backpropagation(x=3.0, y=2.0, moment=0)",
    BiasCorrection: "BiasCorrection(betas=(0.9, 0.999), gradients='constant', t=1, seed=0)",
    ComparisonExplorer: "ComparisonExplorer(task='mlp', method='sgd', setting='chosen', tries=4)",
    ConjugateDirections: "ConjugateDirections(start=(-2.3, -1.6), angle=25.0, lengths=(2.4, 0.8), steps=40)",
    Constraint: "Constraint(kind='wall', center=[1.2, 0.9], place=[0.2, 0.0], angle=20.0, radius=1.2, "
    "x=[-1.2, -0.9])",
    ErrorByEigenvalue: "ErrorByEigenvalue(lr=1.9801980198019802, momentum=0.0, kappa=100.0, noise=0.0, "
    "beside='best', scale='share', t=20)",
    FloatBits: "FloatBits(value='0.1', dtype='float16')",
    Hutchinson: "Hutchinson(coupling=0.6, kind='signs', block=1, probes=4, seed=0)",
    JacobianMap: "JacobianMap(map='swirl', point=[0.9, 0.4], side=0.7, view='whole')",
    MomentumPhases: "MomentumPhases(lr=0.1, momentum=0.9, kappa=1.0)",
    ScheduleDesigner: "ScheduleDesigner(schedule='cosine', parameters=[400, 0.0], total_steps=400, lr=0.5, "
    "t=0, log_axis=False)",
    SecantLearning: "SecantLearning(surface='bowl, κ = 10', start=(2.0, 1.0), steps=0)",
    Slowness: "Slowness(steps=10)",
    Smoother: "Smoother(beta=0.9, seed=0, corrected=False)",
    NaturalStep: "NaturalStep(parameters='sigma', model=(2.0, 1.2), divergence=0.05)",
    OneStep: "OneStep(rule='Adam', lr=0.1, t=0, g=[100.0, 1.0, 0.01], x=[1.0, 1.0, 1.0], "
    "memory=[0.0, 0.0, 0.0, 0.0, 0.0, 0.0])",
    SoftmaxStress: "SoftmaxStress(logits=[1000.0, 990.0, 980.0], offset=0.0, dtype='float32')",
    DescentOnASurface: "DescentOnASurface(surface='bowl, κ = 50, turned by 30°', start=(2.0, 1.0), lr=0.038, "
    "steps=12)",
    Race: "Race(surface='bowl, κ = 50, turned by 30°', start=(2.0, 1.0), methods={'SGD': {'lr': 0.038}, "
    "'Momentum': {'lr': 0.01, 'momentum': 0.9}, 'Adam': {'lr': 0.1, 'betas': (0.9, 0.999)}}, noise=False, "
    "seed=0, steps=40, goal=0.001)",
    Taylor: "Taylor(curve='cubic', x=-2.0, step=0.8, lr=None)",
    TrustRegionExplorer: "TrustRegionExplorer(surface='Rosenbrock', start=(-1.2, 1.0), radius=0.5)",
    Valley: "Valley(lr=0.036, momentum=0.85, start=(-1.9, 0.8))",
}
MOST_BYTES = 20_000  # of a page's script, compressed
LARGER = {"descent-race": 25_000}  # it holds twenty methods, five of which search along their direction


@each("explorer", EXPLORERS)
def test_repr_and_html_are_the_same_on_every_run(explorer):
    one, other = explorer(), explorer()
    assert repr(one) == repr(other) == EXPLORERS[explorer]
    assert one.to_html() == other.to_html()
    assert eval(repr(one)).settings() == one.settings()


@each("explorer", EXPLORERS)
def test_the_html_carries_the_settings_and_a_sentence(explorer):
    element = BeautifulSoup(explorer().to_html(), "html.parser").find(explorer.tag)
    assert json.loads(element["data-settings"]) == json.loads(json.dumps(explorer().settings()))
    assert len(element.text) > 80


def test_settings_with_quotes_do_not_break_out_of_the_attribute(monkeypatch):
    monkeypatch.setattr(FloatBits, "settings", lambda self: {"value": "\"'><script>"})
    soup = BeautifulSoup(FloatBits().to_html(), "html.parser")
    assert soup.script is None
    assert json.loads(soup.find(FloatBits.tag)["data-settings"]) == {"value": "\"'><script>"}


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_colab_gets_the_widget_alone(explorer, monkeypatch):
    data, _ = explorer()._repr_mimebundle_()
    assert {"text/plain", "text/html", WIDGET_VIEW} == set(data)
    widget = explorer()
    monkeypatch.setitem(sys.modules, "google.colab", object())
    data, _ = widget._repr_mimebundle_()
    assert {"text/plain", WIDGET_VIEW} == set(data)


def test_wrong_settings_are_refused():
    for wrong in ({"value": "abc"}, {"dtype": "float8"}):
        with pytest.raises(traitlets.TraitError):
            FloatBits(**wrong)
    for wrong in ({"logits": [1]}, {"logits": [0] * 6}, {"logits": [1e9, 0]}, {"offset": float("nan")}):
        with pytest.raises(traitlets.TraitError):
            SoftmaxStress(**wrong)


def test_a_number_is_taken_as_it_prints():
    assert FloatBits(0.1).value == "0.1"
    assert FloatBits(float("inf")).value == "inf"


@each("tag", entries())
def test_the_bundles_stand_alone(tag):
    explorer = next(explorer for explorer in EXPLORERS if explorer.tag == tag)
    module, script = explorer._esm, page_scripts()[tag]
    assert not re.search(r"^\s*(import|export)\b", script, re.M)
    assert re.findall(r"^(?:import|export)\b.*", module, re.M) == [
        f'export default inNotebook("{tag}", {json.dumps(explorer.state)}, {json.dumps(explorer.data)});'
    ]
    assert set(re.findall(r"https?://[^\"']*", script + module)) <= {"http://www.w3.org/2000/svg"}  # a name
    size = len(gzip.compress(script.encode()))
    most = LARGER.get(tag, MOST_BYTES)
    assert size < most, f"{tag} is {size} bytes compressed: shorten it, or give it room in LARGER and say why"


def test_every_file_is_bundled():
    bundled = {file for tag in entries() for file in files(tag)}
    assert bundled | {HOST} == set(FOLDER.rglob("*.js"))


@each("tag", entries())
def test_no_two_files_of_a_bundle_declare_the_same_name(tag):
    """They share one scope, in which a second function of a name silently takes the place of the first."""
    text = "".join(file.read_text("utf-8") for file in files(tag))
    names = re.findall(r"^(?:export )?(?:async )?(?:function|class|const|let|import) +([\w$]+)", text, re.M)
    assert len(names) > 10
    assert sorted(names) == sorted(set(names))


@each("tag", entries())
def test_an_elements_own_style_sheet_concerns_that_element_alone(tag):
    *shared, own = styles(tag)
    assert own == files(tag)[-1].stem
    assert set(shared) <= {"colours", "element", "plane"}
    sheet = files(tag)[-1].with_suffix(".css").read_text("utf-8")
    moves = rf"(?:@keyframes dx-{own}-[a-z]+ \{{\n(?:  .*\n)+\}}\n\n?)*"  # these have no element, only a name
    assert re.fullmatch(rf"{tag}\.dx \{{\n(?:(?:  .*)?\n)+\}}\n{moves}", sheet)


def test_every_style_sheet_is_bundled():
    assert {name for tag in entries() for name in styles(tag)} - {"colours"} == {
        path.stem for path in FOLDER.rglob("*.css")
    }
