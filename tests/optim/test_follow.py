"""An optimizer that follows a schedule takes each step at the rate of that step's number."""

import copy
import io
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR

from book.optim import SGD, Momentum, TrustRegion
from book.optim.follow import follow
from book.optim.schedules import constant, exponential, warmup_cosine
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import train
from tests.cases import each


@pytest.mark.parametrize("make", [torch.optim.SGD, Momentum])
def test_each_step_has_the_factor_of_its_number(make):
    factor = warmup_cosine(3, 10)
    x = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = make([x], lr=0.5, momentum=0.0)
    follow(optimizer, factor)
    x.grad = torch.ones(1, dtype=torch.float64)
    for t in range(12):
        before = x.item()
        optimizer.step()
        assert before - x.item() == pytest.approx(0.5 * factor(t), abs=1e-12)


@pytest.mark.filterwarnings("error")
def test_the_training_loop_follows_without_knowing_it():
    data, _ = load("mnist")
    models = [mlp(784, 4, 10).double() for _ in range(2)]
    optimizers = [torch.optim.SGD(model.parameters(), lr=0.1) for model in models]
    follow(optimizers[0], lambda t: 0.5**t)
    train(models[0], data[:96], optimizers[0], epochs=1, batch_size=32)
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(96, generator=generator)
    for t, batch in enumerate(order.split(32)):  # the same by hand
        optimizers[1].param_groups[0]["lr"] = 0.1 * 0.5**t
        optimizers[1].zero_grad()
        logits = models[1](data.inputs[:96][batch].double())
        torch.nn.functional.cross_entropy(logits, data.labels[:96][batch]).backward()
        optimizers[1].step()
    for a, b in zip(models[0].parameters(), models[1].parameters(), strict=True):
        assert torch.allclose(a, b, rtol=1e-12, atol=1e-14)


def test_the_state_tells_how_far_it_is():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = follow(optimizer, lambda t: 1 / (1 + t))
    for _ in range(4):
        optimizer.step()
    assert scheduler.state_dict()["last_epoch"] == 4
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.2)


def one(make=SGD, lr=0.8):
    x = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    x.grad = torch.ones_like(x)
    return x, make([x], lr=lr)


both = pytest.mark.parametrize("make", [torch.optim.SGD, SGD])


@both
@pytest.mark.parametrize("earlier", [follow, LambdaLR])
def test_the_present_rate_is_multiplied_whatever_an_earlier_scheduler_left(make, earlier):
    (_, old), (_, new) = one(make), one(make, lr=0.01)
    scheduler = earlier(old, exponential(0.5))
    old.step()
    if earlier is LambdaLR:
        scheduler.step()
    new.load_state_dict(old.state_dict())
    assert new.param_groups[0]["lr"] == 0.4
    new.param_groups[0]["lr"] = 0.01
    follow(new, constant())
    assert new.param_groups[0]["lr"] == 0.01
    new.step()
    assert new.param_groups[0]["lr"] == 0.01


@both
@pytest.mark.parametrize("rate", [None, 0.2, torch.tensor(0.2, dtype=torch.float64)])
def test_a_group_added_on_the_way_follows_from_there_on(make, rate):
    x, optimizer = one(make)
    follow(optimizer, exponential(0.5))
    optimizer.step()
    y, rate = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64)), copy.deepcopy(rate)
    y.grad = torch.ones_like(y)
    optimizer.add_param_group({"params": [y]} | ({} if rate is None else {"lr": rate}))
    optimizer.step()
    base = 0.8 if rate is None else 0.2
    assert (x.item(), y.item()) == pytest.approx((-1.2, -base / 2))
    optimizer.step()
    assert (x.item(), y.item()) == pytest.approx((-1.4, -base * 3 / 4))


@both
def test_a_group_that_shares_a_rate_in_a_tensor_shares_what_is_multiplied(make):
    x, optimizer = one(make, lr=torch.tensor(0.8, dtype=torch.float64))
    follow(optimizer, exponential(0.5))
    optimizer.step()
    y = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    y.grad = torch.ones_like(y)
    optimizer.add_param_group({"params": [y]})
    optimizer.step()
    assert (x.item(), y.item()) == pytest.approx((-1.2, -0.4))


def test_a_group_that_has_gone_is_told_before_anything_moves():
    x, optimizer = one()
    optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))]})
    scheduler = follow(optimizer, exponential(0.5))
    saved = scheduler.state_dict()
    del optimizer.param_groups[1]
    with pytest.raises(
        ValueError, match="knows 2 parameter groups and the optimizer has 1; call follow anew"
    ):
        optimizer.step()
    assert x.item() == 0
    with pytest.raises(ValueError, match="call follow anew"):
        follow(optimizer, exponential(0.5)).load_state_dict(saved)


