"""Trust region in the browser: its step and its promises against the library's, sentences against numbers."""

import math
from functools import cache

import pytest
import torch

from book.calculus import gradient, hessian
from book.explorers import TrustRegionExplorer
from book.explorers.trust_region.widget import LIMITS, RADII, TABLE
from book.optim.trust_region import next_radius, steihaug
from book.surfaces import SURFACES
from tests.browser.agreement import points_in, same
from tests.browser.facts import tells

pytestmark = pytest.mark.browser

TAG = TrustRegionExplorer.tag
SHOWN = "given.map((state) => { const n = numbersOf(state); return [n, wordsOf(n, state)]; })"
FOUR, THREE = {"digits": 4}, {"digits": 3}


def states() -> list[dict]:
    found = []
    for i, name in enumerate(RADII):
        surface = SURFACES[name]
        points = [
            list(surface.start),
            *(list(place) for place in surface.minima),
            *points_in(surface, 40, i).tolist(),
        ]
        for k, start in enumerate(points):
            radii = (0.01, 8.0, RADII[name], 0.03 * 1.14**k)
            found += [{"surface": name, "start": start, "radius": min(8.0, radius)} for radius in radii]
    found.append({"surface": "saddle", "start": [0.0, 0.0], "radius": 1.0})
    found.append({"surface": "Rosenbrock", "start": [-1.18, 1.38], "radius": 2.0})
    return found


