"""The search for a network's critical points: what it finds is critical, and what is not is said to be so."""

import json

import pytest
import torch

from book.bench import saddles
from book.calculus import classify, gradient, hessian
from book.training.data.load import load


def quartic(p):
    """½x² with a flat shoulder along y: the gradient's length has a minimum at y = 0 that is not zero."""
    return p[0] ** 2 / 2 + p[1] + p[1] ** 3 / 3


def test_the_gradient_norm_can_end_where_the_gradient_is_not_zero():
    end = saddles.by_gradient_norm(quartic, torch.tensor([1.0, 0.7], dtype=torch.float64))
    row = saddles._row(quartic, end)
    assert row["end"] == "gradient-flat"
    assert row["kind"] == "not critical"
    assert row["gradient"] == pytest.approx(1, rel=1e-3)
    assert end.point[1].item() == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("search", saddles.SEARCHES.values())
def test_both_searches_find_a_saddle_of_a_smooth_function(search):
    def f(p):
        return p[0] ** 2 - p[1] ** 2 + p[1] ** 4 / 4 + 0.1 * p[0] * p[1]

    end = search(f, torch.tensor([0.4, 0.3], dtype=torch.float64))
    assert gradient(f, end.point).norm() <= saddles.TOL
    assert saddles._row(f, end)["kind"] == classify(f, end.point).kind == "saddle"


def test_downhill_leaves_a_saddle_and_ends_at_a_minimum():
    def f(p):
        return p[0] ** 2 - p[1] ** 2 + p[1] ** 4 / 4

    end = saddles.downhill(f, torch.tensor([0.4, 1e-6], dtype=torch.float64))
    assert saddles._row(f, end)["kind"] == "minimum"
    assert abs(end.point[1].item()) == pytest.approx(2**0.5)


def test_newton_steps_are_no_longer_than_the_cap(monkeypatch):
    monkeypatch.setattr(saddles, "ITERATIONS", 2)
    end = saddles.by_newton(lambda p: p.square().sum(), torch.tensor([9.0, 0.0], dtype=torch.float64))
    assert end.point[0].item() == pytest.approx(9 - 2 * saddles.CAP)


def test_zero_weights_apart_from_the_output_biases_are_a_critical_point():
    loss, n = saddles.regularised_loss(load("mnist")[0][:100])
    assert n == 91
    start = torch.zeros(n, dtype=torch.float64)  # 10 examples of each class: all biases alike are best
    point = classify(loss, start)
    assert point.kind == "saddle"
    H = hessian(loss, start)
    assert torch.allclose(H, H.T)


def test_the_bench_reports_every_search(monkeypatch, capsys):
    for name, value in {
        "SCALE": "sample", "DIGITS": 50, "SEEDS": 1, "AT": (0, 5), "NOISE": (0.0,), "ITERATIONS": 15,
    }.items():  # fmt: skip
        monkeypatch.setattr(saddles, name, value)
    results = saddles.run(store=False)["results"]
    json.dumps(results)
    assert [(row["step"], row["search"]) for row in results["rows"]] == [
        (step, search) for step in (0, 5) for search in saddles.SEARCHES
    ]
    for row in results["rows"]:
        assert (
            (row["end"] == "critical") == (row["gradient"] <= saddles.TOL) == (row["kind"] != "not critical")
        )
    assert len(results["descent"]) == 1
    assert "of 2 searches" in capsys.readouterr().out
