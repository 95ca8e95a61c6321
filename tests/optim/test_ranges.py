"""Invalid hyperparameters are refused with their range, wherever they are given."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from book.optim.ranges import RANGES, SWITCHES
from book.optim.second_order import SECOND_ORDER
from tests.cases import each
from tests.optim.compiler import need_compiler
from tests.optim.references import HELD, apart, parameters, run

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


def beside_the_table(name, **options):
    """A second-order method over one number, or a layer of one."""
    method = SECOND_ORDER[name]
    if method.asks == "layers":
        return method.make(torch.nn.Linear(1, 1), torch.nn.MSELoss(), **options)
    given = {"fisher": lambda: torch.eye(1)} if method.asks == "Fisher" else {}
    return method.make([torch.nn.Parameter(torch.ones(1))], **given, **options)


PLACES_BESIDE = [
    (name, option) for name in SECOND_ORDER for option in RANGES if option in beside_the_table(name).defaults
]


def test_every_range_has_a_case():
    assert {option for _, option in PLACES} == CASES.keys()
    assert CASES.keys() | {option for _, option in PLACES_BESIDE} == RANGES.keys()


@each(("name", "option"), PLACES_BESIDE)
def test_a_method_beside_the_table_refuses_what_is_outside(name, option):
    _, opening, low, high, closing = RANGES[option]
    ends = [low] * (opening == "(") + [high] * (closing == ")")
    for value in (low - 1, high + 1, math.nan, *ends):
        given = (0.5, value) if option == "betas" else value
        with pytest.raises(ValueError, match=f"{option} must be in|Invalid"):
            beside_the_table(name, **{option: given})


@pytest.mark.parametrize(("name", "option"), PLACES)
@each("as_group", [False, True])
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
    for value in (None, "0.1", [0.1], 1j, True, torch.tensor(1j)):
        for given in (value, (0.5, value), (value, 0.5)) if option == "betas" else (value,):
            with pytest.raises(TypeError, match=f"{option} (must be a number|is a pair of numbers)"):
                give(given)
    assert len(optimizer.param_groups) == groups


FORMS = [
    np.float32,
    np.float64,
    np.array,
    Fraction,
    lambda v: torch.tensor(
        v, dtype=torch.float64
    ),  # arithmetic among float32 tensors, as lr / (1 + decay), is float32's
    lambda v: torch.tensor([v], dtype=torch.float64),
    lambda v: torch.nn.Parameter(torch.tensor(v, dtype=torch.float64)),
]
CHOSEN = {"lr": 0.125, "weight_decay": 0.25}  # exact in all of them


@each("form", FORMS)
@pytest.mark.parametrize("engine", ["eager", "compiled"])
@pytest.mark.parametrize("name", HELD)
def test_every_hyperparameter_takes_any_real_number(name, engine, form):
    """In the constructor, in a group, in a state_dict."""
    if engine == "compiled":
        need_compiler()
    defaults = HELD[name].ours([torch.ones(1)]).defaults
    values = {option: CHOSEN.get(option, 0.5) for option in RANGES.keys() & defaults.keys() - {"betas"}}
    forms = {option: form(value) for option, value in values.items()}
    if "betas" in defaults:
        values["betas"], forms["betas"] = (0.5, 0.75), (form(0.5), form(0.75))
    plain, given, group, loaded = (parameters() for _ in range(4))
    optimizers = [
        HELD[name].ours(plain, **values),
        HELD[name].ours(given, engine=engine, **forms),
        HELD[name].ours([{"params": group, **forms}], engine=engine),
        HELD[name].ours(loaded, engine=engine),
    ]
    saved = optimizers[0].state_dict()
    saved["param_groups"][0] |= forms
    optimizers[3].load_state_dict(saved)
    for params, optimizer in zip((plain, given, group, loaded), optimizers, strict=True):
        run(optimizer, params, steps=2)
    assert max(apart([plain], [params]) for params in (given, group, loaded)) <= 1e-12


@pytest.mark.parametrize("option", SWITCHES)
def test_a_switch_is_true_or_false(option):
    others = {"centered": HELD["RMSProp"].ours, "absolute": SECOND_ORDER["AdaHessian"].make}
    others |= {"graft": SECOND_ORDER["Shampoo"].make}
    method = others.get(option, HELD["Adam"].ours)
    assert method(parameters(), **{option: np.bool_(True)}).defaults[option] is True
    for value in (1, "yes", None, torch.tensor(True)):
        with pytest.raises(TypeError, match=f"{option} is True or False; got"):
            method(parameters(), **{option: value})


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
