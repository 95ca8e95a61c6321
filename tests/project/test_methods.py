"""Each method has a search space of its own, and torch's defaults."""

import inspect
from itertools import pairwise

import torch

from book.project.methods import COMPARED, PUBLISHED, default_rate, published
from tests.cases import each


def defaults(cls) -> dict:
    return {name: p.default for name, p in inspect.signature(cls).parameters.items()}


@each("name", COMPARED)
def test_a_search_space_has_eight_rates_evenly_spread(name):
    rates = COMPARED[name].rates
    assert len(rates) == 8
    assert all(1.9 < larger / smaller < 2.6 for smaller, larger in pairwise(rates))


@each("name", [name for name, method in COMPARED.items() if method.twin])
def test_defaults_are_torchs(name):
    method, theirs = COMPARED[name], defaults(COMPARED[name].twin)
    assert default_rate(name) == theirs["lr"]
    ours = defaults(method.make)
    searched_or_fixed = {"params", "options", "lr", *method.fixed}
    assert {key: theirs[key] for key in ours.keys() - searched_or_fixed} == {
        key: ours[key] for key in ours.keys() - searched_or_fixed
    }


@each("name", COMPARED)
def test_a_method_can_be_made(name):
    method = COMPARED[name]
    [group] = method.make([torch.nn.Parameter(torch.ones(2))], method.rates[0], **method.fixed).param_groups
    assert group["lr"] == method.rates[0]
    assert group.items() >= method.fixed.items()


def test_momentum_is_fixed_as_in_the_published_table():
    assert {name for name, method in COMPARED.items() if method.fixed} == {"momentum", "nesterov"}
    assert COMPARED["momentum"].fixed == COMPARED["nesterov"].fixed == {"momentum": 0.9}


def test_the_published_table_has_18_cells():
    assert sum(map(len, PUBLISHED.values())) == 18
    assert published("momentum", "cnn") == 73.00
    assert published("momentum", "vgg13") == published("momentum", "vgg13-plain") == 65.75
    assert published("adadelta", "mlp") is None
