"""nan and inf in a gradient: as in torch, or an error that names the parameter and has changed nothing."""

import copy
import math

import pytest
import torch

from book.optim.methods import METHODS
from tests.cases import each
from tests.optim.compiler import need_compiler
from tests.optim.references import HELD, pair, parameters, set_gradients

every_method = pytest.mark.parametrize("name", HELD)
bad = pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])


def spoiled(optimizer, params, value, steps=2):
    """Take a step with good gradients and more with one bad entry."""
    for t in range(steps):
        set_gradients(params, False)
        if t:
            params[0].grad[1, 2] = value
        optimizer.step()


@every_method
@bad
@each("options", [{}, {"weight_decay": 0.1, "maximize": True}])
def test_by_default_they_go_where_torchs_go(name, value, options):
    found = []
    for make in pair(HELD[name], options):
        params = parameters()
        optimizer = make(params)
        spoiled(optimizer, params, value)
        memory = [optimizer.state[p].get(key) for p in params for key in HELD[name].ours.memory]
        found.append([p.detach() for p in params] + [m for m in memory if m is not None])
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=0, equal_nan=True)
    assert found[0][1].isfinite().all()  # the other parameters go on
    assert found[0][0].isfinite().sum() >= found[0][0].numel() - 1


@pytest.mark.parametrize("name", ["SGD", "Adam"])
@bad
def test_the_compiled_engine_lets_them_through_alike(name, value):
    need_compiler()
    found = []
    for engine in ("eager", "compiled"):
        params = parameters()
        spoiled(pair(HELD[name], {}, engine)[0](params), params, value)
        found.append([p.detach() for p in params])
    torch.testing.assert_close(*found, rtol=1e-12, atol=0, equal_nan=True)


@every_method
@bad
@pytest.mark.parametrize("engine", ["eager", "compiled"])
@each("fresh", [False, True])
def test_the_option_stops_before_anything_has_moved(name, value, engine, fresh):
    params = parameters()
    named = [(f"layer {i}", p) for i, p in enumerate(params)]
    groups = [{"params": named[:1]}, {"params": named[1:]}]
    optimizer = HELD[name].ours(groups, lr=0.1, error_if_nonfinite=True)
    if not fresh:
        set_gradients(params, False)
        optimizer.step()
    for group in optimizer.param_groups:
        group["engine"] = engine  # nothing is compiled: the step ends before
    set_gradients(params, False)
    params[2].grad[1] = value
    before, kept = copy.deepcopy(params), copy.deepcopy(optimizer.state_dict())
    found = "1 nan and 0 inf" if math.isnan(value) else "0 nan and 1 inf"
    with pytest.raises(FloatingPointError, match=f"The gradient of layer 2 holds {found} among 2 entries"):
        optimizer.step()
    assert all(torch.equal(p, q) for p, q in zip(params, before, strict=True))
    after = optimizer.state_dict()
    assert after["param_groups"] == kept["param_groups"]
    assert after["state"].keys() == kept["state"].keys()
    for index, state in kept["state"].items():
        assert after["state"][index].keys() == state.keys()
        assert all(
            torch.equal(torch.as_tensor(after["state"][index][k]), torch.as_tensor(v))
            for k, v in state.items()
        )


def test_without_a_name_the_message_gives_place_and_shape():
    params = parameters()
    set_gradients(params, False)
    params[1].grad[0, 0] = math.nan
    with pytest.raises(
        FloatingPointError, match=r"parameter 1 of shape \(2, 4\) holds 1 nan and 0 inf among 8"
    ):
        HELD["SGD"].ours(params, error_if_nonfinite=True).step()


@pytest.mark.parametrize("part", [complex(math.nan, 0), complex(0, math.inf)])
def test_a_complex_gradient_is_looked_at_too(part):
    x = torch.nn.Parameter(torch.ones(2, dtype=torch.complex64))
    x.grad = torch.tensor([1, part], dtype=torch.complex64)
    with pytest.raises(FloatingPointError, match="among 2 entries"):
        HELD["Adam"].ours([x], error_if_nonfinite=True).step()


def test_a_sparse_gradient_is_looked_at_too():
    x = torch.nn.Parameter(torch.ones(3))
    x.grad = torch.sparse_coo_tensor([[1]], [math.inf], (3,))
    with pytest.raises(FloatingPointError, match="0 nan and 1 inf among 1 entries"):
        HELD["AdaGrad"].ours([x], error_if_nonfinite=True).step()
    assert x.tolist() == [1, 1, 1]


@every_method
def test_finite_gradients_pass(name):
    params = parameters()
    optimizer = HELD[name].ours(params, lr=1e-3, error_if_nonfinite=True)
    set_gradients(params, False)
    params[1].grad = None
    optimizer.step()
    assert all(p.isfinite().all() for p in params)


ROOTED = ["AdaGrad", "RMSProp", "AdaDelta", "Adam", "AdamW"]


@pytest.mark.parametrize("name", sorted(METHODS))
@each("power", [-45, -30, -20, 0, 18, 20, 30])
def test_a_gradient_of_any_size_makes_no_nan_and_a_square_beyond_the_range_no_step(name, power):
    x = torch.nn.Parameter(torch.zeros(2))
    optimizer = METHODS[name].make([x], lr=1e-3)
    for _ in range(5):
        x.grad = torch.tensor([10.0**power, -(10.0**power)])
        optimizer.step()
    assert x.isfinite().all()
    if power >= 20 and name in ROOTED:
        assert not x.any()
    elif power >= 0:
        assert x.all()


def test_a_centred_root_of_a_square_beyond_the_range_is_nan_as_the_page_says():
    x = torch.nn.Parameter(torch.zeros(1))
    x.grad = torch.full((1,), 1e30)
    METHODS["RMSProp"].make([x], centered=True).step()
    assert x.isnan().all()
