"""A small run with everything that a checkpoint must hold: dropout, batch normalisation, a schedule."""

import signal
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from book.bench.kills import as_made
from book.training.data.augment import Augment
from book.training.data.batches import Batches
from book.training.data.load import load
from book.training.models import seeded
from book.training.run.checkpoint import Keep
from book.training.run.fit import fit

DATA, TEST = (half[:120] for half in load("mnist"))
STEPS = 4  # of an epoch


def network(seed: int = 0, hidden: int = 12, dropout: float = 0.4) -> nn.Sequential:
    with seeded(seed):
        return nn.Sequential(
            nn.Flatten(),
            nn.Linear(784, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, 10),
        )


def sgd(parameters, lr: float = 0.1):
    return torch.optim.SGD(parameters, lr=lr, momentum=0.9)


class SmallRun:
    """All arguments of `fit`, made anew from their seeds."""

    def __init__(self, optimizer=sgd, factor=lambda t: 1 / (1 + t), model=None, **batches):
        chosen = {"data": DATA, "batch_size": 32, "augment": Augment(padding=2, flip=True), "seed": 3}
        self.model = network() if model is None else model
        self.batches = Batches(**chosen | batches)
        self.optimizer = optimizer(self.model.parameters())
        self.scheduler = LambdaLR(self.optimizer, factor)

    def fit(self, path=None, epochs=3, every=1, **options):
        torch.manual_seed(7)
        keep = path and Keep(path, every)
        chosen = {"scheduler": self.scheduler, "test": TEST, "keep": keep} | options
        return fit(self.model, self.batches, self.optimizer, epochs, **chosen)

    def state(self) -> list:
        """What the run has learnt, and what it would go on with."""
        return [
            self.model.state_dict(),
            as_made(self.optimizer.state_dict()),
            self.scheduler.state_dict(),
            torch.get_rng_state(),
        ]

    def signal_in_step(self, step: int, number: int = signal.SIGINT, times: int = 1) -> None:
        """Send signals when the optimizer is about to take a step, which is counted from 1 on."""
        taken = []

        def send(*_):
            taken.append(None)
            if len(taken) == step:
                for _ in range(times):
                    signal.raise_signal(number)

        self.optimizer.register_step_pre_hook(send)


def told(history) -> list:
    """A history without its times."""
    return [history.losses, history.test_losses, history.test_accuracies, history.ends]


def stopped(path: Path, step: int, make=SmallRun, **options) -> SmallRun:
    """A run that a signal ended at a step, counted from 1 on."""
    run = make()
    run.signal_in_step(step)
    with pytest.raises(KeyboardInterrupt):
        run.fit(path, **options)
    return run
