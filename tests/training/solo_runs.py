"""Small networks, their solo runs by the book's own loop, and how far a member of a sweep is from its own."""

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from book.training.data.batches import Batches
from book.training.data.load import load
from book.training.models import mlp, seeded
from book.training.run.fit import fit

DATA, TEST = (data[:210] for data in load("mnist"))
BATCH, EPOCHS = 50, 2  # five steps an epoch, the last one on 10 images


def smooth(seed, dtype=torch.float32):
    """Without a kink, at which a rounding error could take another turn."""
    with seeded(seed):
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 6), nn.Tanh(), nn.Linear(6, 10)).to(dtype)


def in_double(seed):
    return smooth(seed, torch.float64)


def deep(seed):
    """Without a bound on what its hidden units give."""
    return mlp(784, 6, 10, seed=seed).double()


def run(make_model, rule, configuration):
    """The solo run of the book's own loop."""
    hyper = {name: value for name, value in configuration.items() if name not in ("seed", "schedule")}
    seed = configuration.get("seed", 0)
    model = make_model(seed)
    optimizer = rule(model.parameters(), **hyper)
    scheduler = LambdaLR(optimizer, configuration.get("schedule", lambda t: 1.0))
    batches = Batches(DATA, BATCH, seed=seed, dtype=next(model.parameters()).dtype)
    return model, optimizer, fit(model, batches, optimizer, EPOCHS, scheduler=scheduler, test=TEST)


def difference(some, make_model, rule):
    """The largest between a member and its solo run, relative to each tensor's largest entry."""
    model, optimizer, history = run(make_model, rule, some.configuration)
    assert len(some.history.losses) == some.taken == len(history.losses) == 5 * EPOCHS
    assert len(some.history.seconds) == EPOCHS
    assert some.history.ends == history.ends
    assert some.history.test_accuracies == pytest.approx(history.test_accuracies, abs=0.006)  # one image
    pairs = [
        (torch.tensor(getattr(some.history, name)), torch.tensor(getattr(history, name)))
        for name in ("losses", "test_losses")
    ]
    for x, y in zip(some.model.parameters(), model.parameters(), strict=True):
        mine, theirs = some.optimizer.state[x], optimizer.state[y]
        assert mine["step"] == theirs["step"]
        pairs += [(mine[name], theirs[name]) for name in rule.memory if name in theirs]
        pairs.append((x.detach(), y.detach()))
    return max(((ours - theirs).abs().max() / theirs.abs().max()).item() for ours, theirs in pairs)
