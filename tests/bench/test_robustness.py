"""The bands of good rates: widths against a fine grid, and the stored run against its own rules."""

import math

import numpy as np
import pytest

from book import results
from book.bench import robustness
from book.bench.robustness import RATES, TOLERANCES, bands, decades
from book.optim import SGD
from book.training.data.load import load


def by_fine_grid(losses: list[float], limit: float) -> float:
    """The width, counted on a grid of 100,001 points of the interpolated curve."""
    rates = np.log10(RATES)
    points = np.linspace(rates[0], rates[-1], 100_001)
    curve = np.interp(points, rates, np.log10(losses))
    return float((curve <= math.log10(limit)).mean() * (rates[-1] - rates[0]))


@pytest.mark.parametrize("seed", range(5))
def test_widths_agree_with_a_fine_grid(seed):
    losses = np.random.default_rng(seed).uniform(0.1, 2.3, len(RATES)).tolist()
    for limit in (0.3, 1.0, 2.0):
        assert decades(RATES, losses, limit) == pytest.approx(by_fine_grid(losses, limit), abs=2e-3)


def test_a_method_that_is_equally_bad_everywhere_has_its_own_band_only():
    good, bad = [[9.0]] * 10 + [[1.0]] * 5 + [[9.0]] * 10, [[2.2]] * len(RATES)
    band = bands({"good": good, "bad": bad})["bad"]
    assert band["own"]["1.5"] == pytest.approx(8.0, abs=1e-3)
    assert set(band["overall"].values()) == {0.0}


@pytest.fixture(scope="module")
def networks():
    return results.load("robustness")["results"]["networks"]


def test_the_stored_bands_follow_from_the_stored_losses(networks):
    for network in networks.values():
        assert bands(network["losses"]) == network["bands"]
        assert bands(network["errors"]) == network["error_bands"]


def test_every_method_fails_at_both_ends_of_the_grid(networks):
    for network in networks.values():
        for method, rows in network["losses"].items():
            limit = max(TOLERANCES) * network["bands"][method]["best"]
            assert min(rows[0]) > limit < min(rows[-1]), method


def test_the_bench_on_a_tiny_plan(monkeypatch, capsys):
    monkeypatch.setattr(robustness, "load", lambda name, scale: load(name))
    monkeypatch.setattr(robustness, "NETWORKS", {"tiny": (784, 4, 10)})
    monkeypatch.setattr(robustness, "CONTESTANTS", {"SGD": SGD})
    monkeypatch.setattr(robustness, "RATES", (1e-3, 1e-1, 1e4))
    monkeypatch.setattr(robustness, "SEEDS", (0, 1))
    tiny = robustness.run(store=False)["results"]["networks"]["tiny"]
    slow, good, diverged = tiny["losses"]["SGD"]
    assert max(good) < min(slow) <= math.log(10) + 1e-3
    assert diverged == [2.303, 2.303]  # ln 10: what diverges counts as guessing
    assert tiny["bands"]["SGD"]["rate"] == 1e-1
