"""Random-walk smoother: numbers against scipy's, sentences against the numbers; slider, field, buttons."""

import random

import numpy as np
import pytest
from scipy.signal import lfilter

from book.explorers import Smoother
from tests.browser.explorer_pages import middle, overflowing, shown, state
from tests.browser.facts import WHOLE, rounds, tells
from tests.explorers.noise import normals, uniforms

pytestmark = pytest.mark.browser

TAG = Smoother.tag
STEPS, BARS, VARIANCE = 200, 50, 100 / 3
BETAS = [0, 0.1, 0.5, 0.75, 0.9, 0.95, 0.977, 0.98, 0.99, 0.995, 0.999]
SEEDS = [0, 1, 2, 12345, 2**31, 2**32 - 1]
FOUR = {"digits": 4}
SHOWN = "given.map((state) => [numbersOf(state), wordsOf(numbersOf(state), state)])"


def states() -> list[dict]:
    draw = random.Random(12)
    found = [[beta, seed, seed % 2 == 0] for beta in BETAS for seed in SEEDS]
    for _ in range(300):
        beta = round(1 - 10 ** draw.uniform(-3, 0), draw.randint(2, 16))
        found.append([min(0.999, max(0.0, beta)), draw.randrange(2**32), draw.random() < 0.5])
    return [dict(zip(("beta", "seed", "corrected"), one, strict=True)) for one in found]


def random_steps(seed: int) -> np.ndarray:
    draw = uniforms(seed)
    return np.array([20 * next(draw) - 10 for _ in range(STEPS)])


def averages(seed: int, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """The average by scipy's filter, and with its start made up for."""
    plain = lfilter([1 - beta], [1, -beta], random_steps(seed))
    return plain, plain / (1 - beta ** np.arange(1, STEPS + 1))


def numbers_of(beta: float, seed: int) -> dict[str, float]:
    weights = (1 - beta) * beta ** np.arange(STEPS)
    plain = VARIANCE * np.cumsum(weights**2)
    corrected = plain / np.cumsum(weights) ** 2
    measured = {"steps": random_steps(seed)} | dict(
        zip(("average", "corrected"), averages(seed, beta), strict=True)
    )
    long = VARIANCE * (1 - beta) / (1 + beta)
    return {
        **{f"{name}_measured": np.square(values).mean() for name, values in measured.items()},
        **{"steps_exact": VARIANCE, "average_exact": plain.mean(), "corrected_exact": corrected.mean()},
        **{"average_long": long, "corrected_long": long},
        **{"window": 1 / (1 - beta), "factor": (1 + beta) / (1 - beta), "lag": beta / (1 - beta)},
        **{"share": 100 * weights[:BARS].sum(), "start": 100 * beta**STEPS},
    }


def told(beta: float, wanted: dict[str, float]) -> list[tuple]:
    """The numbers of the story, those of its formulas among them."""
    if beta == 0:
        return [(0, WHOLE)]
    one = (1, WHOLE)
    facts = [
        one,
        one,
        (wanted["window"], FOUR),
        one,
        (wanted["lag"], FOUR),
        one,
        one,
        (wanted["factor"], FOUR),
    ]
    late = [(STEPS, WHOLE), (0, WHOLE), (wanted["start"], FOUR)]
    return facts + (late if wanted["start"] >= 1 else [])


def test_every_number_and_every_sentence(run):
    heard = set()
    assert len(states()) > 350
    for given, (numbers, words) in zip(states(), run(TAG, SHOWN, states()), strict=True):
        wanted = numbers_of(given["beta"], given["seed"])
        assert numbers == pytest.approx(wanted, rel=1e-9, abs=1e-12), given
        for name, number in wanted.items():
            assert rounds(words[name].removesuffix(" %"), number, **FOUR), (given, name)
        story = words["story"]
        assert tells(story, told(given["beta"], wanted)), (given, story)
        late = given["beta"] > 0 and wanted["start"] >= 1
        phrases = {
            "nothing is smoothed": given["beta"] == 0,
            "start from 0": late,
            "makes up for": late and given["corrected"],
        }
        assert {phrase: phrase in story for phrase in phrases} == phrases
        heard |= {phrase for phrase, is_there in phrases.items() if is_there}
    assert heard == set(phrases)


def test_the_steps_and_both_averages(run):
    body = (
        "given.map(({ beta, seed }) => ({ steps: randomSteps(seed), ...averages(randomSteps(seed), beta) }))"
    )
    for given, theirs in zip(states()[::5], run(TAG, body, states()[::5]), strict=True):
        assert theirs["steps"] == random_steps(given["seed"]).tolist()
        for name, wanted in zip(("plain", "corrected"), averages(given["seed"], given["beta"]), strict=True):
            np.testing.assert_allclose(theirs[name], wanted, rtol=1e-9, atol=1e-12)


def test_the_steps_are_uniform():
    steps = np.concatenate([random_steps(seed) for seed in range(50)])
    assert steps.min() > -10
    assert steps.max() < 10
    counts, _ = np.histogram(steps, bins=20, range=(-10, 10))
    # chi-square with 19 degrees of freedom, one in a thousand
    assert ((counts - 500) ** 2 / 500).sum() < 43.8
    assert np.corrcoef(steps[:-1], steps[1:])[0, 1] == pytest.approx(0, abs=0.03)


def test_in_the_long_run_the_variance_is_a_sum_of_squared_weights(run):
    given = [{"beta": beta, "seed": 0} for beta in (0.0, 0.3, 0.9, 0.99, 0.999)]
    for one, numbers in zip(given, run(TAG, "given.map(numbersOf)", given), strict=True):
        endless = VARIANCE * ((1 - one["beta"]) * one["beta"] ** np.arange(40_000)) ** 2
        assert numbers["average_long"] == pytest.approx(endless.sum(), rel=1e-9)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.99])
