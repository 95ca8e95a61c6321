"""The benches over schedules: each schedule runs its whole length, and the best rate is reported."""

import math

import pytest
import torch

from book.bench import schedules, warmup
from book.optim.schedules import warmup_cosine


@pytest.mark.parametrize("name", schedules.SCHEDULES)
def test_the_four_are_the_two_parts_on_or_off(name):
    factor, both = schedules.SCHEDULES[name](200), warmup_cosine(20, 200)
    assert factor(0) == (both(0) if "warm-up" in name else 1)
    assert factor(20) == pytest.approx(1, abs=0.03)
    assert factor(200) == (0 if "cosine" in name else 1)


def test_the_schedules_bench(monkeypatch, capsys):
    for name, value in {
        "SCALE": "sample", "HELD_OUT": 300, "EPOCHS": (1, 2), "CHOOSING": (0,), "SEEDS": (1, 2),
        "RATES_TRIED": {"momentum": (schedules.Momentum, [0.001, 0.05, 1e6])},
    }.items():  # fmt: skip
        monkeypatch.setattr(schedules, name, value)
    results = schedules.run(store=False)["results"]
    assert (results["images"], results["held_out"]) == (1200, 300)
    assert len(results["rows"]) == 2 * len(schedules.SCHEDULES)
    for row in results["rows"]:
        assert row["lr"] == 0.05
        assert row["held_out_losses"][1] == min(row["held_out_losses"])
        assert [len(losses) for losses in row["test_losses"]] == [row["epochs"]] * 2
        assert all(0.3 < accuracies[-1] <= 1 for accuracies in row["test_accuracies"])
    assert "best rate 0.05" in capsys.readouterr().out


def test_the_warmup_bench(monkeypatch):
    for name, value in {
        "SCALE": "sample", "SEEDS": (0,), "IMAGES": 100, "STEPS": 4, "EVERY": 2, "WARMUP": 3,
        "RATES_TRIED": {"momentum": (warmup.Momentum, [0.05, 1e30])},
    }.items():  # fmt: skip
        monkeypatch.setattr(warmup, name, value)
    results = warmup.run(store=False)["results"]
    assert [len(run["largest_eigenvalues"]) for run in results["curvature"]] == [3, 3]
    small, large = (run["largest_eigenvalues"][0] for run in results["curvature"])
    assert large > 5 * small
    for row in results["rows"]:
        assert (row["constant"] == [None]) == (row["lr"] > 1)
        assert row["lr"] > 1 or math.log(10) * 1.1 > row["warm-up"][0] > 0


def test_a_scaled_network_is_the_same_one_larger():
    a, b = warmup.network(1.0, 3), warmup.network(2.5, 3)
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        assert torch.allclose(2.5 * p, q)
