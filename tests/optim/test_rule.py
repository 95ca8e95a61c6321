"""What a step does beside its formula, in every method as in torch's own tests of torch.optim."""

import copy
import math

import numpy as np
import pytest
import torch

from book.optim import SGD, Adam, Rule
from book.optim.methods import METHODS
from tests.cases import each
from tests.optim.references import HELD, apart, beside, pair, parameters, run, set_gradients

every_method = pytest.mark.parametrize("name", HELD)


@every_method
def test_a_closure_is_called_once_with_gradients_on_and_its_loss_returned(name):
    (params, ours), (others, theirs) = beside(name)
    calls = []

    def closure(which, optimizer):
        def evaluate():
            calls.append(torch.is_grad_enabled())
            optimizer.zero_grad()
            loss = sum(p.square().sum() for p in which)
            loss.backward()
            return loss

        return evaluate

    with torch.no_grad():
        returned = ours.step(closure(params, ours)), theirs.step(closure(others, theirs))
    assert calls == [True, True]
    assert returned[0] == returned[1]
    assert apart([params], [others]) <= 1e-12
    assert ours.step() is None


@every_method
def test_hooks_run_before_and_after_a_step(name):
    (params, optimizer), _ = beside(name)
    seen = []
    before = optimizer.register_step_pre_hook(lambda opt, args, kwargs: seen.append(params[2].tolist()))
    optimizer.register_step_post_hook(lambda opt, args, kwargs: seen.append(params[2].tolist()))
    optimizer.register_state_dict_post_hook(lambda opt, saved: saved | {"extra": 1})
    start = params[2].tolist()
    run(optimizer, params, steps=1)
    assert seen[0] == start
    assert seen[1] == params[2].tolist() != start
    before.remove()
    run(optimizer, params, steps=1)
    assert len(seen) == 3


@every_method
def test_without_a_gradient_a_parameter_and_its_memory_stay(name):
    (params, ours), (others, theirs) = beside(name)
    for which, optimizer in ((params, ours), (others, theirs)):
        which[1].requires_grad_(False)
        run(optimizer, which, steps=2)
        set_gradients(which, False)
        which[0].grad = None
        kept = which[0].clone()
        optimizer.step()
        assert torch.equal(which[0], kept)
        run(optimizer, which, steps=3)  # the counts of the steps differ from parameter to parameter now
    assert apart([params], [others]) <= 1e-12


@every_method
def test_a_step_without_any_gradient_does_nothing(name):
    (params, optimizer), _ = beside(name)
    kept = copy.deepcopy(params)
    optimizer.step()
    assert apart([params], [kept]) == 0
    assert not optimizer.state or all(not state for state in optimizer.state.values())


@every_method
def test_at_a_rate_of_zero_the_parameters_stay_and_the_memory_moves(name):
    (params, ours), (others, theirs) = beside(name, {"lr": 0.0, "weight_decay": 0.1})
    for which, optimizer in ((params, ours), (others, theirs)):
        run(optimizer, which, steps=3)
    assert all(torch.equal(p, q) for p, q in zip(params, parameters(), strict=True))
    for p, q in zip(params, others, strict=True):
        for key in ours.state[p].keys() - {"step"}:
            torch.testing.assert_close(ours.state[p][key], theirs.state[q][key], rtol=1e-12, atol=0)


@every_method
def test_a_gradient_scaler_skips_a_step_that_overflowed(name):
    sets = []
    for params, optimizer in beside(name):
        scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
        scaler.scale(torch.ones(()))  # starts it
        for step in range(4):
            set_gradients(params, False)
            for p in params:
                p.grad = p.grad * scaler.get_scale()
            if step == 1:
                params[0].grad[0, 0] = math.inf
            kept = copy.deepcopy(params)
            scaler.step(optimizer)
            scaler.update()
            assert (apart([params], [kept]) == 0) == (step == 1)
        assert scaler.get_scale() == 2.0
        sets.append(params)
    assert apart([sets[0]], [sets[1]]) <= 1e-12


@every_method
def test_one_optimizer_takes_several_dtypes(name):
    makes = pair(HELD[name], {})
    found = []
    for make in makes:
        params = [
            torch.nn.Parameter(torch.ones(3, dtype=dtype))
            for dtype in (torch.float32, torch.float64, torch.complex64, torch.bfloat16)
        ]
        optimizer = make(params)
        for _ in range(3):
            for p in params:
                p.grad = torch.full_like(p, 0.5 + 0.25j if p.is_complex() else 0.5)
            optimizer.step()
        found.append([p.detach() for p in params])
    torch.testing.assert_close(*found)


@every_method
@each("set_to_none", [False, True])
def test_zero_grad(name, set_to_none):
    (params, optimizer), _ = beside(name)
    set_gradients(params, False)
    optimizer.zero_grad(set_to_none=set_to_none)
    assert all(p.grad is None if set_to_none else not p.grad.any() for p in params)