def test_many_runs_measure_the_variance_that_is_expected(run, beta):
    of = """given[1].map((seed) => numbersOf({ beta: given[0], seed }))
      .map((n) => [n.average_measured, n.average_exact, n.corrected_measured, n.corrected_exact])"""
    runs = np.array(run(TAG, of, [beta, list(range(400))]))
    for measured, exact in (runs[:, :2].T, runs[:, 2:].T):
        assert measured.mean() == pytest.approx(exact[0], abs=4 * measured.std() / np.sqrt(400))


STORIES = [
    ((0.0, 0, False), "nothing is smoothed"),
    ((0.9, 0, True), "divides the variance by (1 + β)/(1 − β) = 19."),
    ((0.99, 0, False), "the start from 0 still has 13.4 % of the weight."),
    ((0.99, 0, True), "of the weight, which the correction makes up for."),
]


def test_the_story(run):
    given = [dict(zip(("beta", "seed", "corrected"), one, strict=True)) for one, _ in STORIES]
    for (_, sentence), (_, words) in zip(STORIES, run(TAG, SHOWN, given), strict=True):
        assert sentence in words["story"]


def test_normal_noise_is_made_of_the_same_uniform_numbers(run):
    normal, *twelve = run(TAG, "[normals(given)(), ...Array.from({ length: 12 }, uniforms(given))]", 9)
    assert normal == sum(twelve) - 6 == next(normals(9))


def test_the_bars_are_the_weights(run):
    bars = run(TAG, "weights(given)", 0.9)
    assert bars == pytest.approx([0.1 * 0.9**k for k in range(BARS)])


# --- hands -------------------------------------------------------------------------------------------------


def test_dragging_the_slider_counts_the_nines(explorers):
    page = explorers(Smoother(0))
    slider = page.get_by_label("Factor β", exact=True)
    x, y = middle(slider)
    page.mouse.move(x - slider.bounding_box()["width"] / 2 + 8, y)
    page.mouse.down()
    page.mouse.move(x, y, steps=4)
    page.mouse.up()
    assert state(page, TAG)["beta"] == pytest.approx(1 - 10**-1.5, abs=0.003)
    page.keyboard.press("End")
    assert state(page, TAG)["beta"] == 0.999
    assert "start from 0 still has" in shown(page, "story")
    page.keyboard.press("Home")
    assert "nothing is smoothed" in shown(page, "story")


def test_field_chips_and_what_is_refused(explorers):
    page = explorers(Smoother())
    page.get_by_label("Factor β, as a number").fill("0.75")
    assert state(page, TAG)["beta"] == 0.75
    page.get_by_label("Factor β, as a number").fill("1")
    assert state(page, TAG)["beta"] == 0.75
    page.get_by_role("button", name="0.99", exact=True).click()
    assert state(page, TAG)["beta"] == 0.99
    assert page.get_by_label("Factor β, as a number").input_value() == "0.99"


def test_new_steps_and_the_correction(explorers, run):
    page = explorers(Smoother(0.99))
    line = page.locator(".dx-steps").get_attribute("d")
    page.get_by_role("button", name="New steps").click()
    assert state(page, TAG)["seed"] == 1
    assert shown(page, "seed").startswith("seed 1")
    assert page.locator(".dx-steps").get_attribute("d") != line
    assert not page.locator(".dx-row-corrected").is_visible()
    page.get_by_label("corrected for the start").check()
    assert state(page, TAG)["corrected"] is True
    given = {"beta": 0.99, "seed": 1, "corrected": True}
    [[_, texts]] = run(TAG, SHOWN, [given])
    cells = page.locator(".dx-numbers tbody td").all_inner_texts()
    rows = [
        [texts[f"{name}_{key}"] for key in ("measured", "exact", "long")] for name in ("average", "corrected")
    ]
    assert cells == [texts["steps_measured"], texts["steps_exact"], texts["steps_exact"], *rows[0], *rows[1]]
    page.get_by_role("button", name="Reset").click()
    assert state(page, TAG) == {"beta": 0.99, "seed": 0, "corrected": False}


@pytest.mark.parametrize("width", [360, 500, 700, 900])
def test_nothing_overflows(explorers, width):
    page = explorers(Smoother(0.9, 1, True), width=width)
    assert overflowing(page, TAG, states()[::40]) == []
