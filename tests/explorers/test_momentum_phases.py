"""Momentum phase diagram: its numbers against LAPACK and the optimizer, and what is refused."""

import math

import pytest
import torch
import traitlets

from book.explorers import MomentumPhases
from book.explorers.momentum_phases.widget import readout
from book.optim import Momentum, trajectory
from book.optim.heavy_ball import best, iteration

POINTS = [(0.1, 0.9), (0.05, 0.2), (0.4, 0.0), (1.9, 0.01), (2.9, 0.5), (3.2, 0.5), (1.0, 0.5)]


@pytest.mark.parametrize(("lr", "momentum"), POINTS)
@pytest.mark.parametrize("kappa", [1, 7.5, 100])
def test_rates_and_eigenvalues_are_lapacks(lr, momentum, kappa):
    shown = readout(lr, momentum, kappa)
    for name, curvature in (("steep", 1.0), ("flat", 1 / kappa)):
        found = torch.linalg.eigvals(iteration(lr, momentum, curvature))
        assert float(shown[f"{name}_rate"]) == pytest.approx(found.abs().max().item(), rel=5.1e-4)
        parts = shown[f"{name}_eigenvalues"].replace("−", "-").rstrip("i").replace("±", "and").split(" and ")
        first, second = map(float, parts)
        if shown[f"{name}_eigenvalues"].endswith("i"):
            assert first == pytest.approx(found[0].real.item(), rel=5.1e-4, abs=1e-9)
            assert second == pytest.approx(found.imag.abs().max().item(), rel=5.1e-4)
        else:
            assert sorted([first, second]) == pytest.approx(sorted(found.real.tolist()), rel=5.1e-4, abs=1e-9)


def test_a_factor_of_ten_takes_as_many_steps_as_the_optimizer_needs():
    """Over 200 steps of a monotone path, where no swing hides the rate."""
    lr, momentum = 0.02, 0.6
    start = torch.ones(1, dtype=torch.float64)
    path = trajectory(
        lambda p: Momentum(p, lr=lr, momentum=momentum), lambda x: x.square().sum() / 2, start, 400
    )
    per_step = (path[400] / path[200]).item() ** (1 / 200)
    assert float(readout(lr, momentum, 1)["steep_tenth"]) == pytest.approx(
        -1 / math.log10(per_step), rel=5e-3
    )


def test_the_best_pair_is_told_and_known_when_it_is_reached():
    shown = readout(1.0, 0.3, 25)
    assert (shown["best_lr"], shown["best_momentum"], shown["best_rate"]) == ("2.778", "0.4444", "0.6667")
    there = readout(*best(1 / 25, 1.0), 25)
    assert (there["steep_eigenvalues"], there["flat_eigenvalues"]) == ("−0.6667 twice", "0.6667 twice")
    story = there["story"]
    assert story.startswith("This is the best pair for κ = 25: both directions are critically damped.")
    assert "takes 5.68 steps; the best that plain descent can do is 28.8." in story


KINDS = [
    ((0.1, 0.2, 1), "monotone", "with more momentum, up to μ = (1 − √ηλ)² = 0.4675"),
    ((0.25, 0.25, 1), "critical", "the two eigenvalues meet at 0.5."),
    ((1, 0.0, 1), "critical", "the two eigenvalues meet at 0."),
    ((0.1, 0.9, 1), "oscillating", "a period of 19.5 steps"),
    ((2.4, 0.25, 1), "alternating", "changes its sign at every step"),
    ((0, 0.5, 1), "marginal", "nothing moves"),
    ((3, 0.5, 1), "marginal", "A rate of exactly 1"),
    ((3.2, 0.5, 1), "diverging", "must stay below 2(1 + μ) = 3."),
    ((0.5, 1.05, 1), "diverging", "The momentum must stay below 1."),
    ((0.8, 0.6, 25), "oscillating", "The flat direction is the slower one, 0.9051 a step against 0.7746."),
    ((2.95, 0.5, 4), "alternating", "The steep direction is the slower one"),
    ((1, 0.81, 4), "oscillating", "Both directions have the same rate, 0.9."),
    ((3.2, 0.5, 4), "diverging", "The steep direction diverges"),
    ((3.2, 1.05, 4), "diverging", "Both directions diverge"),
    ((3, 0.5, 4), "marginal", "one direction never settles"),
]


@pytest.mark.parametrize(("state", "kind", "sentence"), KINDS)
def test_the_regime_and_the_story(state, kind, sentence):
    shown = readout(*state)
    assert shown["steep_regime"] == kind
    assert sentence in shown["story"]


def test_what_never_shrinks_says_so():
    assert readout(3.2, 0.5, 1)["steep_tenth"] == "never"
    assert readout(1, 0, 1)["steep_tenth"] == "at once"


REFUSED = [
    ({"lr": -0.1}, "The learning rate times the curvature must be from 0 to 4.4; got -0.1"),
    ({"lr": 5}, "must be from 0 to 4.4; got 5"),
    ({"momentum": 2}, "The momentum must be from 0 to 1.1; got 2"),
    ({"momentum": math.nan}, "got nan"),
    ({"kappa": 0.5}, "The condition number must be from 1 to 100; got 0.5"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        MomentumPhases(**options)


def test_what_the_page_sends_is_taken():
    widget = MomentumPhases()
    widget.set_state({"lr": 2, "momentum": 0, "kappa": 9})
    assert widget.settings() == {"lr": 2, "momentum": 0, "kappa": 9}