@every_method
def test_a_rate_in_a_tensor_may_be_written_into(name):
    rate = torch.tensor(0.1, dtype=torch.float64)
    sets = parameters(), parameters()
    optimizers = HELD[name].ours(sets[0], lr=rate), HELD[name].ours(sets[1], lr=0.1)
    for value in (0.02, 0.01):
        rate.fill_(value)
        optimizers[1].param_groups[0]["lr"] = value
        for params, optimizer in zip(sets, optimizers, strict=True):
            run(optimizer, params, steps=1)
    assert apart([sets[0]], [sets[1]]) <= 1e-12


@every_method
def test_memory_has_the_layout_of_its_parameter(name):
    x = torch.nn.Parameter(torch.ones(2, 3, 4, 5).contiguous(memory_format=torch.channels_last))
    x.grad = torch.ones(2, 3, 4, 5)
    optimizer = HELD[name].ours([x], lr=0.1)
    optimizer.step()
    for memory in optimizer.state[x].values():
        if isinstance(memory, torch.Tensor):
            assert memory.is_contiguous(memory_format=torch.channels_last)


@every_method
def test_gradients_are_left_as_they_were(name):
    (params, optimizer), _ = beside(name, {"weight_decay": 0.1, "maximize": True})
    set_gradients(params, False)
    kept = [p.grad.clone() for p in params]
    optimizer.step()
    assert all(torch.equal(p.grad, g) for p, g in zip(params, kept, strict=True))


def test_a_rule_without_a_formula_says_so():
    x = torch.nn.Parameter(torch.ones(1))
    x.grad = torch.ones(1)
    with pytest.raises(NotImplementedError, match="formula in `update`"):
        Rule([x]).step()


@every_method
def test_a_group_that_is_none_is_refused_as_torch_does(name):
    optimizer = HELD[name].ours(parameters())
    for group in (parameters(), "params", None):
        with pytest.raises(TypeError, match="param_group must be a dict"):
            optimizer.add_param_group(group)
    assert len(optimizer.param_groups) == 1


@pytest.mark.parametrize("name", METHODS)
def test_a_memory_from_inference_mode_serves_outside_it(name):
    ends = []
    for mode in (True, False):
        x = torch.nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
        optimizer = METHODS[name].make([x])
        for inside in (mode, False, mode):
            x.grad = torch.tensor([0.5, 3.0], dtype=torch.float64)
            with torch.inference_mode(inside):
                optimizer.step()
        ends.append(x.detach())
    assert torch.equal(*ends)


WRITTEN = {
    "a text": ("lr", "0.1", TypeError, "lr must be a number; got '0.1'"),
    "None": ("lr", None, TypeError, "lr must be a number; got None"),
    "nan": ("lr", math.nan, ValueError, "lr is nan in parameter group 1; no parameter was changed"),
    "nan of numpy": ("eps", np.float32("nan"), ValueError, "eps is nan in parameter group 1"),
    "one beta": ("betas", [0.9], TypeError, "betas is a pair of numbers"),
    "a beta of 1": ("betas", (0.9, 1.0), ValueError, "Invalid beta parameter at index 1"),
    "two rates": ("lr", torch.ones(2), ValueError, r"lr must be 1-element; got one of shape \(2,\)"),
    "an engine": ("engine", "jit", ValueError, 'The engine is "eager" or "compiled"'),
}


@pytest.mark.parametrize("what", WRITTEN)
def test_what_was_written_into_a_group_is_looked_at_before_anything_moves(what):
    option, value, kind, words = WRITTEN[what]
    xs = [torch.nn.Parameter(torch.ones(2)) for _ in range(2)]
    optimizer = Adam([{"params": [x]} for x in xs])
    for x in xs:
        x.grad = torch.ones(2)
    optimizer.param_groups[1][option] = value
    with pytest.raises(kind, match=words):
        optimizer.step()
    assert all(torch.equal(x, torch.ones(2)) for x in xs)
    assert not optimizer.state


def test_a_rate_below_0_goes_up_as_in_torch():
    ends = []
    for make in (SGD, torch.optim.SGD):
        x = torch.nn.Parameter(torch.ones(2))
        optimizer = make([x], lr=0.1)
        optimizer.param_groups[0]["lr"], x.grad = -0.5, torch.ones(2)
        optimizer.step()
        ends.append(x.detach())
    assert torch.equal(*ends)


@pytest.mark.parametrize("row", [np.array, torch.tensor, list, tuple])
def test_betas_are_any_row_of_two_numbers(row):
    assert Adam([torch.nn.Parameter(torch.ones(1))], betas=row([0.5, 0.75])).defaults["betas"] == (0.5, 0.75)
