"""A sweep's trajectories are those of solo runs, whichever way it goes, and its line says which and why."""

import math
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from book.errors import BookError
from book.optim import SGD, AdaDelta, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp
from book.optim.adagrad_norm import AdaGradNorm
from book.optim.schedules import cosine, exponential
from book.training import solo, stacked, sweep
from book.training.batches import Batches
from book.training.data import load
from book.training.fit import fit
from book.training.models import mlp
from book.training.networks import seeded

DATA, TEST = (data[:210] for data in load("mnist"))
BATCH, EPOCHS = 50, 2  # five steps an epoch, the last one on 10 images
CASES = {
    "SGD": (SGD, {"lr": (0.05, 0.3), "weight_decay": (0.0, 0.1)}),
    "Momentum": (Momentum, {"lr": (0.05, 0.01), "momentum": (0.5, 0.9)}),
    "Nesterov": (Nesterov, {"momentum": (0.0, 0.9), "maximize": (True, True)}),
    "AdaGrad": (AdaGrad, {"initial_accumulator_value": (0.0, 0.3), "lr_decay": (0.0, 0.1)}),
    "AdaGradNorm": (AdaGradNorm, {"lr": (0.1, 0.5), "weight_decay": (0.1, 0.0)}),
    "RMSProp": (RMSProp, {"lr": (1e-3, 2e-4), "momentum": (0.0, 0.9), "alpha": (0.9, 0.99)}),
    "centred": (RMSProp, {"lr": (1e-3, 2e-3), "centered": (True, True), "eps": (1e-3, 1e-2)}),
    "AdaDelta": (AdaDelta, {"rho": (0.9, 0.95), "eps": (1e-6, 1e-5)}),
    "Adam": (Adam, {"lr": (1e-3, 4e-3), "betas": ((0.9, 0.999), (0.8, 0.999)), "weight_decay": (0, 0.1)}),
    "amsgrad": (Adam, {"amsgrad": (True, True), "eps": (1e-8, 1e-4)}),
    "AdamW": (AdamW, {"weight_decay": (0.0, 1.0)}),
}


def smooth(seed, dtype=torch.float32):
    """Without a kink, at which a rounding error could take another turn."""
    with seeded(seed):
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 6), nn.Tanh(), nn.Linear(6, 10)).to(dtype)


def in_double(seed):
    return smooth(seed, torch.float64)


def deep(seed):
    """Without a bound on what its hidden units give."""
    return mlp(784, 6, 10, seed=seed).double()


def of(hyper):
    """Two configurations, with seeds of their own, from pairs of values."""
    return [{"seed": 3 + k} | {name: pair[k] for name, pair in hyper.items()} for k in range(2)]


def run(make_model, rule, configuration):
    """The solo run of the book's own loop."""
    hyper = {name: value for name, value in configuration.items() if name not in ("seed", "schedule")}
    seed = configuration.get("seed", 0)
    model = make_model(seed)
    optimizer = rule(model.parameters(), **hyper)
    scheduler = LambdaLR(optimizer, configuration.get("schedule", lambda t: 1.0))
    dtype = next(model.parameters()).dtype
    batches = Batches(DATA, BATCH, seed=seed, dtype=dtype)
    test = SimpleNamespace(inputs=TEST.inputs.to(dtype), labels=TEST.labels)
    return model, optimizer, fit(model, batches, optimizer, EPOCHS, scheduler=scheduler, test=test)


def all_the_way(way, make_model, rule, configurations):
    """Without a choice: stacked, or one by one."""
    members = [solo.member(make_model, rule, configuration) for configuration in configurations]
    feed = solo.Feed(DATA, BATCH, next(members[0].model.parameters()))
    if way == "stacked":
        sweep.advance_stacked(members, feed, EPOCHS * feed.steps, TEST)
    else:
        for some in members:
            solo.advance(solo.Solo(some, feed), EPOCHS * feed.steps, TEST)
    return members


def difference(some, make_model, rule):
    """The largest between a member and its solo run, relative to each tensor's largest entry."""
    model, optimizer, history = run(make_model, rule, some.configuration)
    assert len(some.history.losses) == some.taken == len(history.losses) == 5 * EPOCHS
    assert len(some.history.seconds) == EPOCHS
    assert some.history.test_losses == pytest.approx(history.test_losses, rel=1e-6)
    assert some.history.test_accuracies == pytest.approx(history.test_accuracies, abs=0.006)  # one image
    pairs = [(torch.tensor(some.history.losses), torch.tensor(history.losses))]
    for x, y in zip(some.model.parameters(), model.parameters(), strict=True):
        mine, theirs = some.optimizer.state[x], optimizer.state[y]
        assert mine["step"] == theirs["step"]
        pairs += [(mine[name], theirs[name]) for name in rule.memory if name in theirs]
        pairs.append((x.detach(), y.detach()))
    return max(((ours - theirs).abs().max() / theirs.abs().max()).item() for ours, theirs in pairs)


