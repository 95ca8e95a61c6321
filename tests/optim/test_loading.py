"""What an optimizer takes from a state_dict and what stays its own, in every method; who may load whose."""

import copy
import pickle

import pytest
import torch

from book.optim import KFAC, LBFGS, SGD, Adam, AdamW, Momentum, Newton, RMSProp, Shampoo, state_bytes
from book.optim.methods import METHODS
from tests.cases import each
from tests.optim.references import HELD, apart, beside, pair, parameters, run

every_method = pytest.mark.parametrize("name", HELD)


def after(name: str, **options):
    """Parameters after three steps, their optimizer, and what it saves."""
    params = parameters()
    optimizer = HELD[name].ours(params, lr=HELD[name].lr, **options)
    run(optimizer, params, steps=3)
    return params, optimizer, copy.deepcopy(optimizer.state_dict())


def twins(params):
    return [torch.nn.Parameter(p.detach().clone()) for p in params]


@every_method
def test_how_a_step_is_carried_out_and_watched_stays_the_callers(name):
    _, _, saved = after(name, engine="eager", error_if_nonfinite=False, maximize=True)
    other = HELD[name].ours(parameters(), lr=0.5, engine="compiled", error_if_nonfinite=True)
    other.load_state_dict(saved)
    (group,) = other.param_groups
    assert (group["engine"], group["error_if_nonfinite"]) == ("compiled", True)
    assert (group["lr"], group["maximize"]) == (HELD[name].lr, True)


@every_method
def test_what_a_saved_group_lacks_or_has_as_none_stays_each_groups_own(name):
    params, optimizer, saved = after(name)
    hyper = optimizer.param_groups[0].keys() - {"params"}
    for option in hyper:
        for gap in ("missing", "None"):
            given = copy.deepcopy(saved)
            if gap == "missing":
                del given["param_groups"][0][option]
            else:
                given["param_groups"][0][option] = None
            other = HELD[name].ours([{"params": twins(params), "lr": 0.375}])
            before = dict(other.param_groups[0])
            other.load_state_dict(given)
            assert other.param_groups[0][option] == before[option]


@every_method
@each("gap", ["missing", "None"])
def test_a_memory_that_is_not_there_starts_anew(name, gap):
    params, _, saved = after(name)
    for state in saved["state"].values():
        for key in list(state):
            state[key] = None
            if gap == "missing":
                del state[key]
    others, fresh = twins(params), twins(params)
    loaded, new = HELD[name].ours(others), HELD[name].ours(fresh, lr=HELD[name].lr)
    loaded.load_state_dict(saved)
    run(loaded, others, steps=3)
    run(new, fresh, steps=3)
    assert apart([others], [fresh]) == 0


@every_method
@each("as_step", [int, float, torch.tensor, lambda t: torch.tensor([float(t)])])
def test_the_number_of_the_step_may_be_a_number_or_a_tensor(name, as_step):
    params, optimizer, saved = after(name)
    for state in saved["state"].values():
        state["step"] = as_step(state["step"])
    others = twins(params)
    other = HELD[name].ours(others)
    other.load_state_dict(saved)
    run(optimizer, params, steps=3)
    run(other, others, steps=3)
    assert apart([params], [others]) == 0


def begins_anew(make) -> bool:
    """Whether an optimizer takes a step after an empty state: torch 2.10's Adagrad makes its sum but once."""
    x = torch.nn.Parameter(torch.ones(1))
    optimizer, x.grad = make([x]), torch.ones(1)
    optimizer.load_state_dict(optimizer.state_dict() | {"state": {}})
    try:
        optimizer.step()
    except KeyError:
        return False
    return True


def test_whoever_makes_its_sum_but_once_is_found_out():
    class Once(torch.optim.Adagrad):
        """As in torch 2.10."""

        def step(self, closure=None):
            assert all(
                self.state[x]["sum"] is not None for group in self.param_groups for x in group["params"]
            )
            return super().step(closure)

    assert begins_anew(torch.optim.Adam)
    assert not begins_anew(Once)


@every_method
@pytest.mark.parametrize("there_and_back", [False, True])
def test_torchs_state_goes_on_in_ours_and_back(name, there_and_back, subtests):
    """Before the first step as well, and after a look at a state that is not there yet."""
    makes = pair(HELD[name], {})
    for steps in (0, 3):
        sets = [parameters() for _ in makes]
        optimizers = [make(params) for make, params in zip(makes, sets, strict=True)]
        for params, optimizer in zip(sets, optimizers, strict=True):
            run(optimizer, params, steps=steps)
            assert optimizers[0].state[sets[0][0]] is not None
        if there_and_back:
            optimizers.reverse()
        saved = copy.deepcopy(optimizers[0].state_dict())
        if not hasattr(optimizers[1], "load_state_dict"):
            continue  # a plain loop
        optimizers[1].load_state_dict(saved)
        if not steps and not begins_anew(makes[not there_and_back]):
            with subtests.test("before the first step"):
                pytest.skip(
                    f"torch {torch.__version__}: its own {name} takes no step from before its first one."
                )
            continue
        for params, optimizer in zip(
            sets, reversed(optimizers) if there_and_back else optimizers, strict=True
        ):
            run(optimizer, params, steps=3)
        assert apart([sets[0]], [sets[1]]) <= 1e-12


