"""The natural step in the browser: numbers against the library's, sentences against the numbers."""

import itertools
import math

import pytest
import torch
from torch.distributions import kl_divergence

from book.explorers import NaturalStep
from book.explorers.natural_step.widget import DEFAULTS
from book.numerics.vector import f64
from tests.browser.bell_states import TO_BELL, WALK, bell, directions, fisher, gradient, loss, states, walk
from tests.browser.facts import WHOLE, tells

pytestmark = pytest.mark.browser

TAG = NaturalStep.tag
THREE, TWO = {"digits": 3}, {"digits": 2}
SHOWN = (
    "given.map((state) => { const numbers = numbersOf(state); return [numbers, wordsOf(numbers, state)]; })"
)
SIGNS = {"sigma": "σ", "log sigma": "log σ", "precision": "1/σ²"}


@pytest.fixture(scope="module")
def shown(run):
    return list(zip(states(), run(TAG, SHOWN, states()), strict=True))


def close(found, wanted):
    wanted = wanted.tolist() if isinstance(wanted, torch.Tensor) else wanted
    return found == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def test_gradient_and_fisher_are_torchs(shown):
    assert len(shown) > 100
    for state, (numbers, _) in shown:
        name = state["parameters"]
        ω = TO_BELL[name][1](f64(*state["model"]))
        F = fisher(name, ω)
        assert close(numbers["here"], ω)
        assert close(numbers["loss"], loss(f64(*state["model"])))
        assert close(numbers["gradient"], gradient(name, ω)), state
        assert close(numbers["fisher"], F.diagonal()), state
        assert F[0, 1].abs() < 1e-12


def test_both_steps_end_on_the_ring_and_are_the_librarys(shown):
    for state, (numbers, _) in shown:
        if numbers["story"] == "rest":
            assert numbers["steps"] == {"plain": None, "natural": None}
            continue
        name, model = state["parameters"], f64(*state["model"])
        to_bell, to_parameters = TO_BELL[name]
        ω = to_parameters(model)
        F, g = fisher(name, ω), gradient(name, ω)
        for kind, direction in directions(name, ω).items():
            d = direction * (2 * state["divergence"] / (direction @ F @ direction)).sqrt()
            after, step = to_bell(ω + d), numbers["steps"][kind]
            assert close(step["end"], ω + d), (state, kind)
            assert close(step["model"], after), (state, kind)
            assert close(step["promised"], -(g @ d))
            assert close(step["drop"], loss(model) - loss(after))
            assert close(step["divergence"], kl_divergence(bell(model), bell(after)))
            on_ring = f64(*step["end"]) - ω
            assert (on_ring @ F @ on_ring / 2).item() == pytest.approx(state["divergence"], rel=1e-9)


def test_of_the_whole_ring_the_natural_step_promises_most(shown):
    for state, (numbers, _) in shown:
        name = state["parameters"]
        ω = TO_BELL[name][1](f64(*state["model"]))
        F = fisher(name, ω)
        d = torch.tensor(numbers["ring"], dtype=torch.float64) - ω
        assert torch.allclose(((d @ F) * d).sum(1) / 2, f64(state["divergence"]), rtol=1e-9)
        if numbers["story"] != "rest":
            most, best = numbers["steps"]["natural"]["promised"], (-(d @ gradient(name, ω))).max().item()
            assert best <= most + 1e-12
            assert best == pytest.approx(most, rel=0.002)  # a corner of the ring lies near it


@pytest.mark.long
@pytest.mark.parametrize("name", TO_BELL)
def test_every_point_of_a_path_is_the_librarys(shown, name):
    """From the first place, and from a corner where the largest step binds."""
    for model in (DEFAULTS["model"], [-3, 0.6]):
        paths = next(
            numbers["paths"]
            for state, (numbers, _) in shown
            if state["model"] == model and state["parameters"] == name
        )
        for kind, path in paths.items():
            for found, wanted in zip(path, walk(name, model, kind), strict=True):
                assert close(found, wanted), (name, model, kind)


def by_model(shown) -> list[list[dict]]:
    """The numbers in the three parametrisations, model by model."""
    return [
        [numbers for _, (numbers, _) in group]
        for _, group in itertools.groupby(shown, lambda one: (one[0]["model"], one[0]["divergence"]))
    ]


