"""An optimizer that follows a schedule takes each step at the rate of that step's number."""

import pytest
import torch

from book.optim import Momentum
from book.optim.follow import follow
from book.optim.schedules import warmup_cosine
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import train


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