def test_a_second_schedule_takes_the_place_of_the_first():
    _, optimizer = one()
    follow(optimizer, exponential(0.5))
    optimizer.step()
    asked = []
    follow(optimizer, lambda t: asked.append(t) or 1.0)
    for _ in range(3):
        optimizer.step()
    assert optimizer.param_groups[0]["lr"] == 0.4
    assert asked[-3:] == [1, 2, 3]


class Halving:
    """A schedule that torch saves with the scheduler: an object with attributes."""

    def __init__(self, factor=0.5):
        self.factor = factor

    def __call__(self, t):
        return self.factor**t


@each("first", ["scheduler", "optimizer"])
@each("late", [False, True])
@each("schedule", [exponential, Halving])
def test_a_run_goes_on_at_the_rate_that_was_due(first, late, schedule):
    """Loaded in either order, and followed before the optimizer is loaded or after."""
    x, optimizer = one()
    scheduler = follow(optimizer, schedule(0.5))
    optimizer.step()
    y = torch.nn.Parameter(x.detach().clone())
    optimizer.add_param_group({"params": [y], "lr": 0.2})
    y.grad = torch.ones_like(y)
    optimizer.step()
    saved = {"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
    saved = copy.deepcopy(saved)

    new = SGD([{"params": [torch.nn.Parameter(p.detach().clone())]} for p in (x, y)], lr=0.01)
    if late:
        new.load_state_dict(saved["optimizer"])
    other = follow(new, schedule(0.5))
    if first == "optimizer":
        new.load_state_dict(saved["optimizer"])
    other.load_state_dict(saved["scheduler"])
    new.load_state_dict(saved["optimizer"])
    assert other.state_dict() == saved["scheduler"]
    for _ in range(3):
        assert [g["lr"] for g in new.param_groups] == [g["lr"] for g in optimizer.param_groups]
        assert other.get_last_lr() == scheduler.get_last_lr()
        new.step()
        optimizer.step()


def test_a_copy_of_the_optimizer_follows_nothing():
    _, optimizer = one()
    follow(optimizer, exponential(0.5))
    optimizer.step()
    twin = copy.deepcopy(optimizer)
    twin.step()
    assert twin.param_groups[0]["lr"] == 0.4
    optimizer.step()
    assert optimizer.param_groups[0]["lr"] == 0.2


@pytest.mark.parametrize("factor", [np.float32(0.5), np.float64(0.5), torch.tensor(0.5), Fraction(1, 2)])
def test_a_factor_may_be_any_real_number_and_the_rate_stays_a_plain_one(factor):
    _, optimizer = one()
    scheduler = follow(optimizer, lambda t: factor)
    assert optimizer.param_groups[0]["lr"] == 0.4
    assert type(optimizer.param_groups[0]["lr"]) is float
    torch.save(scheduler.state_dict(), io.BytesIO())


@pytest.mark.parametrize("factor", [None, "0.5", True, 1j, math.nan, math.inf, -0.5])
def test_a_factor_that_is_none_is_refused_at_once_or_after_a_whole_step(factor):
    x, optimizer = one()
    with pytest.raises((TypeError, ValueError), match="The schedule's factor at step 0 must be a"):
        follow(optimizer, lambda t: factor)
    assert "step" not in vars(optimizer)
    follow(optimizer, lambda t: 1.0 if t < 2 else factor)
    optimizer.step()
    with pytest.raises((TypeError, ValueError), match="The schedule's factor at step 2 must be a"):
        optimizer.step()
    assert x.item() == pytest.approx(-1.6)


@pytest.mark.parametrize("wrong", [(exponential(0.5), None), (None, exponential(0.5)), (one()[1], 0.5)])
def test_what_is_no_optimizer_or_no_schedule_is_refused(wrong):
    with pytest.raises(TypeError, match="follow takes an optimizer and a function of the step's number"):
        follow(*wrong)


def test_a_method_without_a_rate_has_nothing_to_multiply():
    with pytest.raises(ValueError, match="TrustRegion has no learning rate that a schedule could multiply"):
        follow(TrustRegion([torch.nn.Parameter(torch.ones(2))]), exponential(0.5))


@each("wrong", [None, [], {}, {"base_lrs": [0.1]}, SGD([torch.ones(1)], lr=0.1).state_dict()])
def test_what_is_no_state_of_a_schedule_is_told_and_nothing_changes(wrong):
    optimizer = SGD([torch.ones(1)], lr=0.8)
    scheduler = follow(optimizer, lambda t: 1 / (1 + t))
    optimizer.step()
    with pytest.raises(TypeError, match=r"takes what the state_dict\(\) of one returned"):
        scheduler.load_state_dict(wrong)
    assert optimizer.param_groups[0]["lr"] == 0.4
    assert scheduler.last_epoch == 1