def gap(paths) -> float:
    return max(math.dist(*pair) for pair in zip(*paths, strict=True))


def test_the_natural_path_stays_where_the_parameters_change_and_the_plain_one_does_not(shown):
    several = 0
    for three in by_model(shown):
        if three[0]["story"] == "rest":
            continue
        apart = {
            kind: max(gap(pair) for pair in itertools.combinations([n["paths"][kind] for n in three], 2))
            for kind in ("plain", "natural")
        }
        assert apart["natural"] < 0.06
        several += apart["plain"] > 5 * apart["natural"]
    assert several > 25


def test_the_gap_of_a_natural_step_falls_with_its_square(run):
    """δ a hundredth: the step a tenth, the gap of the plain step a tenth, of the natural one a hundredth."""
    gaps = []
    for divergence in (0.1, 0.001):
        given = [{"parameters": name, "model": [2, 1.2], "divergence": divergence} for name in TO_BELL]
        steps = run(TAG, "given.map((state) => numbersOf(state).steps)", given)
        pairs = itertools.combinations(steps, 2)
        gaps.append(
            [
                max(math.dist(a[k]["model"], b[k]["model"]) for a, b in [*pairs])
                for k, pairs in zip(("plain", "natural"), itertools.tee(pairs), strict=True)
            ]
        )
    plain, natural = (before / after for before, after in zip(*gaps, strict=True))
    assert 5 < plain < 20
    assert 60 < natural < 200


PHRASES = {  # what is said in this story alone
    "rest": "This is the bell of the data",
    "one": "are one, which",
    "rises": "is too wide",
    "less": "promised more",
}


def story_of(numbers) -> str:
    plain, natural = numbers["steps"]["plain"], numbers["steps"]["natural"]
    if natural is None:
        return "rest"
    if math.dist(plain["end"], natural["end"]) < 1e-9:
        return "one"
    if natural["drop"] < 0:
        return "rises"
    return "more" if natural["drop"] > plain["drop"] else "less"


def test_every_sentence_tells_its_numbers(shown):
    seen = set()
    for state, (numbers, words) in shown:
        story, text = story_of(numbers), words["story"]
        assert numbers["story"] == story
        assert {name for name, phrase in PHRASES.items() if phrase in text} == {story} - {"more"}, text
        seen.add(story)
        if story == "rest":
            assert (tells(text, [(0, WHOLE)]), state["model"]) == (True, [0, 1])
            continue
        drops = [numbers["steps"][kind]["drop"] for kind in ("natural", "plain")][
            : 1 if story == "one" else 2
        ]
        for kind in ("natural", "plain"):
            path = numbers["paths"][kind]
            assert numbers["widest"][kind] == max(σ for _, σ in path)
            assert numbers["left"][kind] == pytest.approx(loss(f64(*path[-1])).item(), abs=1e-12)
        ends = [
            (numbers[key][kind], how)
            for kind in ("natural", "plain")
            for key, how in (("widest", THREE), ("left", TWO))
        ]
        facts = [(numbers["loss"], THREE), (state["divergence"], THREE), *((abs(x), THREE) for x in drops)]
        told = [*facts, (WALK["steps"], WHOLE), *ends]
        assert tells(text.replace("1/σ²", "τ"), told), (state, text)
        assert [word for word in text.split() if word in ("lowers", "raises")] == [
            "raises" if drop < 0 else "lowers" for drop in drops
        ]
        assert f"plain descent in {SIGNS[state['parameters']]} goes" in text
    assert seen == {"rest", "one", "rises", "less", "more"}


def test_the_table_tells_its_numbers(shown):
    for state, (numbers, words) in shown:
        for kind, step in numbers["steps"].items():
            texts = [words[f"{kind}_{key}"] for key in ("end", "divergence", "drop")]
            if step is None:
                assert texts == ["–"] * 3
                continue
            values = [
                [(x, {"places": 2}) for x in step["model"]],
                *([(step[k], THREE)] for k in ("divergence", "drop")),
            ]
            for text, wanted in zip(texts, values, strict=True):
                assert tells(text, wanted), (state, kind, text)
