"""The cards of the second-order methods of networks: true to the library, running as they are printed."""

import re
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, one_hot
from torch.utils.data import DataLoader, TensorDataset

from book.calculus.matrix_free import Fisher
from book.cards import OF_NETWORKS, card
from book.optim import KFAC, AdaHessian, NaturalGradient, Shampoo
from book.optim.adahessian import probes
from book.optim.second_order import SECOND_ORDER
from book.training.data.load import load
from book.training.models import mlp

EACH = pytest.mark.parametrize("name", OF_NETWORKS)
STEPS = 20


def code_of(name) -> dict:
    """What the card's plain code defines; it runs as it is printed."""
    space = {}
    exec(card(name).plain, space)
    return space


def batch(n=40, inputs=6, classes=4):
    draw = torch.Generator().manual_seed(1)
    x = torch.randn(n, inputs, generator=draw, dtype=torch.float64)
    return x, torch.randint(classes, (n,), generator=draw)


def twins(*widths) -> tuple[nn.Module, nn.Module]:
    return mlp(*widths, seed=3).double(), mlp(*widths, seed=3).double()


def assert_moved_alike(one, other, start):
    for a, b, c in zip(one.parameters(), other.parameters(), start.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-11)
        assert (a - c).abs().max() > 1e-4


def test_the_plain_code_of_kfac_takes_the_librarys_steps():
    ours, plain = twins(6, 4)
    start, (x, y) = twins(6, 4)[0], batch()
    layer = next(module for module in plain.modules() if isinstance(module, nn.Linear))
    options = {"lr": 0.5, "momentum": 0.0, "kl_clip": None, "damping": 0.01, "seed": 7, "inverse_every": 1}
    optimizer, state, kfac = KFAC(ours, nn.CrossEntropyLoss(), **options), {}, code_of("KFAC")["kfac"]
    a = torch.cat([x, torch.ones(len(x), 1).double()], dim=1)
    for t in range(STEPS):
        optimizer.zero_grad()
        cross_entropy(ours(x), y).backward()
        optimizer.step()
        p = plain(x).detach().softmax(1)
        drawn = torch.multinomial(p, 1, generator=torch.Generator().manual_seed(7 + t))[:, 0]
        V = (p - one_hot(y, 4)).T @ a / len(x)
        d = 0.5 * kfac(a, p - one_hot(drawn, 4), V, state, damping=0.01)
        with torch.no_grad():
            layer.weight -= d[:, :-1]
            layer.bias -= d[:, -1]
    assert_moved_alike(ours, plain, start)


def test_the_plain_code_of_the_natural_gradient_takes_the_librarys_steps():
    ours, plain = twins(6, 5, 4)
    start, (x, y) = twins(6, 5, 4)[0], batch()
    loss = nn.CrossEntropyLoss()
    optimizer = NaturalGradient(
        ours.parameters(), fisher=lambda: Fisher(ours, loss, (x, y)), damping=0.01, lr=0.3
    )
    step = code_of("NaturalGradient")["naturalgradient"]
    for _ in range(STEPS):
        optimizer.step(lambda: loss(ours(x), y))
        step(plain, x, y, lr=0.3, damping=0.01)
    assert_moved_alike(ours, plain, start)


def test_the_plain_code_of_adahessian_takes_the_librarys_steps():
    ours, plain = twins(6, 5, 4)
    start, (x, y) = twins(6, 5, 4)[0], batch()
    optimizer, space, state = AdaHessian(ours.parameters(), spatial_average=1), code_of("AdaHessian"), {}
    params = list(plain.parameters())
    places = {parameter: place for place, parameter in enumerate(params)}
    for t in range(STEPS):
        optimizer.step(lambda: cross_entropy(ours(x), y))
        space["signs"] = partial(
            lambda parameter, age: next(probes(parameter, 0, places[parameter], age)), age=t
        )
        plain.zero_grad()
        cross_entropy(plain(x), y).backward(create_graph=True)
        space["adahessian"](params, state)
    assert_moved_alike(ours, plain, start)


def test_the_plain_signs_of_adahessian_are_signs_of_mean_0():
    z = code_of("AdaHessian")["signs"](torch.zeros(10_000))
    assert set(z.tolist()) == {-1.0, 1.0}
    assert abs(z.mean()) < 0.05


def test_the_plain_code_of_shampoo_takes_the_librarys_steps():
    ours, plain = (
        nn.Sequential(nn.Linear(6, 5, bias=False), nn.Tanh(), nn.Linear(5, 4, bias=False)).double()
        for _ in range(2)
    )
    plain.load_state_dict(ours.state_dict())
    start = nn.Sequential(nn.Linear(6, 5, bias=False), nn.Tanh(), nn.Linear(5, 4, bias=False)).double()
    start.load_state_dict(ours.state_dict())
    x, y = batch()
    optimizer, shampoo, state = Shampoo(ours.parameters(), lr=0.1), code_of("Shampoo")["shampoo"], {}
    for _ in range(STEPS):
        for model in (ours, plain):
            model.zero_grad()
            cross_entropy(model(x), y).backward()
        optimizer.step()
        shampoo(list(plain.parameters()), state)
    assert_moved_alike(ours, plain, start)


@pytest.mark.long
@EACH
def test_the_loop_trains(name):
    space = {}
    exec(card(name).loop, space)
    data, _ = load("mnist")
    x, y = nn.functional.avg_pool2d(data.inputs[:256], 4).flatten(1), data.labels[:256]
    model = mlp(49, 8, 10, seed=0)
    before = cross_entropy(model(x), y).item()
    if name == "NaturalGradient":
        space["train"](model, x, y, steps=4)
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)
            space["train"](model, loader, epochs=4)
    assert cross_entropy(model(x), y).item() < 0.95 * before


@EACH
def test_first_values_are_options_of_the_class(name):
    rows = card(name).parts["First values"].splitlines()[2:]
    options = [re.match(r"\| `(\w+)` \|", row)[1] for row in rows]
    group = set(SECOND_ORDER[name].make.__init__.__code__.co_varnames) | {"lr"}
    assert set(options) <= group
