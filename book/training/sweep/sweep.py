"""Many configurations of one network, trained together or one by one, whichever is faster."""

import sys
from collections.abc import Callable

import torch
from torch import nn

from book.errors import BookError
from book.training.data.load import Data
from book.training.sweep.solo import Feed, Member, Solo, advance, member
from book.training.sweep.stacked import Stack, obstacle

PROBE = 5  # steps that are timed


def sweep(
    make_model: Callable[[int], nn.Module],
    data: Data,
    rule: type[torch.optim.Optimizer],
    configurations: list[dict],
    epochs: int,
    batch_size: int = 128,
    test: Data | None = None,
) -> list[Member]:
    """Train a network for each configuration; small ones all at once.

    Each trajectory is that of its solo run: of `fit` with `make_model(seed)`, `Batches(data, batch_size,
    seed=seed)` and `rule(model.parameters(), lr=…, …)`. Stacked sums round in another order. The difference
    grows as any other does: fast where a rate makes training unstable, at once where a ReLU's input is 0 up
    to rounding. One that diverges disturbs no other.

    The first steps tell: one member takes them alone, the others stacked. A line on stderr says which way all
    go on, and why. No step is lost, and none is taken twice.

    Args:
        make_model: from a seed to a network that maps inputs (B, C, H, W) to logits (B, classes).
        data: what to train on.
        rule: a first-order method of `book.optim`; any other optimizer goes one by one.
        configurations: in each, hyperparameters of the rule by name, where it departs from the defaults;
            "seed", of the initial parameters and of the order of images, 0 where it is missing; "schedule",
            a function from the number of the step, from 0 on, to a factor of the learning rate.
        epochs: at least 1.
        batch_size: B, at least 1.
        test: evaluated after each epoch.

    Returns:
        For each configuration, in their order, its network, its optimizer and its history. An epoch that was
        stacked counts with this member's share of its seconds.

    Raises:
        ValueError: `epochs` or `batch_size` is below 1, or the rule refuses a hyperparameter.
        TypeError: the rule has no such hyperparameter.
        BookError: there is no configuration.

    Examples:
        >>> from book.optim import Adam
        >>> from book.training.data.load import load
        >>> from book.training.models import mlp
        >>> data, test = load("mnist")
        >>> rates = [{"seed": 7, "lr": lr} for lr in (1e-5, 1e-3)]
        >>> members = sweep(lambda seed: mlp(784, 10, seed=seed), data, Adam, rates, epochs=2, test=test)
        >>> [round(some.history.test_accuracies[-1], 1) for some in members]
        [0.1, 0.8]
    """
    if not configurations:
        raise BookError("A sweep needs configurations, as [{'seed': 0, 'lr': 0.1}, {'seed': 0, 'lr': 0.2}].")
    if epochs < 1:
        raise ValueError(f"epochs start at 1; got {epochs}.")
    members = [member(make_model, rule, configuration) for configuration in configurations]
    feed = Feed(data, batch_size, next(members[0].model.parameters()), test)
    steps = epochs * feed.steps
    stacked, why = _choose(members, feed, steps)
    print(f"Sweep of {len(members)}, {'stacked' if stacked else 'one by one'}: {why}.", file=sys.stderr)
    if stacked:
        advance_stacked(members, feed, steps)
    else:
        for some in members:
            advance(Solo(some, feed), steps)
    return members


def advance_stacked(members: list[Member], feed: Feed, until: int) -> None:
    """Bring members to the same step, as one stack.

    Args:
        members: all at the same step.
        feed: what they train on.
        until: the number of steps that they have taken afterwards.
    """
    stack = Stack(members, feed)
    advance(stack, until)
    stack.write_back()


def _choose(members: list[Member], feed: Feed, steps: int) -> tuple[bool, str]:
    """Whether to go on stacked, and why. To find out, one member takes steps alone, the others stacked."""
    if hindrance := obstacle(members) or _too_few(members, steps):
        return False, hindrance
    first, *others = members
    stack, alone = Stack(others, feed), Solo(first, feed)
    try:
        together, apart = _race(stack, alone)
    except RuntimeError as error:
        if first.taken:
            raise
        return False, f"torch cannot stack this network ({str(error).strip().splitlines()[0]})"
    stack.write_back()
    why = f"{1e3 * together:.3g} ms a step and member stacked, {1e3 * apart:.3g} ms alone"
    return together < apart, why


def _too_few(members: list[Member], steps: int) -> str | None:
    return "too few steps to try both" if len(members) == 1 or steps < PROBE else None


def _race(stack: Stack, alone: Solo) -> list[float]:
    """Seconds a step and member, of the fastest step, which other work on the machine disturbs least."""
    seconds = {stack: [], alone: []}
    for step in range(PROBE):
        for way, of_way in seconds.items():
            of_way.append(advance(way, step + 1) / len(way.members))
    return [min(of_way) for of_way in seconds.values()]
