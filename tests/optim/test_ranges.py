"""Invalid hyperparameters are refused with their range, wherever they are given."""

import math

import pytest
import torch

from book.optim.ranges import RANGES
from tests.optim.references import HELD, parameters

OPEN = "[0, inf)"
CASES = {  # option: the interval, what is inside, what is outside
    "lr": (OPEN, [0, 0.0, 1e9], [-1e-9, math.inf, math.nan]),
    "momentum": (OPEN, [0, 1.0, 2.0], [-0.5, math.inf, math.nan]),
    "betas": ("[0, 1)", [(0, 0.0), (0.999, 0.0)], [(1.0, 0.9), (0.9, 1.0), (-0.1, 0.9), (0.9, math.nan)]),
    "alpha": ("[0, 1]", [0, 1.0], [-0.1, 1.1, math.nan]),
    "rho": ("[0, 1]", [0, 1.0], [-0.1, 1.1, math.nan]),
    "eps": (OPEN, [0, 1.0], [-1e-9, math.inf]),
    "weight_decay": (OPEN, [0, 5.0], [-1e-9, math.inf]),
    "lr_decay": (OPEN, [0, 5.0], [-1e-9, math.inf]),
    "initial_accumulator_value": (OPEN, [0, 5.0], [-1e-9, math.inf]),
}
PLACES = [
    (name, option) for name in HELD for option in CASES if option in HELD[name].ours([torch.ones(1)]).defaults
]


def test_every_range_has_a_case():
    assert CASES.keys() == RANGES.keys()
    assert {option for _, option in PLACES} == RANGES.keys()


@pytest.mark.parametrize(("name", "option"), PLACES)
@pytest.mark.parametrize("as_group", [False, True])
def test_a_value_outside_is_refused_and_one_inside_is_taken(name, option, as_group):
    interval, inside, outside = CASES[option]
    optimizer = HELD[name].ours(parameters())

    def give(value):
        more = torch.nn.Parameter(torch.ones(1))
        if as_group:
            optimizer.add_param_group({"params": [more], option: value})
        else:
            HELD[name].ours([more], **{option: value})

    for value in inside:
        give(value)
    groups = len(optimizer.param_groups)
    for value in outside:
        with pytest.raises(ValueError, match="Invalid") as error:
            give(value)
        assert f"{option} must be in {interval}" in str(error.value)
    for value in (None, "0.1", [0.1], 1j):
        with pytest.raises(TypeError):
            give(value)
    assert len(optimizer.param_groups) == groups


@pytest.mark.parametrize("value", [torch.tensor([0.1, 0.2]), torch.ones(0)])
def test_a_tensor_holds_one_number(value):
    with pytest.raises(ValueError, match="Tensor lr must be 1-element; got one of shape"):
        HELD["Adam"].ours(parameters(), lr=value)


def test_an_unknown_engine_is_refused():
    words = 'The engine is "eager" or "compiled"; got \'fused\''
    with pytest.raises(ValueError, match=words):
        HELD["Adam"].ours(parameters(), engine="fused")
    with pytest.raises(ValueError, match=words):
        HELD["Adam"].ours(parameters()).add_param_group({"params": [], "engine": "fused"})
