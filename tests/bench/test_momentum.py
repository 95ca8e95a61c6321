"""The momentum bench counts steps rightly, on a tiny plan with the sample in place of all of MNIST."""

import pytest
import torch

from book.bench import momentum
from book.training.data.load import load
from book.training.models import mlp


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(momentum, "load", lambda name, scale: load(name))
    monkeypatch.setattr(momentum, "WIDTHS", (784, 12, 10))
    monkeypatch.setattr(momentum, "SEEDS", (0, 1))
    plan = {"images": 300, "batch": 100, "every": 5, "budget": 60, "sixths": (-18, -6)}
    monkeypatch.setattr(momentum, "MINIBATCH", plan)
    monkeypatch.setattr(momentum, "FULL", plan | {"batch": 300, "every": 1})
    monkeypatch.setattr(momentum, "TARGETS", (1.5, 0.8))


def test_the_bench(tiny, capsys):
    results = momentum.run(store=False)["results"]
    for name in ("minibatch", "full batch"):
        rows = {(row["method"], row["sixth"]): row for row in results[name]["rows"]}
        assert rows["momentum", -6]["lr"] == pytest.approx(rows["sgd", -6]["lr"] / 10)
        assert rows["sgd", -18]["steps"] == [[None, None], [None, None]]  # a rate of 0.001 gets nowhere
        for steps in rows["sgd", -6]["steps"] + rows["momentum", -6]["steps"]:
            assert all(step is None or step % results[name]["every"] == 0 for step in steps)
        first, last = rows["sgd", -6]["steps"]
        assert all(0 < a <= b for a, b in zip(first, last, strict=True))
    assert "momentum, rate  0.0100, effective  0.100" in capsys.readouterr().out


def test_the_step_at_which_a_loss_is_first_reached(monkeypatch):
    """Against the losses themselves, computed one by one."""
    monkeypatch.setattr(momentum, "TARGETS", (2.0, 1.5))
    data = load("mnist")[0][:200]
    losses = []
    for steps in range(40):
        model = mlp(784, 10)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
        for _ in range(steps):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(data.inputs), data.labels).backward()
            optimizer.step()
        losses.append(torch.nn.functional.cross_entropy(model(data.inputs), data.labels).item())
    model = mlp(784, 10)
    hits = momentum.steps_to(
        torch.optim.SGD(model.parameters(), lr=0.02),
        model,
        data.inputs,
        data.labels,
        momentum.index_batches(200, 200, seed=0),
        every=1,
        budget=39,
    )
    expected = [next((t for t, loss in enumerate(losses) if loss <= target), None) for target in (2.0, 1.5)]
    assert None not in expected
    assert expected[0] < expected[1]
    assert hits == expected


def test_a_run_without_hope_is_given_up(monkeypatch):
    data = load("mnist")[0][:100]
    model = mlp(784, 10)
    seen = []
    batches = (seen.append(k) or torch.arange(100) for k in range(1000))
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    assert momentum.steps_to(still, model, data.inputs, data.labels, batches, 1, 400) == [None, None]
    assert len(seen) == 102


def test_every_image_is_used_once_an_epoch_and_epochs_differ():
    batches = momentum.index_batches(7, 3, seed=1)
    epochs = [torch.cat([next(batches) for _ in range(3)]) for _ in range(2)]
    assert all(sorted(epoch.tolist()) == list(range(7)) for epoch in epochs)
    assert epochs[0].tolist() != epochs[1].tolist()