@every_method
def test_what_others_left_in_a_group_is_kept(name):
    _, _, saved = after(name)
    saved["param_groups"][0] |= {"initial_lr": 0.5, "max_lr": 1.0, "name": "head"}
    other = HELD[name].ours(parameters())
    other.load_state_dict(saved)
    assert [other.param_groups[0][key] for key in ("initial_lr", "max_lr", "name")] == [0.5, 1.0, "head"]


WRONG = {
    "lr": [-1.0, float("nan"), "fast", 1j],
    "weight_decay": [-0.5],
    "maximize": ["yes", 2],
    "betas": [(0.9, 1.0), 0.9],
    "alpha": [2.0],
}


@every_method
def test_what_cannot_be_used_is_refused_and_nothing_has_changed(name):
    params, optimizer, saved = after(name)
    before = copy.deepcopy(optimizer.state_dict())
    broken = []
    for option in WRONG.keys() & saved["param_groups"][0].keys():
        for value in WRONG[option]:
            broken.append(copy.deepcopy(saved))
            broken[-1]["param_groups"][0][option] = value
    for memory in HELD[name].ours.memory:
        if saved["state"][0].get(memory) is not None:
            for value in (torch.ones(7), "none", torch.tensor(1.0)):
                broken.append(copy.deepcopy(saved))
                broken[-1]["state"][0][memory] = value
    for step in (-1, "third", 1.5, float("nan")):
        broken.append(copy.deepcopy(saved))
        broken[-1]["state"][1]["step"] = step
    for given in broken:
        with pytest.raises((TypeError, ValueError)) as error:
            optimizer.load_state_dict(given)
        assert "\n" not in str(error.value)
        assert optimizer.state_dict()["param_groups"] == before["param_groups"]
        torch.testing.assert_close(optimizer.state_dict()["state"], before["state"], rtol=0, atol=0)
    run(optimizer, params, steps=1)


def test_another_methods_memory_is_refused():
    *_, saved = after("Adam")
    words = (
        "remembers exp_avg, exp_avg_sq, and this method square_avg, grad_avg, momentum_buffer; load it into"
    )
    with pytest.raises(ValueError, match=words):
        RMSProp(parameters()).load_state_dict(saved)
    with pytest.raises(ValueError, match="has decoupled_weight_decay=False, and this method has True"):
        AdamW(parameters()).load_state_dict(saved)


SHARE = [("Adam", "Lion"), ("Lion", "Adam"), ("Adam", "SGD"), ("RMSProp", "AdaDelta")]


@pytest.mark.parametrize(("saver", "loader"), SHARE)
def test_so_is_one_that_shares_a_memory_or_finds_none(saver, loader):
    _, _, saved = after(saver)
    _, other, before = after(loader)
    with pytest.raises(ValueError, match=r"remembers .*, and this method .*; load it into its own method"):
        other.load_state_dict(saved)
    assert other.state_dict()["param_groups"] == before["param_groups"]


@pytest.mark.parametrize("name", ["Adam", "LBFGS", "Shampoo", "KFAC"])
def test_one_sentence_says_for_every_method_that_a_part_is_missing(name):
    model = torch.nn.Linear(2, 2)
    makes = {"Adam": Adam, "LBFGS": LBFGS, "Shampoo": Shampoo}
    optimizer = KFAC(model, torch.nn.MSELoss()) if name == "KFAC" else makes[name](model.parameters())

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(torch.eye(2)), torch.eye(2))
        loss.backward()
        return loss

    optimizer.step(closure)
    saved = optimizer.state_dict()
    part = {"Adam": "exp_avg_sq", "LBFGS": "changes", "Shampoo": "roots", "KFAC": "B"}[name]
    del saved["state"][0][part]
    words = (
        rf"This state_dict remembers [^;]*, and this method [^;]*{part}\b[^;]*; load it into its own method\."
    )
    with pytest.raises(ValueError, match=words):
        optimizer.load_state_dict(saved)


@pytest.mark.parametrize("theirs", [torch.optim.NAdam, torch.optim.Adamax])
def test_so_is_a_cousins_of_torch(theirs):
    params = parameters()
    optimizer = theirs(params)
    run(optimizer, params, steps=1)
    with pytest.raises(ValueError, match="load it into its own method"):
        Adam(parameters()).load_state_dict(optimizer.state_dict())


@each("saver", [torch.optim.LBFGS, Newton, LBFGS])
@each("loader", METHODS)
def test_so_is_one_that_counts_or_keeps_lists(saver, loader):
    """What they remember is no tensor of the parameter's shape: counts, lists, a whole vector."""
    x = torch.nn.Parameter(torch.tensor([2.0, -1.0], dtype=torch.float64))
    optimizer = saver([x])

    def closure():
        optimizer.zero_grad()
        loss = (x**4).sum() + x.prod()
        loss.backward(create_graph=saver is Newton)
        return loss

    optimizer.step(closure)
    with pytest.raises((TypeError, ValueError), match=r"load it into its own method"):
        METHODS[loader].make([torch.ones(2, dtype=torch.float64)]).load_state_dict(optimizer.state_dict())


