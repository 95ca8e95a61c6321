"""The benches of the Hessian measure what they say: equal products, one Hessian over many chunks."""

import pytest
import torch

from book.bench import hessian_products, spectrum
from book.calculus import hvp
from book.training.data.load import load
from book.training.models import mlp
from book.training.surface.flat import flat_loss, flat_parameters


@pytest.fixture
def small(monkeypatch):
    for bench in (hessian_products, spectrum):
        monkeypatch.setattr(bench, "load", lambda name, scale: load(name))
        monkeypatch.setattr(bench, "WIDTHS", (784, 4, 10))
    monkeypatch.setattr(hessian_products, "BATCHES", (8,))
    for name, value in {
        "SEEDS": (0, 1),
        "STARTS": (0, 1),
        "IMAGES": 500,
        "STEPS": 6,
        "STEPS_ON_ALL": 4,
    }.items():
        monkeypatch.setattr(spectrum, name, value)
    monkeypatch.setattr(spectrum, "TRAINING", {"epochs": 1, "lr": 0.1, "batch_size": 128})


def test_all_contestants_differentiate_the_same_loss():
    model = mlp(784, 4, 10)
    loss, θ = flat_loss(model, load("mnist")[0][:20]), flat_parameters(model).double()
    calls = hessian_products.contestants(loss, θ, θ)
    torch.testing.assert_close(calls["forward over reverse"](), calls["reverse over reverse"]())
    assert calls["loss"]() == loss(θ)


def test_a_product_over_chunks_is_that_over_all_images():
    model, data = mlp(784, 4, 10), load("mnist")[0][:60]
    θ = flat_parameters(model).double()
    chunks = [flat_loss(model, data[i : i + 20]) for i in range(0, 60, 20)]
    torch.testing.assert_close(spectrum.over_chunks(chunks, θ)(θ), hvp(flat_loss(model, data), θ, θ))


def test_the_products_bench_reports_ratios(small):
    (row,) = hessian_products.run(store=False)["results"]["rows"]
    assert row["batch"] == 8
    assert row["loss"] < row["reverse over reverse"]
    assert all(low <= high for low, high in row["quartiles"].values())


def test_the_spectrum_bench_reports_what_it_ran(small):
    results = spectrum.run(store=False)["results"]
    first, second = results["runs"]
    assert (len(first["after"]["starts"]), len(second["after"]["starts"])) == (2, 1)
    assert first["after"]["loss"] < first["before"]["loss"]
    assert len(first["before"]["starts"][0]["values"]) == 6
    assert len(first["after, all images"]["starts"][0]["values"]) == 4
    for start in first["after"]["starts"]:
        assert sum(start["weights"]) == pytest.approx(1, abs=1e-3)
    largest = first["after"]["largest"]
    assert largest == sorted(largest, reverse=True)
    assert results["weights"] == 784 * 4 + 4 + 40 + 10
