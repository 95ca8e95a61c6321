"""Bias correction in the browser: numbers against Adam's and scipy's, sentences against the numbers."""

import math
import random

import numpy as np
import pytest
import torch
from scipy.signal import lfilter

from book.explorers import BiasCorrection
from book.explorers.bias_correction.widget import KINDS, STEPS, TABLE
from book.optim import Adam
from tests.browser.facts import WHOLE, rounds, tells
from tests.explorers.noise import normals

pytestmark = pytest.mark.browser

TAG = BiasCorrection.tag
TELLING = [(0.9, 0.999), (0.9, 0.9), (0.0, 0.0), (0.0, 0.9999), (0.999, 0.0), (0.999, 0.9999), (0.5, 0.5)]
BETAS = [(0.9, 0.999), (0.9, 0.9), (0.0, 0.99), (0.99, 0.0), (0.999, 0.9999), (0.37, 0.62)]
KEYS, FOUR = ("betas", "gradients", "t", "seed"), {"digits": 4}
SHOWN = "given.map((state) => [numbersOf(state), wordsOf(numbersOf(state), state)])"
MOMENTS = "given.map(({ betas, gradients, seed }) => momentsOf(gradientsOf(gradients, seed), betas))"


def states() -> list[dict]:
    draw = random.Random(21)
    found = [[betas, kind, t, 0] for betas in TELLING for kind in KINDS for t in (1, 2, 13, STEPS)]
    for _ in range(400):
        betas = [
            min(most, round(1 - 10 ** draw.uniform(-4, 0), draw.randint(1, 16))) for most in (0.999, 0.9999)
        ]
        found.append([betas, draw.choice(list(KINDS)), draw.randint(1, STEPS), draw.randrange(2**32)])
    return given(*found)


def given(*states) -> list[dict]:
    return [dict(zip(KEYS, one, strict=True)) for one in states]


def gradients(kind: str, seed: int) -> np.ndarray:
    if kind == "noisy":
        draw = normals(seed)
        return np.array([1 + next(draw) / 2 for _ in range(STEPS)])
    return np.array([-1.0 if kind == "alternating" and t % 2 else 1.0 for t in range(STEPS)])


def moments(kind: str, seed: int, betas) -> dict[str, np.ndarray]:
    """At each step, by scipy's filter and closed forms: m, v, what they hold, and the steps."""
    grads, t = gradients(kind, seed), np.arange(1, STEPS + 1)
    found = {}
    for name, beta, values in (("m", betas[0], grads), ("v", betas[1], grads**2)):
        plain, held = (
            lfilter([1 - beta], [1, -beta], values),
            -np.expm1(t * np.log(beta)) if beta else np.ones(STEPS),
        )
        found |= {name: plain, f"held_{name}": held, f"{name}_hat": plain / held}
    found |= {"raw_step": found["m"] / np.sqrt(found["v"]), "step": found["m_hat"] / np.sqrt(found["v_hat"])}
    return found | {"ratio": found["held_m"] / np.sqrt(found["held_v"])}


def test_every_number_and_every_sentence(run):
    heard = set()
    assert len(states()) > 450
    for one, (numbers, words) in zip(states(), run(TAG, SHOWN, states()), strict=True):
        wanted, t = moments(one["gradients"], one["seed"], one["betas"]), one["t"]
        here = {name: values[t - 1] for name, values in wanted.items()}
        assert numbers["here"] == pytest.approx(here, rel=1e-9, abs=1e-12), one
        assert all(rounds(words[name], number, **FOUR) for name, number in numbers["here"].items()), one
        check_furthest(wanted["ratio"], numbers, words)
        mean, square = TABLE["means"][one["gradients"]]
        assert tells(f"{words['mean']} {words['mean_square']}", [(mean, FOUR), (square, FOUR)])
        heard |= check_story(one, numbers["here"], words["story"])
    assert heard == {"long", "short", "same"}


def check_furthest(ratios: np.ndarray, numbers: dict, words: dict) -> None:
    first, worst = numbers["first"], numbers["worst"]
    assert first == pytest.approx(ratios[0], rel=1e-9)
    off = np.maximum(ratios, 1 / ratios)
    assert worst["ratio"] == pytest.approx(ratios[worst["t"] - 1], rel=1e-9)
    assert off[worst["t"] - 1] == pytest.approx(off.max(), rel=1e-9)
    assert rounds(words["first"], first, **FOUR)
    assert tells(words["worst"], [(worst["ratio"], FOUR), (worst["t"], WHOLE)])