@cache
def derivatives(name: str, start: tuple[float, ...]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    f, x = SURFACES[name], torch.tensor(start, dtype=torch.float64)
    return x, gradient(f, x), hessian(f, x)


def numbers_of(state: dict) -> dict:
    f, radius = SURFACES[state["surface"]], state["radius"]
    x, g, H = derivatives(state["surface"], tuple(state["start"]))
    step = steihaug(H.mv, g, radius, tolerance=TABLE["tolerance"] * g.norm().item(), max_iter=20)
    real = (f(x) - f(x + step.p)).item()
    ratio = real / step.predicted if step.predicted > 0 else math.nan
    length = step.p.norm().item()
    return {
        "p": step.p.tolist(),
        "predicted": step.predicted,
        "end": "inside" if step.end == "max_iter" else step.end,
        "real": real,
        "ratio": ratio,
        "length": length,
        "next": (x + step.p).tolist(),
        "eigenvalues": torch.linalg.eigvalsh(H).tolist(),
        "nextRadius": min(LIMITS[1], max(LIMITS[0], next_radius(radius, ratio, length))),
    }


def story_of(numbers: dict) -> str:
    ratio = numbers["ratio"]
    if math.isnan(ratio):
        return "no minimum" if numbers["eigenvalues"][0] < 0 else "no slope"
    if ratio < 0:
        return "rises"
    if ratio <= TABLE["eta"]:
        return "refused"
    return "poor" if ratio < 0.25 else "fair" if ratio <= 0.75 else "good" if ratio <= 1.25 else "better"


PHRASES = {
    "no slope": "no step is better than none",
    "no minimum": "so this is no minimum",
    "rises": "The step is refused.",
    "refused": "That is too little",
    "poor": "far too hopeful",
    "fair": "The step is taken. The",
    "good": "can be trusted",
    "better": "more than was promised",
}
ENDS = {"inside": "lies inside the circle", "boundary": "ends on the circle", "curvature": "bends down along"}


def test_every_number_is_the_librarys_and_every_sentence_tells_it(run):
    given, seen = states(), set()
    assert len(given) > 900
    for state, (numbers, words) in zip(given, run(TAG, SHOWN, given), strict=True):
        mine = numbers_of(state)
        scale = max(1.0, abs(numbers["value"]))
        for name, value in mine.items():
            if name == "ratio" and abs(mine["predicted"]) < 1e-6 * scale:
                continue  # a quotient of rounding errors, at a minimum
            if (
                name == "nextRadius"
                and mine["ratio"] != numbers["ratio"]
                and min(abs(mine["ratio"] - bound) for bound in (0.25, 0.75)) < 1e-6
            ):
                continue
            size = scale if name in ("predicted", "real") else 1.0
            assert same(value, numbers[name], size), (state, name, value, numbers[name])
        check_words(state, numbers, words)
        seen |= {numbers["story"], numbers["end"]}
    assert seen == {*PHRASES, *ENDS}


def check_words(state: dict, numbers: dict, words: dict) -> None:
    text, story = (
        words["story"],
        story_of(numbers | {"ratio": math.nan if numbers["ratio"] is None else numbers["ratio"]}),
    )
    assert numbers["story"] == story, state
    assert {name for name, phrase in PHRASES.items() if phrase in text} == {story}, text
    if story in ("no slope", "no minimum"):
        assert tells(text, []), text
        return
    assert [end for end, phrase in ENDS.items() if phrase in text] == [numbers["end"]]
    assert ("f rises by" in text) == (numbers["real"] < 0)
    facts = [(numbers["predicted"], FOUR), (abs(numbers["real"]), FOUR), (numbers["ratio"], THREE)]
    change = numbers["nextRadius"] - state["radius"]
    verb = "stays" if change == 0 else "grows to" if change > 0 else "shrinks to"
    assert f"The radius {verb}" in text
    assert tells(text, facts + ([] if change == 0 else [(numbers["nextRadius"], THREE)])), text
    assert tells(words["promised"], facts[:1])
    assert tells(words["ratio"], facts[2:])
    assert tells(words["curvatures"], [(value, THREE) for value in numbers["eigenvalues"]])


def test_taking_its_steps_is_the_optimizers_path(run):
    """From the start to the minimum, with the tolerance of the explorer."""
    script = """(() => {
      let state = given; const path = [state.start];
      for (let k = 0; k < 60; k += 1) {
        const found = numbersOf(state);
        if (!(found.predicted >= 1e-9)) break;
        state = { ...state, start: found.taken ? found.next : state.start, radius: found.nextRadius };
        if (found.taken) path.push(state.start);
      }
      return path;
    })()"""
    for name in ("Rosenbrock", "Himmelblau", "Beale"):
        start = {"surface": name, "start": list(SURFACES[name].start), "radius": RADII[name]}
        theirs, mine = run(TAG, script, start), path_of(start)
        assert len(theirs) > 5
        assert same(mine[: len(theirs)], theirs)
        assert min(math.dist(theirs[-1], place) for place in SURFACES[name].minima) < 1e-3


def path_of(state: dict) -> list[list[float]]:
    path = [state["start"]]
    for _ in range(60):
        found = numbers_of(state)
        if not found["predicted"] >= 1e-9:
            break
        taken = found["ratio"] > TABLE["eta"]
        state = state | {"start": found["next"] if taken else state["start"], "radius": found["nextRadius"]}
        path += [state["start"]] if taken else []
    return path


def test_the_chart_shows_each_radius_own_step(run):
    state = {"surface": "Rosenbrock", "start": [-1.18, 1.38], "radius": 1.0}
    curves = run(TAG, "drops(given, longestOf(given.surface), 40)", state)
    assert [radius for radius, *_ in curves] == pytest.approx([0.05 * k for k in range(1, 41)])
    for radius, promised, real in curves:
        mine = numbers_of(state | {"radius": radius})
        assert same([mine["predicted"], mine["real"]], [promised, real], 100.0)


def test_the_models_rings_lie_in_the_circle_and_at_their_height(run):
    f, start = SURFACES["Himmelblau"], [0.5, -0.3]
    x = torch.tensor(start, dtype=torch.float64)
    g, H = gradient(f, x), hessian(f, x)
    lines = run(TAG, "modelRings(...given)", [start, g.tolist(), H.tolist(), 1.5])
    assert len(lines) > 4
    for line in lines:
        p = torch.tensor(line, dtype=torch.float64) - x
        assert p.norm(dim=1).max() <= 1.5
        height = p @ g + (p @ H * p).sum(1) / 2
        assert height.std() < 0.3
