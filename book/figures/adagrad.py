"""Figures of the chapter *AdaGrad*."""

from collections.abc import Sequence

import torch
from matplotlib.figure import Figure

from book.figures.palette import LIGHT
from book.figures.style import axes, styled
from book.figures.surface import draw_levels
from book.surfaces import Surface

LOOKS = (
    ("blue", "o", "-"),
    ("sky", "v", "-."),
    ("purple", "^", ":"),
    ("orange", "s", "-"),
    ("green", "D", "--"),
)


@styled
def by_rank(curves: dict[str, torch.Tensor], bins: int = 12) -> Figure:
    """Draw the error of words against their rank, as means over bins of equal width on the logarithmic axis.

    Args:
        curves: label → an error for each word, the most frequent first, shape (N,).
        bins: how many, at most.
    """
    figure, ax = axes(size=(6.4, 3.6))
    looks = LOOKS if len(curves) > 2 else (LOOKS[0], LOOKS[3])
    for (label, errors), (colour, marker, style) in zip(curves.items(), looks, strict=False):
        ax.plot(
            *_binned(errors, bins), marker=marker, ls=style, color=LIGHT[colour], markersize=5, label=label
        )
    ax.set(xscale="log", yscale="log", xlabel="rank of the word (1 is the most frequent)")
    ax.set(ylabel="loss above the least possible")
    ax.legend()
    return figure


@styled
def moved(counts: torch.Tensor, distances: dict[str, torch.Tensor]) -> Figure:
    """Draw how far each weight has moved against how often it had a gradient, both on logarithmic axes.

    Args:
        counts: shape (N,), above 0.
        distances: label → shape (N,), in units of the first step.
    """
    figure, ax = axes(size=(6.4, 3.6))
    order = counts.argsort()
    some = order[torch.linspace(0, len(order) - 1, 60).long()].unique()
    for (label, distance), (colour, marker, _) in zip(distances.items(), (LOOKS[0], LOOKS[3]), strict=True):
        ax.plot(counts[some], distance[some], marker, color=LIGHT[colour], markersize=4, label=label)
    ends = torch.tensor([1.0, counts.max().item()])
    ax.plot(ends, ends, "-", color=LIGHT["muted"], lw=1, label="$n$")
    ax.plot(ends, 2 * ends.sqrt(), "--", color=LIGHT["muted"], lw=1, label=r"$2\sqrt{n}$")
    ax.set(xscale="log", yscale="log", xlabel="times $n$ that the word came")
    ax.set(ylabel=r"distance moved $\div\ \eta$")
    ax.legend()
    return figure


@styled
def by_tenth(panels: dict[str, dict[str, Sequence[float]]]) -> Figure:
    """Draw the error over the ten tenths of the words by rank, one panel a task, one curve a method.

    Args:
        panels: title → label → ten means.
    """
    figure, places = axes(1, len(panels), size=(7.2, 3.8), sharey=True)
    for ax, (title, curves) in zip(places, panels.items(), strict=True):
        for (label, tenths), (colour, marker, style) in zip(curves.items(), LOOKS, strict=True):
            ax.plot(
                range(1, 11),
                tenths,
                marker=marker,
                ls=style,
                lw=1.4,
                color=LIGHT[colour],
                markersize=4,
                label=label,
            )
        ax.set(xlabel="tenth of the words, by rank", xticks=range(1, 11), ylim=(0, None))
        ax.set_title(title)
    places[0].set_ylabel("loss above the least possible")
    figure.legend(*places[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(LOOKS))
    return figure


@styled
def two_bowls(panels: dict[str, tuple[Surface, dict[str, torch.Tensor]]]) -> Figure:
    """Draw paths on bowls side by side, with the same scale on both axes.

    Args:
        panels: title → a surface with n = 2, and label → path of shape (steps + 1, 2).
    """
    figure, places = axes(1, len(panels), size=(7.2, 5.1), sharey=True)
    x, y = torch.meshgrid(torch.linspace(-0.6, 2.3, 37), torch.linspace(-1.1, 2.2, 41), indexing="xy")
    for ax, (title, (surface, paths)) in zip(places, panels.items(), strict=True):
        draw_levels(ax, x, y, surface(torch.stack([x, y], dim=-1)))
        for (label, path), look in zip(paths.items(), (LOOKS[3], LOOKS[4], LOOKS[2]), strict=False):
            colour, marker, style = look
            ax.plot(
                *path.T, marker=marker, ls=style, color=LIGHT[colour], markersize=3.5, lw=1.2, label=label
            )
        ax.plot(0, 0, "*", color=LIGHT["ink"], markersize=11)
        ax.set(xlabel="$x$", aspect="equal", xlim=(-0.6, 2.3), ylim=(-1.1, 2.2))
        ax.set_title(title)
    places[0].set_ylabel("$y$")
    figure.legend(*places[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


@styled
def slow(distances: dict[str, torch.Tensor], loss: torch.Tensor, rate: torch.Tensor) -> Figure:
    """Draw the way covered on a slope of 1, and on a bowl the loss with the rate that is left.

    Args:
        distances: label → shape (T,), after 1 to T steps.
        loss: on the bowl, shape (k,).
        rate: the multiplier of the steepest coordinate's gradient as a share of its first value, shape (k,).
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.6))
    for (label, distance), (colour, _, _), style in zip(
        distances.items(), (LOOKS[3], LOOKS[0], LOOKS[4]), ("-", "-.", "--"), strict=True
    ):
        some = torch.logspace(0, torch.tensor(len(distance)).log10().item(), 120).long().unique() - 1
        left.plot(some + 1, distance[some], style, color=LIGHT[colour], label=label)
    left.set(xscale="log", yscale="log", xlabel="step $T$", ylabel="way covered", ylim=(0.05, 4e3))
    left.set_title("a slope of 1")
    left.legend(fontsize=8, loc="upper left")
    right.plot(range(len(loss)), loss, "-", color=LIGHT["orange"], label="loss")
    right.plot(
        range(1, len(rate) + 1), rate, "--", color=LIGHT["blue"], label="rate, as a share of the first"
    )
    right.set(yscale="log", xlabel="step", ylim=(1e-8, 1e2))
    right.set_title("a bowl, $\\kappa = 10$")
    right.legend(fontsize=8, loc="lower left")
    return figure


def _binned(errors: torch.Tensor, bins: int) -> tuple[list[float], list[float]]:
    """The mean rank (geometric) and the mean error of each bin.

    Examples:
        >>> ranks, means = _binned(torch.tensor([1.0, 2.0, 4.0, 6.0]), 2)
        >>> means
        [1.0, 4.0]
    """
    edges = (
        torch.logspace(0, torch.tensor(float(len(errors))).log10().item(), bins + 1).round().long().unique()
    )
    edges[-1] += 1
    parts = [range(a, b) for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)]
    ranks = [torch.tensor([float(k) for k in part]).log().mean().exp().item() for part in parts]
    return ranks, [errors[part.start - 1 : part.stop - 1].mean().item() for part in parts]