def check_story(one: dict, here: dict, story: str) -> set[str]:
    """Return which sentence the story has."""
    facts = [(one["t"], WHOLE), (100 * here["held_m"], FOUR), (100 * here["held_v"], FOUR)]
    kind = "same" if abs(here["ratio"] - 1) < 0.01 else "long" if here["ratio"] > 1 else "short"
    facts.append((1, WHOLE) if kind == "same" else (here["ratio"], FOUR))
    assert tells(story, facts), (one, story)
    phrases = {"same": "The step is the same", "long": "step is too long", "short": "step is too short"}
    assert [name for name, phrase in phrases.items() if phrase in story] == [kind], (one, story)
    return {kind}


def test_the_moments_and_the_steps_are_adams(run):
    cases = given(*([betas, kind, 1, 3] for betas in BETAS for kind in KINDS))
    zero = torch.zeros(1, dtype=torch.float64)
    for case, run_of in zip(cases, run(TAG, MOMENTS, cases), strict=True):
        m, v = zero, zero
        for t, (g, mine) in enumerate(zip(gradients(case["gradients"], 3), run_of, strict=True), 1):
            g = torch.tensor([g], dtype=torch.float64)
            x, m, v, _ = Adam.update(
                zero, g, m, v, None, t=t, lr=1.0, betas=case["betas"], eps=0.0, amsgrad=False
            )
            found = [mine["m"], mine["v"], -mine["step"]]
            assert found == pytest.approx([m.item(), v.item(), x.item()], rel=1e-12)


def test_the_averages_are_scipys_filter_at_every_step(run):
    cases = given(*([betas, kind, 1, 9] for betas in BETAS for kind in KINDS))
    for case, run_of in zip(cases, run(TAG, MOMENTS, cases), strict=True):
        for name, wanted in moments(case["gradients"], 9, case["betas"]).items():
            np.testing.assert_allclose([one[name] for one in run_of], wanted, rtol=1e-9)


def test_the_correction_changes_the_step_by_the_same_ratio_whatever_the_gradients(run):
    cases = given(*([betas, kind, 1, 2] for betas in BETAS for kind in KINDS))
    for case, run_of in zip(cases, run(TAG, MOMENTS, cases), strict=True):
        for t, one in enumerate(run_of, 1):
            ratio = (1 - case["betas"][0] ** t) / math.sqrt(1 - case["betas"][1] ** t)
            assert one["ratio"] == pytest.approx(ratio, rel=1e-9)
            assert one["raw_step"] / one["step"] == pytest.approx(ratio, rel=1e-9)


def test_means_and_mean_squares_are_those_of_the_gradients(run):
    drawn = run(
        TAG, "given.map((kind) => Array.from({ length: 400 }, (_, seed) => gradientsOf(kind, seed)))", KINDS
    )
    for kind, values in zip(KINDS, drawn, strict=True):
        mean, square = TABLE["means"][kind]
        assert np.mean(values) == pytest.approx(mean, abs=0.02)
        assert np.square(values).mean() == pytest.approx(square, abs=0.04)


def test_the_first_step_at_the_defaults(run):
    [[_, words]] = run(TAG, SHOWN, given([(0.9, 0.999), "constant", 1, 0]))
    assert words["first"] == words["raw_step"] == words["ratio"] == f"{0.1 / math.sqrt(0.001):.4g}" == "3.162"
    assert (words["m_hat"], words["v_hat"], words["step"]) == ("1", "1", "1")
    ratios = [(1 - 0.9**t) / math.sqrt(1 - 0.999**t) for t in range(1, STEPS + 1)]
    assert words["worst"] == f"{max(ratios):.4g} at t = {ratios.index(max(ratios)) + 1}"


STORIES = [
    (((0.9, 0.999), "constant", 1, 0), "m holds 10 % of a full average and v 0.1 %."),
    (((0.9, 0.999), "noisy", 1, 5), "the step is too long: 3.162 times as long as with it"),
    (((0.9, 0.9), "alternating", 1, 0), "the step is too short: 0.3162 times as long as with it"),
    (((0.0, 0.0), "constant", 4, 0), "the same with the correction and without it"),
    (((0.5, 0.5), "constant", 30, 0), "to within 1 %."),
]


def test_the_story(run):
    found = run(TAG, SHOWN, given(*(one for one, _ in STORIES)))
    for (_, sentence), (_, words) in zip(STORIES, found, strict=True):
        assert sentence in words["story"]
