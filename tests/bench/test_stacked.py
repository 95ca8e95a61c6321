"""The bench of sweeps: what it times is one sweep three ways, and what it compares is rounding alone."""

import pytest
import torch
from torch import nn

from book.bench import BENCHES, stacked
from book.optim import SGD, Adam


def test_it_is_registered():
    assert BENCHES["stacked"] is stacked.run


def test_the_bench_reports_what_it_ran(monkeypatch, capsys):
    for name, value in {
        "CORES": (1,), "COUNTS": (2, 3), "ROUNDS": 2, "STEPS": 12, "COMPARED": 2, "EPOCHS": 1,
        "CASES": (((49, 4, 10), SGD, 20), ((784, 3, 10), Adam, 20)),
    }.items():  # fmt: skip
        monkeypatch.setattr(stacked, name, value)
    results = stacked.run(store=False)["results"]
    assert [(row["network"], row["configurations"]) for row in results["rows"]] == [
        ("49-4-10", 2), ("49-4-10", 3), ("784-3-10", 2), ("784-3-10", 3)
    ]  # fmt: skip
    for row in results["rows"]:
        assert 0 < row["solo_over_stacked"] < 20
        assert row["quartiles"][0] <= row["solo_over_stacked"] <= row["quartiles"][1]
        assert 0 < row["solo_over_sweep"] < 20
    assert [(row["unit"], row["dtype"]) for row in results["trajectories"]] == [
        ("Tanh", "float32"), ("Tanh", "float64"), ("ReLU", "float32"), ("ReLU", "float64")
    ]  # fmt: skip
    for row in results["trajectories"]:
        precise = row["dtype"] == "float64"
        for way in ("stacked", "turned"):
            assert row[way]["median"] <= row[way]["largest"]
            assert row[way]["within"] == 2
            assert (row[way]["largest"] < 1e-12) == precise
    assert "49-4-10    SGD  batch  20 K  2 on 1 cores: solo" in capsys.readouterr().out


def test_both_ways_take_the_same_steps(monkeypatch):
    chosen = stacked.configurations(Adam, 3)
    make = stacked.partial(stacked.network, (49, 4, 10), nn.Tanh, torch.float64)
    one, other = (stacked.begin(make, Adam, chosen, stacked.images(49)[:60], 20) for _ in range(2))
    stacked.alone(*one, 6)
    stacked.advance_stacked(*other, 6)
    for a, b in zip(one[0], other[0], strict=True):
        assert len(a.history.losses) == len(b.history.losses) == 6
        assert 0 < stacked.difference(a, b) < 1e-12


def test_a_difference_is_relative_to_the_largest_entry():
    def make(seed):
        return stacked.mlp(49, 2, seed=seed)

    one, other = (stacked.begin(make, SGD, [{}], stacked.images(49), 20)[0][0] for _ in range(2))
    with torch.no_grad():
        one.model[1].bias[0] += 0.01 * one.model[1].bias.abs().max()
    assert stacked.difference(one, other) == pytest.approx(0.01, rel=1e-4)
