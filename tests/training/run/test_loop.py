"""The training loop takes the steps that a hand-written one takes, with any torch optimizer."""

from itertools import chain

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import evaluate, train
from book.training.surface.flat import flat_parameters

DATA, TEST = load("mnist")


def sgd(model, lr=0.1):
    return torch.optim.SGD(model.parameters(), lr=lr)


def test_each_step_is_the_formula():
    """One linear layer, its gradient written out by hand: (softmax(z) - onehot) xᵀ / B."""
    model = mlp(784, 10).double()
    history = train(model, DATA[:200], sgd(model), epochs=2, batch_size=64, seed=5)

    start = mlp(784, 10).double()
    W, b = start[1].weight.detach(), start[1].bias.detach()
    x, y = DATA[:200].inputs.double().flatten(1), torch.eye(10).double()[DATA[:200].labels]
    generator, losses = torch.Generator().manual_seed(5), []
    for _ in range(2):
        order = torch.randperm(200, generator=generator)
        for first in range(0, 200, 64):
            some = order[first : first + 64]
            log_p = torch.log_softmax(x[some] @ W.T + b, dim=1)
            losses.append(-(log_p * y[some]).sum().item() / len(some))
            error = (log_p.exp() - y[some]) / len(some)
            W, b = W - 0.1 * error.T @ x[some], b - 0.1 * error.sum(0)
    assert history.losses == pytest.approx(losses, rel=1e-12)
    torch.testing.assert_close(model[1].weight.detach(), W, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(model[1].bias.detach(), b, rtol=1e-10, atol=1e-12)


def test_an_epoch_goes_once_through_all_images_in_a_new_order():
    class Seen(nn.Module):
        def __init__(self):
            super().__init__()
            self.bias = nn.Parameter(torch.zeros(10))
            self.batches = []

        def forward(self, x):
            self.batches.append(x[:, 0, 0, 0].tolist())
            return self.bias.expand(len(x), 10)

    data = DATA[:50]
    data.inputs[:, 0, 0, 0] = torch.arange(50)
    model = Seen()
    train(model, data, sgd(model), epochs=2, batch_size=20)
    assert [len(batch) for batch in model.batches] == [20, 20, 10] * 2
    first, second = (list(chain(*model.batches[i : i + 3])) for i in (0, 3))
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second


def test_the_seed_decides_and_the_global_generator_does_not():
    def run(seed):
        model = mlp(784, 16, 10)
        train(model, DATA[:300], sgd(model), epochs=1, seed=seed)
        return flat_parameters(model)

    torch.manual_seed(1)
    first = run(0)
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert torch.equal(run(0), first)
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(run(1), first)


@pytest.mark.long
@pytest.mark.parametrize(
    "optimizer",
    [
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
        lambda p: torch.optim.Adam(p, lr=1e-3),
        lambda p: torch.optim.LBFGS(p, max_iter=4, line_search_fn="strong_wolfe"),
    ],
    ids=["momentum", "adam", "lbfgs"],
)
def test_any_optimizer_learns(optimizer):
    model = mlp(784, 64, 10)
    history = train(model, DATA, optimizer(model.parameters()), epochs=3, batch_size=250, test=TEST)
    assert len(history.losses) == 3 * 6
    assert len(history.test_losses) == len(history.test_accuracies) == len(history.seconds) == 3
    assert history.ends == [6, 12, 18]
    assert history.losses[0] == pytest.approx(2.3, abs=0.15)  # ln 10 and the spread of the start
    assert history.losses[-1] < 0.8
    assert history.test_accuracies[-1] > 0.75
    assert (history.test_losses[-1], history.test_accuracies[-1]) == evaluate(model, TEST)


def test_without_a_test_set_nothing_is_evaluated():
    model = mlp(784, 10)
    history = train(model, DATA[:100], sgd(model), epochs=1)
    assert history.test_losses == history.test_accuracies == []


def test_a_diverging_run_is_told_as_it_is():
    model = mlp(784, 32, 10)
    losses = train(model, DATA, sgd(model, lr=1e6), epochs=2).losses
    assert not all(torch.tensor(losses).isfinite())


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"epochs": 1, "batch_size": 0}])
def test_numbers_below_one(wrong):
    model = mlp(784, 10)
    with pytest.raises(ValueError, match=r"^epochs and batch_size start at 1; got"):
        train(model, DATA, sgd(model), **wrong)


def test_evaluation_in_parts_is_the_mean_over_all(monkeypatch):
    monkeypatch.setattr("book.training.run.loop.AT_ONCE", 70)
    model = mlp(784, 16, 10)
    logits = model(TEST.inputs).detach()
    loss, accuracy = evaluate(model, TEST)
    assert loss == pytest.approx(cross_entropy(logits, TEST.labels).item(), rel=1e-6)
    assert accuracy == (logits.argmax(1) == TEST.labels).sum().item() / 500


def test_evaluation_uses_and_restores_the_mode():
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(784, 10))
    assert evaluate(model, TEST) == evaluate(model, TEST)  # no dropout
    assert model.training
    model.eval()
    evaluate(model, TEST)
    assert not model.training


def test_a_model_without_parameters_is_evaluated():
    _, test = load("mnist")
    loss, accuracy = evaluate(nn.Sequential(nn.Flatten(), nn.AdaptiveAvgPool1d(10)), test[:50])
    assert 0 < loss < 10
    assert 0 <= accuracy <= 1
