"""Bias correction: the numbers are those of `Adam.update`, of its step, and of closed forms."""

import math

import numpy as np
import pytest
import torch
import traitlets
from scipy.signal import lfilter

from book.explorers import BiasCorrection
from book.explorers.bias_correction.widget import KINDS, STEPS, gradients, moments, readout
from book.optim import Adam

BETAS = [(0.9, 0.999), (0.9, 0.9), (0.0, 0.99), (0.99, 0.0), (0.999, 0.9999), (0.37, 0.62)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("betas", BETAS)
def test_the_moments_and_the_steps_are_adams(betas, kind):
    zero = torch.zeros(1, dtype=torch.float64)
    m, v, grads = zero, zero, gradients(kind, seed=3)
    for t, (g, mine) in enumerate(zip(grads, moments(grads, betas), strict=True), 1):
        g = torch.tensor([g], dtype=torch.float64)
        x, m, v, _ = Adam.update(zero, g, m, v, None, t=t, lr=1.0, betas=betas, eps=0.0, amsgrad=False)
        found = [mine["m"], mine["v"], -mine["step"]]
        assert found == pytest.approx([m.item(), v.item(), x.item()], rel=1e-12)


@pytest.mark.parametrize("betas", BETAS)
def test_the_averages_are_scipys_filter(betas):
    grads, t = np.array(gradients("noisy", seed=9)), np.arange(1, STEPS + 1)
    run = moments(list(grads), betas)
    for name, beta, values in (("m", betas[0], grads), ("v", betas[1], grads**2)):
        plain = lfilter([1 - beta], [1, -beta], values)
        np.testing.assert_allclose([one[name] for one in run], plain, rtol=1e-9)
        np.testing.assert_allclose([one[f"{name}_hat"] for one in run], plain / (1 - beta**t), rtol=1e-9)
        np.testing.assert_allclose([one[f"held_{name}"] for one in run], 1 - beta**t, rtol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("betas", BETAS)
def test_the_correction_changes_the_step_by_the_same_ratio_whatever_the_gradients(betas, kind):
    for t, one in enumerate(moments(gradients(kind, 2), betas), 1):
        ratio = (1 - betas[0] ** t) / math.sqrt(1 - betas[1] ** t)
        assert one["ratio"] == pytest.approx(ratio, rel=1e-9)
        assert one["raw_step"] / one["step"] == pytest.approx(ratio, rel=1e-9)


def test_means_and_mean_squares_are_those_of_the_gradients():
    for kind, (mean, square) in KINDS.items():
        drawn = np.concatenate([gradients(kind, seed) for seed in range(400)])
        assert drawn.mean() == pytest.approx(mean, abs=0.02)
        assert np.square(drawn).mean() == pytest.approx(square, abs=0.04)


def test_the_first_step_at_the_defaults():
    shown = readout((0.9, 0.999), "constant", 1, 0)
    assert shown["first"] == shown["raw_step"] == shown["ratio"] == f"{0.1 / math.sqrt(0.001):.4g}" == "3.162"
    assert (shown["m_hat"], shown["v_hat"], shown["step"]) == ("1", "1", "1")
    ratios = [(1 - 0.9**t) / math.sqrt(1 - 0.999**t) for t in range(1, STEPS + 1)]
    assert shown["worst"] == f"{max(ratios):.4g} at t = {ratios.index(max(ratios)) + 1}"


STORIES = [
    (((0.9, 0.999), "constant", 1, 0), "m holds 10 % of a full average and v 0.1 %."),
    (((0.9, 0.999), "noisy", 1, 5), "the step is too long: 3.162 times as long as with it"),
    (((0.9, 0.9), "alternating", 1, 0), "the step is too short: 0.3162 times as long as with it"),
    (((0.0, 0.0), "constant", 4, 0), "the same with the correction and without it"),
    (((0.5, 0.5), "constant", 30, 0), "to within 1 %."),
]


@pytest.mark.parametrize(("state", "sentence"), STORIES)
def test_the_story(state, sentence):
    assert sentence in readout(*state)["story"]


REFUSED = [
    ({"betas": (1.0, 0.9)}, "β₁ must be from 0 to 0.999; got 1.0"),
    ({"betas": (0.9, 1.0)}, "β₂ must be from 0 to 0.9999; got 1.0"),
    ({"betas": (0.9, math.nan)}, "got nan"),
    ({"gradients": "growing"}, "Gradients are constant, noisy, alternating; got 'growing'"),
    ({"t": 0}, "The step t must be from 1 to 30; got 0"),
    ({"seed": -1}, "The seed must be from 0 to 4294967295; got -1"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        BiasCorrection(**options)


def test_what_the_page_sends_is_taken():
    widget = BiasCorrection()
    widget.set_state({"betas": [0, 0.5], "gradients": "noisy", "t": 9, "seed": 1})
    assert widget.settings() == {"betas": (0, 0.5), "gradients": "noisy", "t": 9, "seed": 1}
