"""What an optimizer holds: memory, options and names, in a copy and in a state dict, in every method."""

import copy
import gc
import pickle
import weakref

import pytest
import torch

from tests.cases import each
from tests.optim.references import HELD, apart, beside, pair, parameters, run

every_method = pytest.mark.parametrize("name", HELD)


def moments(optimizer) -> list[dict]:
    return [
        {k: v.clone() if isinstance(v, torch.Tensor) else v for k, v in state.items()}
        for state in optimizer.state.values()
    ]


@every_method
@each("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
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
    make = pair(HELD[name], {"weight_decay": 0.3}, engine)[0]
    optimizer = make(parameters())
    saved = copy.deepcopy(optimizer.state_dict())
    other = pair(HELD[name], {"maximize": True, "lr": 7.0})[0](parameters())
    other.load_state_dict(saved)
    found, group = other.state_dict()["param_groups"][0], saved["param_groups"][0]
    assert {key: found[key] for key in group} == group | {"engine": "eager"}
    assert group["engine"] == engine


@every_method
def test_a_state_dict_of_fewer_options_takes_ours_for_the_rest(name):
    optimizer = pair(HELD[name], {}, engine="compiled")[0](parameters())
    saved = optimizer.state_dict()
    for option in ("engine", "error_if_nonfinite", "maximize"):
        del saved["param_groups"][0][option]
    optimizer.load_state_dict(saved)
    assert optimizer.param_groups[0]["engine"] == "compiled"
    assert optimizer.param_groups[0]["maximize"] is False


@every_method
def test_named_parameters_keep_their_names(name):
    method, params = HELD[name], parameters()
    optimizer = method.ours([(f"layer {i}", p) for i, p in enumerate(params)], lr=method.lr)
    run(optimizer, params)
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["layer 0", "layer 1", "layer 2"]
    optimizer.add_param_group({"params": [("more", torch.nn.Parameter(torch.ones(2)))]})
    assert optimizer.param_groups[1]["param_names"] == ["more"]


@every_method
def test_nothing_keeps_an_optimizer_alive(name):
    gc.freeze()  # what was there before need not be looked through
    (_, optimizer), _ = beside(name)
    seen = weakref.ref(optimizer)
    del optimizer, _
    gc.collect()
    gc.unfreeze()
    assert seen() is None


@every_method
def test_an_option_that_does_not_exist_is_refused(name):
    with pytest.raises(TypeError, match=f"{HELD[name].ours.__name__} has no option weight_decya"):
        HELD[name].ours(parameters(), weight_decya=0.1)


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
