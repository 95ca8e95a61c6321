"""A stack takes the steps of the solo runs, each with its own numbers, and no member disturbs another."""

import math

import pytest
import torch
from torch import nn

from book.optim import SGD, AdaDelta, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp
from book.optim.adagrad_norm import AdaGradNorm
from book.optim.schedules import cosine, exponential
from book.training.models import seeded
from book.training.sweep import solo, stacked
from book.training.sweep.sweep import advance_stacked
from tests.training.solo_runs import BATCH, DATA, EPOCHS, TEST, deep, difference, in_double, run, smooth

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


def of(hyper):
    """Two configurations, with seeds of their own, from pairs of values."""
    return [{"seed": 3 + k} | {name: pair[k] for name, pair in hyper.items()} for k in range(2)]


def all_the_way(way, make_model, rule, configurations):
    """Without a choice: stacked, or one by one."""
    members = [solo.member(make_model, rule, configuration) for configuration in configurations]
    feed = solo.Feed(DATA, BATCH, next(members[0].model.parameters()), TEST)
    if way == "stacked":
        advance_stacked(members, feed, EPOCHS * feed.steps)
    else:
        for some in members:
            solo.advance(solo.Solo(some, feed), EPOCHS * feed.steps)
    return members


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


@pytest.mark.parametrize(("way", "tolerance"), [("stacked", 1e-12), ("one by one", 0)])
def test_convolutions(way, tolerance):
    def make_model(seed):
        with seeded(seed):
            layers = [nn.Conv2d(1, 2, 3), nn.Tanh(), nn.AvgPool2d(13), nn.Flatten(), nn.Linear(8, 10)]
            return nn.Sequential(*layers).double()

    members = all_the_way(way, make_model, Momentum, of({"lr": (0.1, 0.2)}))
    assert max(difference(some, make_model, Momentum) for some in members) <= tolerance


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
            _, _, history = run(deep, SGD, some.configuration)
            assert some.history.diverged
            assert [math.isfinite(loss) for loss in some.history.losses] == [True] * (
                len(history.losses) - 1
            ) + [False]
            assert some.history.losses[:-1] == pytest.approx(history.losses[:-1], rel=1e-12)
            assert some.history.test_losses == some.history.ends == []
            assert len(some.history.seconds) == 1
        else:
            assert not some.history.diverged
            assert difference(some, deep, SGD) < 1e-12


def test_when_all_have_diverged_no_further_epoch_is_computed(monkeypatch):
    epochs, inner = [], stacked.Stack.steps
    monkeypatch.setattr(
        stacked.Stack, "steps", lambda self, *where: epochs.append(where) or inner(self, *where)
    )
    members = all_the_way("stacked", deep, SGD, of({"lr": (1e200, 1e250)}))
    assert epochs == [(0, 0, 5)]
    assert [some.taken for some in members] == [5 * EPOCHS] * 2
    assert all(some.history.diverged for some in members)
