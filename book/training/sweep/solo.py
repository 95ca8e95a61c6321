"""The members of a sweep, the images that their steps take, and how one of them goes on by itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from time import perf_counter

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from book.training.data.batches import Batches, generator_of, shuffled
from book.training.data.load import Data
from book.training.run.fit import evaluate
from book.training.run.history import History

NOT_HYPER = ("seed", "schedule")  # what a configuration holds beside the optimizer's hyperparameters


@dataclass
class Member:
    """One configuration of a sweep: its network, its optimizer, and what they have seen.

    Args:
        configuration: as it was given.
        model, optimizer: as far as they have come. Where the run diverged, they mean nothing.
        history: as `fit` writes it; of a run that diverged, up to the loss that became nan or inf.
        taken: how many steps it has taken.
    """

    configuration: dict
    model: nn.Module
    optimizer: torch.optim.Optimizer
    history: History = field(default_factory=History)
    taken: int = 0

    @property
    def seed(self) -> int:
        """Of the initial parameters and of the order of the images."""
        return self.configuration.get("seed", 0)

    def rate(self, t: int) -> float:
        """The learning rate of step t = 0, 1, 2, …"""
        return self.optimizer.defaults["lr"] * self.configuration.get("schedule", lambda t: 1.0)(t)

    def record(self, losses: list[float], seconds: float, new_epoch: bool) -> None:
        """Note the losses of some steps, up to the first that is not finite, and how long the steps took."""
        self.taken += len(losses)
        if not self.history.diverged:
            wrong = next((i for i, loss in enumerate(losses) if not isfinite(loss)), len(losses))
            self.history.losses += losses[: wrong + 1]
            self.history.seconds += [0.0] * new_epoch
            self.history.seconds[-1] += seconds

    def end_epoch(self, found: tuple[float, float] | None) -> None:
        """Note that an epoch is complete, and the test's loss and accuracy."""
        if not self.history.diverged:
            self.history.ends.append(self.taken)
            if found is not None:
                self.history.test_losses.append(found[0])
                self.history.test_accuracies.append(found[1])


def member(make_model: Callable[[int], nn.Module], rule: type, configuration: dict) -> Member:
    """A configuration before its first step.

    Args:
        make_model: from a seed to a network.
        rule: from parameters and hyperparameters to an optimizer over them.
        configuration: hyperparameters by name; "seed" and "schedule" beside them.
    """
    hyper = {name: value for name, value in configuration.items() if name not in NOT_HYPER}
    model = make_model(configuration.get("seed", 0))
    return Member(configuration, model, rule(model.parameters(), **hyper))


class Feed:
    """All images on one device, and which of them each step takes.

    The order is that of `Batches` with the same seed.

    Args:
        data: images and labels.
        batch_size: B, at least 1.
        like: a parameter, whose device and dtype the inputs get.
        test: evaluated after each epoch.
    """

    def __init__(self, data: Data, batch_size: int, like: Tensor, test: Data | None = None):
        batched = partial(Batches, batch_size=batch_size, device=like.device, dtype=like.dtype)
        batches, self.test = batched(data), batched(test) if test else None
        self.inputs, self.labels = batches.inputs, batches.labels
        self.batch_size, self.steps = batch_size, len(batches)
        self.latest = {}

    def batches(self, seeds: tuple[int, ...], epoch: int) -> tuple[Tensor, ...]:
        """The numbers of the images of each batch of an epoch, shape (B,); (K, B) where the seeds differ."""
        if self.latest.get(seeds, (None,))[0] != epoch:
            orders = {seed: shuffled(len(self.labels), generator_of(seed, epoch)) for seed in seeds}
            one, *others = orders.values()
            order = torch.stack([orders[seed] for seed in seeds]) if others else one
            self.latest[seeds] = epoch, order.to(self.labels.device).split(self.batch_size, dim=-1)
        return self.latest[seeds][1]


class Solo:
    """One member by itself, with its own optimizer.

    Args:
        only: the member.
        feed: what it trains on.
    """

    def __init__(self, only: Member, feed: Feed):
        self.members, self.feed = [only], feed

    def steps(self, epoch: int, first: int, last: int) -> Tensor:
        """Take the steps `first` to `last` - 1 of an epoch; their losses, shape (1, last - first)."""
        [only] = self.members
        batches = self.feed.batches((only.seed,), epoch)[first:last]
        only.model.train()
        return torch.stack([self._step(only, batch, t) for t, batch in enumerate(batches, only.taken)])[None]

    def evaluate(self, inputs: Tensor, labels: Tensor) -> list[tuple[float, float]]:
        """Loss and accuracy of each member."""
        return [evaluate(only.model, inputs, labels) for only in self.members]

    def _step(self, only: Member, batch: Tensor, t: int) -> Tensor:
        inputs, labels = self.feed.inputs[batch], self.feed.labels[batch]
        if "schedule" in only.configuration:
            only.optimizer.param_groups[0]["lr"] = only.rate(t)

        def closure() -> Tensor:
            only.optimizer.zero_grad()
            loss = cross_entropy(only.model(inputs), labels)
            loss.backward()
            return loss

        # pyrefly: ignore[no-matching-overload]  torch's types ask for a float, its methods take a tensor
        return only.optimizer.step(closure).detach()


def advance(way, until: int) -> float:
    """Bring members to the same step, or to the end of the epoch in which the last of them diverged.

    Args:
        way: a `Solo` or a `Stack`.
        until: the number of steps that they have taken afterwards.

    Returns:
        Seconds a step, testing left out; of a stack, for all its members.
    """
    seconds = steps = 0
    while way.members[0].taken < until and not (steps and all(some.history.diverged for some in way.members)):
        epoch, first = divmod(way.members[0].taken, way.feed.steps)
        last = min(way.feed.steps, first + until - way.members[0].taken)
        start = perf_counter()
        losses = way.steps(epoch, first, last).tolist()  # the host waits for the device here
        spent = perf_counter() - start
        seconds, steps = seconds + spent, steps + last - first
        for some, of_one in zip(way.members, losses, strict=True):
            some.record(of_one, spent / len(losses), new_epoch=first == 0)
        if last == way.feed.steps:
            _end_epoch(way)
    for some in way.members:
        some.taken = until
    return seconds / max(steps, 1)


def _end_epoch(way) -> None:
    test = way.feed.test
    found = way.evaluate(test.inputs, test.labels) if test else [None] * len(way.members)
    for some, of_one in zip(way.members, found, strict=True):
        some.end_epoch(of_one)
