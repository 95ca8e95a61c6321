"""What an optimizer does beside its formula, in every method as in torch's own tests of torch.optim."""

import copy
import gc
import math
import pickle
import weakref

import pytest
import torch

from book.optim import Rule
from tests.optim.beside_torch import METHODS, apart, pair, parameters, run, set_gradients

every_method = pytest.mark.parametrize("name", METHODS)


def beside(name: str, options: dict | None = None) -> tuple:
    """Parameters and optimizer, ours and torch's."""
    sets = parameters(), parameters()
    return tuple(
        (params, make(params)) for params, make in zip(sets, pair(METHODS[name], options or {}), strict=True)
    )


def moments(optimizer) -> list[dict]:
    return [
        {k: v.clone() if isinstance(v, torch.Tensor) else v for k, v in state.items()}
        for state in optimizer.state.values()
    ]


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
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_goes_on_alike_and_on_its_own(name, copied):
    (params, optimizer), _ = beside(name)
    run(optimizer, params)
    for p in params:
        p.grad = None
    twins, twin = copied([params, optimizer])
    before, memory = copy.deepcopy(params), moments(optimizer)
    run(twin, twins)
    assert apart([params], [before]) == 0
    for state, kept in zip(moments(optimizer), memory, strict=True):
        assert all(torch.equal(torch.as_tensor(state[key]), torch.as_tensor(kept[key])) for key in kept)
    run(optimizer, params)
    assert apart([params], [twins]) == 0


@every_method
@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_a_state_dict_holds_all_there_is(name, engine):
    make = pair(METHODS[name], {"weight_decay": 0.3}, engine)[0]
    optimizer = make(parameters())
    saved = copy.deepcopy(optimizer.state_dict())
    other = pair(METHODS[name], {"maximize": True, "lr": 7.0})[0](parameters())
    other.load_state_dict(saved)
    found = other.state_dict()["param_groups"][0]
    assert {key: found[key] for key in saved["param_groups"][0]} == saved["param_groups"][0]
    assert found["engine"] == engine


@every_method
def test_a_state_dict_of_fewer_options_takes_ours_for_the_rest(name):
    optimizer = pair(METHODS[name], {}, engine="compiled")[0](parameters())
    saved = optimizer.state_dict()
    for option in ("engine", "error_if_nonfinite", "maximize"):
        del saved["param_groups"][0][option]
    optimizer.load_state_dict(saved)
    assert optimizer.param_groups[0]["engine"] == "compiled"
    assert optimizer.param_groups[0]["maximize"] is False


@every_method
def test_named_parameters_keep_their_names(name):
    method, params = METHODS[name], parameters()
    optimizer = method.ours([(f"layer {i}", p) for i, p in enumerate(params)], lr=method.lr)
    run(optimizer, params)
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["layer 0", "layer 1", "layer 2"]
    optimizer.add_param_group({"params": [("more", torch.nn.Parameter(torch.ones(2)))]})
    assert optimizer.param_groups[1]["param_names"] == ["more"]


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
    makes = pair(METHODS[name], {})
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
@pytest.mark.parametrize("set_to_none", [False, True])
def test_zero_grad(name, set_to_none):
    (params, optimizer), _ = beside(name)
    set_gradients(params, False)
    optimizer.zero_grad(set_to_none=set_to_none)
    assert all(p.grad is None if set_to_none else not p.grad.any() for p in params)


@every_method
def test_a_rate_in_a_tensor_may_be_written_into(name):
    rate = torch.tensor(0.1, dtype=torch.float64)
    sets = parameters(), parameters()
    optimizers = METHODS[name].ours(sets[0], lr=rate), METHODS[name].ours(sets[1], lr=0.1)
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
    optimizer = METHODS[name].ours([x], lr=0.1)
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


@every_method
def test_nothing_keeps_an_optimizer_alive(name):
    (_, optimizer), _ = beside(name)
    seen = weakref.ref(optimizer)
    del optimizer, _
    gc.collect()
    assert seen() is None


@every_method
def test_an_option_that_does_not_exist_is_refused(name):
    with pytest.raises(TypeError, match=f"{METHODS[name].ours.__name__} has no option weight_decya"):
        METHODS[name].ours(parameters(), weight_decya=0.1)


def test_a_rule_without_a_formula_says_so():
    x = torch.nn.Parameter(torch.ones(1))
    x.grad = torch.ones(1)
    with pytest.raises(NotImplementedError, match="formula in `update`"):
        Rule([x]).step()


def test_a_memory_that_an_option_asks_for_later_starts_then():
    (params, ours), (others, theirs) = beside("RMSProp", {"eps": 1e-2})
    for which, optimizer in ((params, ours), (others, theirs)):
        run(optimizer, which, steps=3)
        optimizer.param_groups[0]["lr"] = 1e-4
        run(optimizer, which, steps=3)
    assert apart([params], [others]) <= 1e-12
    ours.param_groups[0]["momentum"] = 0.5
    run(ours, params, steps=1)
    assert "momentum_buffer" in ours.state[params[0]]
