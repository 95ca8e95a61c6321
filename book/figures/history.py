"""The curves of one run."""

from math import isfinite

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator
from torch.nn.functional import avg_pool1d

from book.figures.palette import LIGHT
from book.figures.style import axes, styled
from book.training.run.history import History

SHARE = 60  # the mean of neighbours reaches over this part of the run to each side


@styled
def curves(history: History) -> Figure:
    """Draw the loss of each step, its smoothed course and the test loss; beside it the test accuracy.

    Args:
        history: of a run, finished or not. One that diverged ends in a cross, and its losses are drawn on a
            logarithmic axis.
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.2))
    _draw_losses(left, history)
    _draw_accuracies(right, history.test_accuracies)
    return figure


def smooth(values: list[float]) -> list[float]:
    """For each value the mean of itself and its neighbours, as many to the left as to the right.

    Args:
        values: n numbers; the neighbours on each side are n / 60, those beyond the ends left out.

    Examples:
        >>> smooth([1.0, 4.0] * 60)[:3]
        [2.0, 2.5, 2.2]
    """
    reach = len(values) // SHARE
    rows = torch.tensor(values, dtype=torch.float64)[None, :]
    if not reach:
        return values
    return avg_pool1d(rows, 2 * reach + 1, stride=1, padding=reach, count_include_pad=False)[0].tolist()


def _draw_losses(ax: Axes, history: History) -> None:
    finite = [loss for loss in history.losses if isfinite(loss)]  # at most the last one is not
    steps = range(1, len(finite) + 1)
    ax.plot(steps, finite, color=LIGHT["sky"], lw=0.7, alpha=0.5)
    ax.plot(steps, smooth(finite), color=LIGHT["blue"], label="training")
    tests = list(zip(history.ends, history.test_losses, strict=False))
    if tests:
        ax.plot(*zip(*tests, strict=True), "o--", color=LIGHT["orange"], markersize=4.5, label="test")
    if history.diverged and finite:
        ax.plot(len(finite), finite[-1], "X", color=LIGHT["ink"], markersize=9, label="diverged")
        ax.set_yscale("log")
    ax.set(xlabel="step", ylabel="cross-entropy")
    ax.legend() if finite else _say(ax, "no step yet")


def _draw_accuracies(ax: Axes, shares: list[float]) -> None:
    ax.plot(range(1, len(shares) + 1), [100 * share for share in shares], "o-", color=LIGHT["orange"])
    ax.set(xlabel="epoch", ylabel="test accuracy in percent")
    ax.xaxis.set_major_locator(whole := AutoLocator())
    whole.set_params(integer=True)
    if not shares:
        _say(ax, "no test")


def _say(ax: Axes, text: str) -> None:
    """Write a text where there is no curve, and leave the scales away."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=LIGHT["muted"])
    ax.set(xticks=[], yticks=[])
