"""The step from a small batch's rows is that from the gradient, and taken only where that is the same."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from book.optim import KFAC
from book.optim.kfac import hooks, rows
from book.optim.kfac.damping import natural
from book.optim.kfac.rows import Rows, pays
from tests.optim.kfac.blocks import double, labels, normal, relative

WIDE = partial(nn.Linear, 20, 30)


def perceptron():
    return double(
        0,
        WIDE,
        partial(nn.ReLU, inplace=True),
        partial(nn.Linear, 30, 25),
        nn.Tanh,
        partial(nn.Linear, 25, 3),
    )


def places():
    return double(
        0, WIDE, nn.Tanh, partial(nn.Linear, 30, 25), partial(nn.Flatten, 1), partial(nn.Linear, 50, 3)
    )


def convolutions():
    wide = partial(nn.Conv2d, 6, 20, 3)
    return double(0, wide, partial(nn.BatchNorm2d, 20), nn.ReLU, nn.Flatten, partial(nn.Linear, 80, 3))


MODELS = {
    "perceptron": (perceptron, (20,)),
    "places": (places, (2, 20)),
    "convolutions": (convolutions, (6, 4, 4)),
}


@pytest.fixture
def taken(monkeypatch):
    """The shapes of the steps that were taken from rows."""
    found, way = [], Rows.natural

    def spy(self, *inverses):
        found.append(tuple(map(len, inverses)))
        return way(self, *inverses)

    monkeypatch.setattr(Rows, "natural", spy)
    return found


def step(model, optimizer, x, y, between=lambda model: None):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    between(model)
    optimizer.step()


@pytest.mark.long
@pytest.mark.parametrize("fisher", ["exact", "sampled", "empirical"])
@pytest.mark.parametrize("approximation", ["expand", "reduce"])
@pytest.mark.parametrize("name", MODELS)
def test_both_ways_agree(name, approximation, fisher, taken, monkeypatch):
    make, shape = MODELS[name]
    options = {"fisher": fisher, "approximation": approximation, "factor_every": 2, "inverse_every": 2}
    ends = []
    for short in (True, False):
        monkeypatch.setattr(hooks, "pays", pays if short else lambda *sizes: False)
        model = make()
        optimizer = KFAC(model, nn.CrossEntropyLoss(), kl_clip=1e-2, **options)
        for t in range(6):
            step(model, optimizer, normal(t, 3, *shape), labels(t, 3, classes=3))
        ends.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
        assert len(taken) == 6 * (2 if name == "perceptron" else 1 + (name == "places"))
    assert relative(*ends) < 1e-10


def test_a_step_from_rows_is_that_from_their_product():
    a, g = normal(0, 5, 8), normal(1, 5, 9)
    A, B = (normal(seed, n, n) for seed, n in ((2, 8), (3, 9)))
    found = Rows(a, g).natural(A @ A.T, B @ B.T)
    assert relative(found, natural(g.T @ a, A @ A.T, B @ B.T)) < 1e-12


def test_what_pays_is_counted():
    """By torch's own counter; where both take as many, the plain way."""
    for count, inputs, outputs in [(4, 21, 30), (9, 12, 12), (2, 5, 3), (8, 12, 12), (1, 2, 50), (2, 3, 3)]:
        a, g = torch.ones(count, inputs), torch.ones(count, outputs)
        A, B = torch.eye(inputs), torch.eye(outputs)
        with FlopCounterMode(display=False) as ours:
            Rows(a, g).natural(A, B)
        with FlopCounterMode(display=False) as plain:
            natural(g.T @ a, A, B)
        product = 2 * count * inputs * outputs  # the gradient, which is there already
        assert pays(count, inputs, outputs) == (ours.get_total_flops() < plain.get_total_flops() - product)


def clipped(model):
    nn.utils.clip_grad_norm_(model.parameters(), 1e-3)


def summed(model):
    nn.functional.cross_entropy(model(normal(7, 3, 20)), labels(7, 3, classes=3)).backward()


def looked_at(model):
    model(normal(7, 3, 20))


def one_entry(model):
    for parameter in model.parameters():
        parameter.grad[..., 0] *= 1 + 1e-9


@pytest.mark.parametrize("between", [clipped, summed, looked_at, one_entry])
@pytest.mark.parametrize("fisher", ["exact", "sampled", "empirical"])
def test_another_gradient_takes_the_longer_way(between, fisher, taken):
    model = perceptron()
    optimizer = KFAC(model, nn.CrossEntropyLoss(), fisher=fisher)
    if fisher == "empirical" and between is looked_at:
        pytest.skip("the empirical Fisher takes its factors from the last pass, and this one has no backward")
    step(model, optimizer, normal(0, 3, 20), labels(0, 3, classes=3), between)
    assert taken == []


def test_weight_decay_takes_the_longer_way(taken):
    model = perceptron()
    optimizer = KFAC(model, nn.CrossEntropyLoss(), weight_decay=1e-20)
    step(model, optimizer, normal(0, 3, 20), labels(0, 3, classes=3))
    assert taken == []


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rounding_is_no_difference(dtype):
    """Of sums in another order, and of rows that cancel."""
    for seed in range(20):
        a, g = normal(seed, 40, 30).to(dtype), normal(seed + 50, 40, 20).to(dtype)
        g = torch.cat([g, -g + 1e-3 * normal(seed + 99, 40, 20).to(dtype)])
        a = torch.cat([a, a])
        order = torch.randperm(80, generator=torch.Generator().manual_seed(seed))
        assert Rows(a, g).give(g[order].T @ a[order])
        assert not Rows(a, g).give(g.T @ a * (1 + 2e4 * torch.finfo(dtype).eps) + 1e-2)
    assert rows.ROUNDING == 100


def test_another_precision_is_another_gradient():
    a, g = normal(0, 3, 4), normal(1, 3, 5)
    for one, other in ((a.float(), g.float()), (a.float(), g), (a, g.float())):
        assert not Rows(one, other).give(g.T @ a)
