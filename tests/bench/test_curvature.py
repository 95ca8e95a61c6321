"""The bench of curvature: contestants compute the same products, and a row holds what it says."""

import pytest
import torch
from torch import nn

from book.bench import curvature
from book.training.models import mlp


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(curvature, "NETWORKS", {"small": (lambda: mlp(784, 4, 10), "mnist")})
    monkeypatch.setattr(curvature, "ROUNDS", 2)
    monkeypatch.setattr(curvature, "BATCHES", (8,))


def case():
    model = mlp(6, 5, 3).double()
    X = torch.randn(9, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return model, (X, torch.arange(9) % 3), torch.ones(53, dtype=torch.float64)


def test_eager_contestants_and_peers_agree():
    model, data, v = case()
    calls = curvature.contestants(model, data, v) | curvature.peers(model, data, v)
    eager = {label: call for label, call in calls.items() if "compiled" not in label}
    assert all(gap < 1e-10 for gap in curvature.differences(eager).values())
    torch.testing.assert_close(eager["Gauss-Newton"](), eager["Fisher, exact"]())
    torch.testing.assert_close(eager["Hessian, kept graph"](), eager["Hessian, reverse over reverse"]())
    assert eager["gradient"]().shape == (53,)


def test_operations_are_counted_by_hand():
    """One layer on 9 examples, 6 inputs, 3 outputs: forward and the weight's gradient, 2·9·6·3 each."""
    model = nn.Linear(6, 3, bias=False).double()
    _, data, _ = case()
    assert curvature.flops(lambda: curvature.gradient(model, nn.CrossEntropyLoss(), data)) == 2 * (
        2 * 9 * 6 * 3
    )


def test_a_row(small, monkeypatch):
    """Without the compiler, which takes a minute here; tests/calculus/matrix_free holds compiled products."""
    monkeypatch.setattr(torch, "compile", lambda function, **_: function)
    row = curvature.row("small", 8)
    assert "Hessian, forward over reverse, compiled" in row["products"]
    assert row["batch"] == 8
    assert all(gap < 1e-4 for gap in row["apart"].values())
    assert row["products"]["gradient"]["gradients"] == 1
    assert row["products"]["Hessian, kept graph"]["operations"] > 0.5
