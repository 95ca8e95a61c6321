"""The benches over networks report what they ran, on a tiny plan with the sample in place of all of MNIST."""

import pytest
import torch

from book.bench import lines, widths
from book.training.data.load import load
from book.training.models import mlp
from book.training.surface.flat import flat_loss, flat_parameters


@pytest.fixture
def small(monkeypatch):
    for bench in (lines, widths):
        monkeypatch.setattr(bench, "load", lambda name, scale: load(name))
        monkeypatch.setattr(bench, "SEEDS", (0, 1))
        monkeypatch.setattr(bench, "EPOCHS", 1)


def test_a_followed_line_is_the_loss_at_its_points():
    data, a, b = load("mnist")[1], mlp(784, 5, 10), mlp(784, 5, 10, seed=1)
    seen = lines.along_line(a, b, {"test": data}, [0.0, 0.5, 1.0])["test"]
    θ = [flat_parameters(model) for model in (a, b)]
    loss = flat_loss(a, data)
    expected = [loss(θ[0]).item(), loss((θ[0] + θ[1]) / 2).item(), loss(θ[1]).item()]
    assert seen["loss"] == pytest.approx(expected, rel=1e-3)
    assert seen["barrier"] == pytest.approx(max(0, expected[1] - (expected[0] + expected[2]) / 2), abs=1e-3)


def test_the_lines_bench(small, monkeypatch, capsys):
    monkeypatch.setattr(lines, "WIDTHS", (784, 12, 10))
    monkeypatch.setattr(lines, "FROM_START", [0.0, 0.5, 1.0])
    monkeypatch.setattr(lines, "BETWEEN", [0.0, 0.5, 1.0])
    name = "SGD, lr 0.1"
    monkeypatch.setattr(lines, "OPTIMIZERS", {name: lines.OPTIMIZERS[name]})
    row = lines.run(store=False)["results"]["rows"][name]
    assert {key: len(value) for key, value in row.items()} == {"from_start": 2, "before": 2, "after": 2}
    for before, after in zip(row["before"], row["after"], strict=True):
        ends = [[line["test"]["loss"][end] for end in (0, -1)] for line in (before, after)]
        assert ends[0] == pytest.approx(ends[1], rel=1e-3)
    assert "barrier after matching" in capsys.readouterr().out


def test_the_widths_bench(small, monkeypatch):
    monkeypatch.setattr(widths, "WIDTHS", (2, 16))
    threads = torch.get_num_threads()
    narrow, wide = widths.run(store=False)["results"]["rows"]
    assert torch.get_num_threads() == threads
    assert len(narrow["train_loss"]) == 2
    assert max(wide["train_loss"]) < min(narrow["train_loss"])