def test_the_memory_of_an_option_may_begin_later():
    params, _, saved = after("Adam")
    saved["param_groups"][0]["amsgrad"] = True
    other = Adam(twins(params))
    other.load_state_dict(saved)
    run(other, other.param_groups[0]["params"], steps=1)
    assert all(state["step"] == 4 and "max_exp_avg_sq" in state for state in other.state.values())


def test_a_memory_takes_the_dtype_of_its_parameter():
    params, _, saved = after("Adam")
    for dtype in (torch.float32, torch.bfloat16):
        others = [torch.nn.Parameter(p.detach().to(dtype)) for p in params]
        other = Adam(others)
        other.load_state_dict(saved)
        assert {m.dtype for s in other.state.values() for m in s.values() if isinstance(m, torch.Tensor)} == {
            dtype
        }
        assert other.state[others[0]]["step"] == 3


def test_in_float16_an_epsilon_that_is_0_is_told():
    x = torch.nn.Parameter(torch.ones(2, dtype=torch.float16))
    x.grad = torch.zeros_like(x)
    with pytest.warns(UserWarning, match="eps=1e-08 is 0 in float16, the dtype of parameter 0"):
        Adam([x]).step()
    assert x.isnan().all()  # as torch's
    y = torch.nn.Parameter(torch.ones(2, dtype=torch.float16))
    y.grad = torch.zeros_like(y)
    Adam([y], eps=1e-4).step()
    assert y.eq(1).all()


def test_a_group_after_loading_has_the_callers_defaults():
    *_, saved = after("Momentum")
    optimizer = Momentum(parameters(), lr=0.5, momentum=0.25, engine="compiled")
    optimizer.load_state_dict(saved)
    optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))]})
    first, second = optimizer.param_groups
    assert (first["momentum"], second["momentum"]) == (0.9, 0.25)
    assert first["engine"] == second["engine"] == "compiled"


def test_a_pickle_of_an_older_version_takes_the_missing_options():
    params, optimizer, _ = after("SGD")
    state = copy.deepcopy(optimizer.__getstate__())
    for options in (state["defaults"], *state["param_groups"]):
        del options["error_if_nonfinite"], options["engine"]
    old = SGD.__new__(SGD)
    old.__setstate__(state)
    assert old.param_groups[0]["engine"] == old.defaults.get("engine", "eager") == "eager"
    run(old, old.param_groups[0]["params"], steps=1)
    run(pickle.loads(pickle.dumps(old)), params, steps=1)


def test_a_look_at_a_state_leaves_nothing_in_a_state_dict():
    params = parameters()
    for optimizer in (Adam(params), SGD(params)):
        for p in params:
            assert not optimizer.state[p]
        assert optimizer.state_dict()["state"] == {}
        with pytest.raises(ValueError, match="remembers nothing yet"):
            state_bytes(optimizer)
    torch.optim.Adam(params).load_state_dict(Adam(params).state_dict())


def test_torchs_own_optimizer_takes_what_it_does_not_know():
    (params, ours), (others, theirs) = beside("Adam")
    run(ours, params, steps=3)
    theirs.load_state_dict(ours.state_dict())
    assert theirs.param_groups[0]["engine"] == "eager"
    assert [int(theirs.state[p]["step"]) for p in others] == [3, 3, 3]


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (None, TypeError, "got NoneType"),
        ([], TypeError, "got list"),
        ({}, ValueError, "this one has nothing"),
        ({"model": {}, "optimizer": {}}, ValueError, "this one has model, optimizer"),
        ({"state": 3, "param_groups": []}, TypeError, "its state is a dict of dicts"),
        ({"state": {0: 3}, "param_groups": []}, TypeError, "its state is a dict of dicts"),
        ({"state": {}, "param_groups": 3}, TypeError, "its param_groups is a list of dicts"),
        ({"state": {}, "param_groups": [3]}, TypeError, "its param_groups is a list of dicts"),
        ({"state": {}, "param_groups": [{"lr": 0.1}]}, TypeError, "its param_groups is a list of dicts"),
    ],
)
def test_what_is_no_state_dict_is_refused_and_nothing_changes(wrong, error, words):
    model = torch.nn.Linear(2, 2)
    kinds = (Adam, LBFGS, Shampoo)
    for optimizer in (*(kind(model.parameters(), lr=0.5) for kind in kinds), KFAC(model, torch.nn.MSELoss())):
        before = copy.deepcopy(optimizer.state_dict())
        with pytest.raises(error, match=f"load_state_dict takes what .* returned, .*{words}"):
            optimizer.load_state_dict(wrong)
        assert optimizer.state_dict() == before
