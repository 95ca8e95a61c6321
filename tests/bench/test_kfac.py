"""The benches of K-FAC measure what they say: equal steps of each kind, and the whole Fisher matrix."""

import pytest
import torch
from torch import nn

from book.bench import kfac, kfac_gap
from book.calculus.matrix_free import GaussNewton
from book.optim import kronecker_factors
from book.training.data.load import load


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(kfac, "load", lambda name, scale: load(name))
    for name, value in {"WIDTHS": (784, 8, 10), "BATCHES": (16, 32), "PEER_BATCH": 16, "ROUNDS": 3}.items():
        monkeypatch.setattr(kfac, name, value)
    for name, value in {"SEEDS": (0,), "EPOCHS": (0, 1), "IMAGES": 20, "LOSSES": ("cross-entropy",)}.items():
        monkeypatch.setattr(kfac_gap, name, value)


def test_what_is_timed(small):
    results = kfac.run(store=False)["results"]
    assert [row["batch"] for row in results["rows"]] == [16, 32]
    assert results["network"] == "784-8-10"
    assert list(results["rows"][0]["by_period"]) == ["1", "10", "20", "100"]


def test_a_step_of_each_kind_renews_what_it_says(small, monkeypatch):
    made = []
    plain = kfac._kfac
    monkeypatch.setattr(kfac, "_kfac", lambda *args: made.append(plain(*args)) or made[-1])
    data = load("mnist")[0][:16]
    calls = kfac.contestants(data.inputs, data.labels, kfac.WIDTHS)

    def remembered():
        return [
            {name: optimizer.state[p][name] for name in ("A", "A_inverse")}
            for optimizer in made
            for p in optimizer.options["params"][:1]
        ]

    before = remembered()
    for call in calls.values():
        call()
    changed = [
        tuple(not new[name].equal(old[name]) for name in new)
        for old, new in zip(before, remembered(), strict=True)
    ]
    assert len(made) == 3
    assert [optimizer.hooks.found for optimizer in made] == [{}, {}, {}]
    looks = [optimizer.state[optimizer.options["params"][0]]["looks"] for optimizer in made]
    assert looks == [3, 4, 4]
    assert [pair[1] for pair in changed] == [False, False, True]


@pytest.mark.parametrize("activation", list(kfac_gap.ACTIVATIONS))
def test_the_whole_matrix_is_gauss_newtons(activation):
    data = load("mnist")[0][:6]
    model, loss = kfac_gap.small_network(activation, seed=1), nn.CrossEntropyLoss()
    x = data.inputs.double()
    F, g, slices = kfac_gap.fisher_by_layers(model, loss, x, data.labels)
    assert [part.stop - part.start for part in slices.values()] == [800, 272, 170]
    v = torch.randn(len(F), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    flat = GaussNewton(model, loss, (x, data.labels))
    order, start = [], 0
    for layer in (model[2], model[4], model[6]):
        places = torch.arange(start, start + layer.weight.numel()).reshape(layer.weight.shape)
        biases = torch.arange(len(layer.bias))[:, None] + start + layer.weight.numel()
        order.append(torch.cat([places, biases], dim=1).flatten())
        start += layer.weight.numel() + len(layer.bias)
    order = torch.cat(order)
    unsorted = torch.empty_like(v)
    unsorted[order] = v
    torch.testing.assert_close(F @ v, (flat @ unsorted)[order])
    slopes = torch.autograd.grad(loss(model(x), data.labels), list(model.parameters()))
    torch.testing.assert_close(g, torch.cat([s.flatten() for s in slopes])[order])


def test_without_simplification_nothing_is_lost():
    """One linear layer and squared errors: all matrices are one, but for π's damping and the diagonal."""
    model, loss = nn.Linear(3, 2).double(), nn.MSELoss()
    x, y = (
        torch.randn(9, n, generator=torch.Generator().manual_seed(n), dtype=torch.float64) for n in (3, 2)
    )
    F, g, slices = kfac_gap.fisher_by_layers(model, loss, x, y)
    factors = kronecker_factors(model, loss, x)
    assert kfac_gap.gaps(F, slices, factors)[""] < 1e-12
    found = kfac_gap.shares(F, g, kfac_gap.directions(F, g, slices, factors, damping=0.1), damping=0.1)
    assert found["whole"] == found["layers"] == found["products"] == 1
    assert all(0 < found[name] < 1 for name in ("K-FAC", "diagonal", "gradient"))


def test_the_gap_is_measured_over_training(small):
    rows = kfac_gap.run(store=False)["results"]["rows"]
    assert [(row["activation"], row["epochs"]) for row in rows] == [
        (activation, epochs) for activation in kfac_gap.ACTIVATIONS for epochs in (0, 1)
    ]
    assert all(0 < share <= 1 for row in rows for share in row["shares"].values())
