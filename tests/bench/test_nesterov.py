"""The Nesterov bench trains and judges rightly, on a tiny plan with the sample in place of all of MNIST."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from book.bench import nesterov
from book.training.data.load import load
from book.training.models import mlp


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(nesterov, "load", lambda name, scale: load(name))
    monkeypatch.setattr(nesterov, "WIDTHS", (784, 8, 10))
    monkeypatch.setattr(nesterov, "SEEDS", (0, 1))
    monkeypatch.setattr(nesterov, "FRESH_SEEDS", (2,))
    monkeypatch.setattr(nesterov, "STEPS", 12)
    monkeypatch.setattr(nesterov, "BATCHES", (4, 16))
    monkeypatch.setattr(nesterov, "THIRDS", (-9, -4, 45))


def test_the_bench(tiny, capsys):
    results = nesterov.run(store=False)["results"]
    rows = {(row["method"], row["batch"], row["third"]): row for row in results["rows"]}
    assert len(rows) == 3 * 2 * 3
    assert rows["Nesterov", 4, -9]["lr"] == pytest.approx(rows["gradient descent", 4, -9]["lr"] / 10)
    assert rows["Polyak", 4, -9]["lr"] == rows["Nesterov", 4, -9]["lr"]
    for method in nesterov.CONTESTANTS:
        slow, good, wild = (rows[method, 16, third]["losses"] for third in (-9, -4, 45))
        assert max(good) < min(slow) < 2.5
        assert wild == [None, None]  # at infinity or nan
    assert [(final["third"], len(final["losses"])) for final in results["finals"]] == [(-4, 1)] * 6
    assert "batch   4, Nesterov" in capsys.readouterr().out


def test_a_run_against_torch(tiny):
    """The loss at the end is that of torch's own optimizer on the images of that seed, each seen once."""
    data, test = load("mnist")
    model = mlp(784, 8, 10, seed=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True)
    seen = data[12 * 16 : 2 * 12 * 16]
    order = torch.randperm(len(seen), generator=torch.Generator().manual_seed(1))
    for batch in order.split(16):
        optimizer.zero_grad()
        cross_entropy(model(seen.inputs[batch]), seen.labels[batch]).backward()
        optimizer.step()
    loss = cross_entropy(model(test.inputs), test.labels).item()
    assert nesterov._loss("Nesterov", 0.01, 16, 1, data, test) == pytest.approx(loss, rel=1e-3)
