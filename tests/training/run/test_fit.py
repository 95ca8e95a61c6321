"""The project's loop takes the steps that a hand-written one takes, and ends at once where it diverges."""

import math
from contextlib import nullcontext

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils._python_dispatch import TorchDispatchMode

from book.optim import AdaHessian, Nesterov, TrustRegion
from book.training.data.batches import Batches
from book.training.data.load import load
from book.training.models import mlp
from book.training.run import fit as module
from book.training.run.fit import fit
from book.training.run.loop import evaluate
from book.training.surface.flat import flat_parameters
from tests.training.small_run import SmallRun, told

DATA, TEST = load("mnist")


def sgd(model, lr=0.1):
    return torch.optim.SGD(model.parameters(), lr=lr)


def test_each_step_is_the_formula():
    """One linear layer, its gradient written out by hand: (softmax(z) - onehot) xᵀ / B."""
    model, batches = mlp(784, 10).double(), Batches(DATA[:200], 64, seed=5, dtype=torch.float64)
    history = fit(model, batches, sgd(model), 2)

    start = mlp(784, 10).double()
    W, b = start[1].weight.detach(), start[1].bias.detach()
    losses = []
    for x, y in (batch for epoch in range(2) for batch in batches.epoch(epoch)):
        x, y = x.flatten(1), torch.eye(10).double()[y]
        log_p = torch.log_softmax(x @ W.T + b, dim=1)
        losses.append(-(log_p * y).sum().item() / len(x))
        error = (log_p.exp() - y) / len(x)
        W, b = W - 0.1 * error.T @ x, b - 0.1 * error.sum(0)
    assert history.losses == pytest.approx(losses, rel=1e-12)
    assert history.ends == [4, 8]
    torch.testing.assert_close(model[1].weight.detach(), W, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(model[1].bias.detach(), b, rtol=1e-10, atol=1e-12)


@pytest.mark.long
@pytest.mark.parametrize(
    "optimizer",
    [
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
        lambda p: torch.optim.Adam(p, lr=1e-3),
        lambda p: torch.optim.LBFGS(p, max_iter=4, line_search_fn="strong_wolfe"),
        lambda p: Nesterov(p, lr=0.05),
        lambda p: TrustRegion(p, max_iter=4),
        lambda p: AdaHessian(p, lr=0.05),
    ],
    ids=["momentum", "adam", "lbfgs", "nesterov", "trust region", "AdaHessian"],
)
def test_any_optimizer_learns(optimizer):
    model = mlp(784, 64, 10)
    history = fit(model, Batches(DATA, 250), optimizer(model.parameters()), 3, test=TEST)
    assert len(history.losses) == 3 * 6
    assert len(history.test_losses) == len(history.test_accuracies) == len(history.seconds) == 3
    assert history.losses[0] == pytest.approx(2.3, abs=0.15)  # ln 10 and the spread of the start
    assert history.losses[-1] < 1
    assert history.test_accuracies[-1] > 0.75
    assert (history.test_losses[-1], history.test_accuracies[-1]) == evaluate(model, TEST)


def test_the_scheduler_moves_on_after_each_step():
    model = mlp(784, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler, rates = OneCycleLR(optimizer, max_lr=0.5, total_steps=24), []
    optimizer.register_step_post_hook(lambda *_: rates.append(optimizer.param_groups[0]["lr"]))
    fit(model, Batches(DATA), optimizer, 2, scheduler=scheduler)

    lone = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1, momentum=0.9)
    expected, other = [], OneCycleLR(lone, max_lr=0.5, total_steps=24)
    for _ in range(24):
        expected.append(lone.param_groups[0]["lr"])
        lone.step()
        other.step()
    assert rates == expected


def test_dropout_is_on_in_training_and_off_in_a_test():
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(784, 10)).eval()
    modes = []
    model.register_forward_pre_hook(lambda *_: modes.append(model.training))
    fit(model, Batches(DATA[:64], 32), sgd(model), 2, test=TEST)
    assert modes == [True, True, False] * 2


def test_a_run_that_diverges_ends_at_once():
    model = mlp(784, 32, 10)
    history = fit(model, Batches(DATA), sgd(model, lr=1e7), 5, test=TEST)
    assert history.diverged
    assert 1 < len(history.losses) < 12
    assert [math.isfinite(loss) for loss in history.losses] == [True] * (len(history.losses) - 1) + [False]
    assert history.test_losses == history.ends == []
    assert len(history.seconds) == 1


def test_a_last_step_into_the_void_is_seen_by_the_test():
    model = mlp(784, 10)
    history = fit(model, Batches(DATA[:32], 32), sgd(model, lr=math.inf), 3, test=TEST)
    assert history.diverged
    assert len(history.losses) == len(history.test_losses) == 1


@pytest.mark.parametrize("look", [3, 50])
def test_a_device_that_works_ahead_ends_with_the_same_run(monkeypatch, tmp_path, look):
    plain, ahead = SmallRun(), SmallRun()
    expected = plain.fit()
    monkeypatch.setitem(module.LOOK, "cpu", look)
    assert told(ahead.fit(tmp_path / "run", every=5)) == told(expected)
    assert torch.equal(flat_parameters(ahead.model), flat_parameters(plain.model))


def test_a_device_that_works_ahead_tells_the_first_loss_that_is_not_finite(monkeypatch):
    def run():
        model = mlp(784, 32, 10)
        return fit(model, Batches(DATA), sgd(model, lr=1e7), 5)

    expected = run().losses
    monkeypatch.setitem(module.LOOK, "cpu", 50)
    assert len(run().losses) == len(expected)
    assert run().diverged


class Waits(TorchDispatchMode):
    """Counts what makes the host wait: each number that is read from a tensor."""

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += "_local_scalar_dense" in str(function) or "nonzero" in str(function)
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, Nesterov])
def test_the_host_waits_for_no_step(monkeypatch, optimizer):
    monkeypatch.setitem(module.LOOK, "cpu", 50)
    with Waits() as seen:
        run = SmallRun(lambda parameters: optimizer(parameters, lr=0.1))
        before = seen.count
        run.fit(test=None)
    assert seen.count == before
    with Waits() as seen:
        torch.ones(1).item()
    assert seen.count == 1


def test_no_epoch():
    with pytest.raises(ValueError, match=r"^epochs start at 1; got 0.$"):
        SmallRun().fit(epochs=0)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_it_trains_alike_whatever_mode_surrounds_it(mode):
    ends = []
    for around in (nullcontext, mode):
        model, batches = mlp(784, 10), Batches(DATA[:64], 32)
        optimizer = sgd(model)
        with around():
            history = fit(model, batches, optimizer, 1, test=TEST[:10])
        ends.append((history.losses, history.test_losses, flat_parameters(model)))
    assert ends[0][:2] == ends[1][:2]
    assert torch.equal(ends[0][2], ends[1][2])
    assert not ends[1][2].is_inference()
