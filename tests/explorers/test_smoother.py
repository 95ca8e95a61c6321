"""Random-walk smoother: averages against scipy's filter, variances against sums of squared weights."""

import math

import numpy as np
import pytest
import traitlets
from scipy.signal import lfilter

from book.explorers import Smoother
from book.explorers.shared.noise import normals, uniforms
from book.explorers.smoother.widget import (
    BARS,
    STEPS,
    VARIANCE,
    averages,
    random_steps,
    readout,
    variances,
)

BETAS = [0.0, 0.3, 0.9, 0.99, 0.999]


def test_twelve_uniform_numbers_less_six_are_a_normal_one():
    draw = uniforms(5)
    assert next(normals(5)) == sum(next(draw) for _ in range(12)) - 6


def test_the_steps_are_uniform():
    steps = np.concatenate([random_steps(seed) for seed in range(50)])
    assert steps.min() > -10
    assert steps.max() < 10
    counts, _ = np.histogram(steps, bins=20, range=(-10, 10))
    assert (
        (counts - 500) ** 2 / 500
    ).sum() < 43.8  # chi-square with 19 degrees of freedom, one in a thousand
    assert np.corrcoef(steps[:-1], steps[1:])[0, 1] == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("beta", BETAS)
def test_the_averages_are_scipys_filter(beta):
    steps = random_steps(1)
    plain, corrected = averages(steps, beta)
    wanted = lfilter([1 - beta], [1, -beta], steps)
    np.testing.assert_allclose(plain, wanted, rtol=1e-10, atol=1e-12)
    t = np.arange(1, STEPS + 1)
    np.testing.assert_allclose(corrected, wanted / (1 - beta**t), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("beta", BETAS)
def test_the_variances_are_sums_of_squared_weights(beta):
    weights = (1 - beta) * beta ** np.arange(STEPS)
    plain = VARIANCE * np.cumsum(weights**2)
    corrected = plain / np.cumsum(weights) ** 2
    exact = variances(beta)
    assert exact["average"] == pytest.approx(plain.mean(), rel=1e-10)
    assert exact["corrected"] == pytest.approx(corrected.mean(), rel=1e-10)
    endless = VARIANCE * ((1 - beta) * beta ** np.arange(40_000)) ** 2
    assert exact["long"] == pytest.approx(endless.sum(), rel=1e-9)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.99])
def test_many_runs_measure_the_variance_that_is_expected(beta):
    runs = [averages(random_steps(seed), beta) for seed in range(400)]
    for place, name in enumerate(("average", "corrected")):
        found = np.array([np.mean(np.square(run[place])) for run in runs])
        error = found.std() / math.sqrt(len(runs))
        assert found.mean() == pytest.approx(variances(beta)[name], abs=4 * error)


def test_the_readout_measures_this_run():
    shown = readout(0.9, 3, corrected=True)
    plain, corrected = averages(random_steps(3), 0.9)
    measured = [random_steps(3), plain, corrected]
    for name, values in zip(("steps", "average", "corrected"), measured, strict=True):
        assert float(shown[f"{name}_measured"]) == pytest.approx(np.mean(np.square(values)), rel=1e-3)
    assert shown["share"] == f"{100 * (1 - 0.9**BARS):.4g} %"


STORIES = [
    ((0.0, 0, False), "nothing is smoothed"),
    ((0.9, 0, True), "divides the variance by (1 + β)/(1 − β) = 19."),
    ((0.99, 0, False), "the start from 0 still has 13.4 % of the weight."),
    ((0.99, 0, True), "of the weight, which the correction makes up for."),
]


@pytest.mark.parametrize(("state", "sentence"), STORIES)
def test_the_story(state, sentence):
    story = readout(*state)["story"]
    assert story.endswith(sentence) or sentence in story
    assert ("start from 0" in story) == (state[0] == 0.99)


REFUSED = [
    ({"beta": 1.0}, "β must be from 0 to 0.999; got 1.0"),
    ({"beta": -0.1}, "got -0.1"),
    ({"beta": math.nan}, "got nan"),
    ({"seed": -1}, "The seed must be from 0 to 4294967295; got -1"),
    ({"seed": 2**32}, "got 4294967296"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        Smoother(**options)


def test_what_the_page_sends_is_taken():
    widget = Smoother()
    widget.set_state({"beta": 0, "seed": 5, "corrected": True})
    assert widget.settings() == {"beta": 0, "seed": 5, "corrected": True}