@pytest.mark.parametrize("case", CASES)
def test_each_rule_takes_the_steps_of_its_solo_runs(case):
    rule, hyper = CASES[case]
    for make_model, tolerance in ((smooth, 1e-5), (in_double, 1e-12)):
        members = all_the_way("stacked", make_model, rule, of(hyper))
        assert max(difference(some, make_model, rule) for some in members) < tolerance


@pytest.mark.parametrize("case", CASES)
def test_one_by_one_is_the_solo_run_bit_for_bit(case):
    rule, hyper = CASES[case]
    members = all_the_way("one by one", smooth, rule, of(hyper))
    assert [difference(some, smooth, rule) for some in members] == [0, 0]


@pytest.mark.parametrize("way", ["stacked", "one by one"])
def test_each_member_follows_its_own_schedule(way):
    configurations = [
        {"lr": 0.02, "schedule": cosine(10)},
        {"lr": 0.01},
        {"lr": 0.01, "schedule": exponential(0.7), "seed": 1},
    ]
    members = all_the_way(way, in_double, Momentum, configurations)
    assert max(difference(some, in_double, Momentum) for some in members) < 1e-12


def test_one_order_for_all_is_not_gathered_for_each():
    """With one seed the images of a batch are the same for all; with two seeds each has its own."""
    for seeds, shape in (((4, 4), (BATCH,)), ((4, 5), (2, BATCH))):
        feed = solo.Feed(DATA, BATCH, torch.zeros(()))
        assert feed.batches(seeds, 0)[0].shape == shape
        members = all_the_way("stacked", in_double, SGD, [{"seed": seed, "lr": 0.1} for seed in seeds])
        assert max(difference(some, in_double, SGD) for some in members) < 1e-12


def test_a_test_set_in_parts_is_the_whole(monkeypatch):
    whole = all_the_way("stacked", in_double, SGD, of({"lr": (0.1, 0.2)}))
    monkeypatch.setattr(stacked, "AT_ONCE", 40)  # 20 images at a time, the last time 10
    parts = all_the_way("stacked", in_double, SGD, of({"lr": (0.1, 0.2)}))
    for a, b in zip(whole, parts, strict=True):
        assert a.history.test_losses == pytest.approx(b.history.test_losses, rel=1e-13)
        assert a.history.test_accuracies == b.history.test_accuracies


@pytest.mark.parametrize("way", ["stacked", "one by one"])
@pytest.mark.parametrize("where", [0, 1, 2])
def test_one_that_diverges_disturbs_no_other(way, where):
    configurations = [{"lr": 0.01, "seed": k} for k in range(3)]
    configurations[where]["lr"] = 1e200
    for k, some in enumerate(all_the_way(way, deep, SGD, configurations)):
        if k == where:
            *before, last = some.history.losses
            assert some.diverged
            assert before
            assert all(map(math.isfinite, before))
            assert not math.isfinite(last)
            assert some.history.test_losses == []
        else:
            assert not some.diverged
            assert difference(some, deep, SGD) < 1e-12


# The choice: how long a step takes is told to it here, so that it has to choose one way or the other.


def told(monkeypatch, **seconds):
    """Let the clock show, for each step of a `Solo` or a `Stack`, the seconds that are given."""
    clock = [0.0]
    monkeypatch.setattr(solo, "perf_counter", lambda: clock[0])
    for kind, of_kind in ((solo.Solo, seconds["solo"]), (stacked.Stack, seconds["stack"])):

        def steps(self, epoch, first, last, inner=kind.steps, of_kind=of_kind):
            clock[0] += of_kind * (last - first)
            return inner(self, epoch, first, last)

        monkeypatch.setattr(kind, "steps", steps)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        ({"solo": 1.0, "stack": 1.9}, "stacked: 950 ms a step and member stacked, 1e+03 ms alone"),
        ({"solo": 1.0, "stack": 2.1}, "one by one: 1.05e+03 ms a step and member stacked, 1e+03 ms alone"),
    ],
)
def test_the_faster_way_is_taken_and_changes_nothing(monkeypatch, capsys, seconds, words):
    told(monkeypatch, **seconds)
    configurations = [{"lr": lr, "seed": k} for k, lr in enumerate((1e-3, 2e-3, 3e-3))]
    members = sweep.sweep(in_double, DATA, Adam, configurations, EPOCHS, BATCH, TEST)
    assert capsys.readouterr().err == f"Sweep of 3, {words}.\n"
    assert max(difference(some, in_double, Adam) for some in members) < 1e-11
    after = seconds["stack"] / 3 if words.startswith("stacked") else seconds["solo"]
    assert [sum(some.history.seconds) for some in members] == pytest.approx(
        [5 * seconds["solo"] + 5 * after] + 2 * [5 * seconds["stack"] / 2 + 5 * after]
    )


