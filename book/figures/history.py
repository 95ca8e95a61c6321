"""The curves of one run."""

from itertools import accumulate
from math import isfinite

from matplotlib.figure import Figure

from book.figures.palette import LIGHT
from book.figures.style import axes, styled
from book.training.history import History

MEMORY = 0.95  # how much of the running mean each further step keeps


@styled
def curves(history: History) -> Figure:
    """Draw the loss of each step with its running mean and the test loss; beside it the test accuracy.

    Args:
        history: of a run, whole or not; a run that diverged ends in a cross.
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.2))
    _draw_losses(left, history)
    epochs = range(1, len(history.test_accuracies) + 1)
    right.plot(epochs, [100 * share for share in history.test_accuracies], "o-", color=LIGHT["orange"])
    right.set(xlabel="epoch", ylabel="test accuracy in percent")
    right.xaxis.get_major_locator().set_params(integer=True)
    return figure


def running_mean(values: list[float], memory: float = MEMORY) -> list[float]:
    """The mean of all values so far, in which each counts `memory` times what the next one does.

    Args:
        values: of the steps.
        memory: from 0, which gives the values themselves, to below 1.

    Examples:
        >>> running_mean([4.0, 1.0, 1.0], memory=0.5)
        [4.0, 2.0, 1.4285714285714286]
    """
    sums = accumulate(values, lambda total, value: memory * total + value)
    weights = accumulate([1.0] * len(values), lambda total, one: memory * total + one)
    return [total / weight for total, weight in zip(sums, weights, strict=True)]


def _draw_losses(ax, history: History) -> None:
    finite = [loss for loss in history.losses if isfinite(loss)]  # at most the last one is not
    steps = range(1, len(finite) + 1)
    ax.plot(steps, finite, color=LIGHT["sky"], lw=0.7, alpha=0.5)
    ax.plot(steps, running_mean(finite), color=LIGHT["blue"], label="training")
    tests = list(zip(history.ends, history.test_losses, strict=False))
    if tests:
        ax.plot(*zip(*tests, strict=True), "o--", color=LIGHT["orange"], markersize=4.5, label="test")
    if history.diverged and finite:
        ax.plot(len(finite), finite[-1], "X", color=LIGHT["ink"], markersize=9, label="diverged")
    ax.set(xlabel="step", ylabel="cross-entropy")
    ax.legend()