def test_no_step_is_taken_twice_and_none_left_out(monkeypatch):
    told(monkeypatch, solo=1.0, stack=0.1)
    seen = []
    inner = solo.advance

    def advance(way, until, test=None):
        for some in way.members:
            seen.extend((some.seed, t) for t in range(some.taken, until))
        return inner(way, until, test)

    monkeypatch.setattr(sweep, "advance", advance)
    sweep.sweep(smooth, DATA, SGD, [{"seed": k} for k in range(3)], EPOCHS, BATCH)
    assert sorted(seen) == [(seed, t) for seed in range(3) for t in range(5 * EPOCHS)]


def test_other_work_on_the_machine_does_not_decide(monkeypatch, capsys):
    told(monkeypatch, solo=1.0, stack=0.1)
    slow = iter([30.0, 0.0, 30.0, 0.0, 0.0])
    inner = stacked.Stack.steps

    def steps(self, *where):
        solo.perf_counter.__closure__[0].cell_contents[0] += next(slow, 0.0)
        return inner(self, *where)

    monkeypatch.setattr(stacked.Stack, "steps", steps)
    sweep.sweep(smooth, DATA, SGD, [{}, {"lr": 0.1}], EPOCHS, BATCH)
    assert capsys.readouterr().err.startswith("Sweep of 2, stacked: 100 ms")


class Noisy(nn.Module):
    """With randomness of its own, which no layer's name gives away."""

    def __init__(self):
        super().__init__()
        self.inner = smooth(0)

    def forward(self, x):
        return self.inner(x + 0 * torch.rand_like(x))


def normalised(seed):
    return nn.Sequential(nn.Flatten(), nn.BatchNorm1d(784), *smooth(seed)[1:])


@pytest.mark.parametrize(
    ("make_model", "rule", "options", "words"),
    [
        (smooth, torch.optim.SGD, [{}, {"lr": 0.1}], "SGD has no formula that could be applied to a stack"),
        (normalised, SGD, [{}, {}], "the network has buffers, as batch normalisation has"),
        (smooth, Adam, [{"amsgrad": True}, {}], "amsgrad is not the same in all configurations"),
        (smooth, SGD, [{"maximize": True}, {}], "maximize is not the same in all configurations"),
        (smooth, SGD, [{}, {"error_if_nonfinite": True}], "error_if_nonfinite would stop all for one"),
        (lambda seed: Noisy(), SGD, [{}, {}], "torch cannot stack this network (vmap: called random"),
        (smooth, SGD, [{}], "too few steps to try both"),
    ],
)
def test_what_cannot_be_stacked_goes_one_by_one(capsys, make_model, rule, options, words):
    members = sweep.sweep(make_model, DATA, rule, options, EPOCHS, BATCH)
    assert capsys.readouterr().err.startswith(f"Sweep of {len(options)}, one by one: {words}")
    for some, configuration in zip(members, options, strict=True):
        model, _, history = run(make_model, rule, configuration)
        assert some.history.losses == history.losses
        assert all(map(torch.equal, some.model.state_dict().values(), model.state_dict().values()))


def test_an_error_after_the_first_steps_is_not_swallowed(monkeypatch):
    def step(self, *where):
        raise RuntimeError("out of luck")

    told(monkeypatch, solo=1.0, stack=0.1)
    inner = stacked.Stack._step
    monkeypatch.setattr(stacked.Stack, "_step", lambda self, batch, t: (step if t else inner)(self, batch, t))
    with pytest.raises(RuntimeError, match="out of luck"):
        sweep.sweep(smooth, DATA, SGD, [{}, {}], EPOCHS, BATCH)


def test_the_global_generator_stays_as_it_was():
    before = torch.get_rng_state()
    sweep.sweep(smooth, DATA, SGD, of({"lr": (0.1, 0.2)}), EPOCHS, BATCH)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("error", "words", "wrong"),
    [
        (BookError, "A sweep needs configurations, as", {"configurations": []}),
        (ValueError, "epochs start at 1; got 0", {"epochs": 0}),
        (ValueError, "batch_size starts at 1; got 0", {"batch_size": 0}),
        (TypeError, "Adam has no option momentum", {"configurations": [{"momentum": 0.9}]}),
        (ValueError, "Invalid learning rate: -1", {"configurations": [{"lr": 0.1}, {"lr": -1}]}),
    ],
)
def test_bad_input(error, words, wrong):
    given = {"configurations": [{}, {}], "epochs": 1, "batch_size": BATCH} | wrong
    with pytest.raises(error, match=words):
        sweep.sweep(smooth, DATA, Adam, **given)
