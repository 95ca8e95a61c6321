"""Figures of the chapter *RMSProp*."""

from collections.abc import Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from book.figures.palette import LIGHT
from book.figures.style import axes, styled

LOOKS = (("blue", "o", "-"), ("orange", "s", "--"), ("green", "^", "-."), ("purple", "D", ":"))
POINTS = 400  # of a curve over thousands of steps: more cannot be seen


@styled
def chase(centres: Tensor, sizes: Tensor, paths: dict[str, Tensor]) -> Figure:
    """Draw how methods follow a minimum that jumps, one row each; shaded where the gradients are small.

    Args:
        centres: where the minimum stands, shape (steps,).
        sizes: by what the gradients are multiplied, shape (steps,).
        paths: label → shape (steps,).
    """
    figure, places = axes(len(paths), size=(7.2, 0.9 + 1.7 * len(paths)), sharex=True, squeeze=False)
    some = torch.linspace(0, len(centres) - 1, POINTS).long()
    for ax, (label, path) in zip(places[:, 0], paths.items(), strict=True):
        ax.fill_between(
            range(len(sizes))[:: len(sizes) // POINTS],
            0,
            1,
            where=(sizes < sizes.max())[:: len(sizes) // POINTS],
            transform=ax.get_xaxis_transform(),
            color=LIGHT["rule"],
            alpha=0.6,
            lw=0,
            label="small gradients",
        )
        ax.plot(some, centres[some], "--", color=LIGHT["ink"], lw=1.2, label="the minimum")
        ax.plot(some, path[some], "-", color=LIGHT["blue"], lw=1.4, label="$x$")
        ax.set(ylabel="$x$", ylim=(-4.2, 4.2), xlim=(0, len(centres)))
        ax.set_title(label)
    places[-1, 0].set_xlabel("step")
    figure.legend(*places[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


@styled
def weights(alphas: Sequence[float], steps: int = 200) -> Figure:
    """Draw with which weight an exponential average counts a number that is k steps old, and its half-life.

    Args:
        alphas: the shares that are kept, in (0, 1).
        steps: the largest age.
    """
    figure, ax = axes(size=(6.4, 3.2))
    ages = torch.arange(steps + 1)
    for alpha, (colour, marker, style) in zip(alphas, LOOKS, strict=False):
        ax.plot(ages, (1 - alpha) * alpha**ages, style, color=LIGHT[colour], label=rf"$\alpha$ = {alpha:g}")
        half = torch.tensor(0.5).log() / torch.tensor(alpha).log()
        ax.plot(half, (1 - alpha) / 2, marker, color=LIGHT[colour], markersize=7)
    ax.set(yscale="log", ylim=(1e-4, 0.2), xlabel="age of a squared gradient, in steps", ylabel="its weight")
    ax.legend()
    return figure


@styled
def first_steps(lengths: dict[float, Tensor]) -> Figure:
    """Draw the length of each step for a constant gradient, where the average starts at zero.

    Args:
        lengths: α → lengths in units of the rate, shape (T,).
    """
    figure, ax = axes(size=(6.4, 3.4))
    for (alpha, length), (colour, marker, _) in zip(lengths.items(), LOOKS, strict=False):
        t = torch.arange(1, len(length) + 1)
        some = torch.logspace(0, torch.tensor(len(length)).log10().item(), 22).long().unique() - 1
        ax.plot(t[some], (1 - alpha ** t[some]) ** -0.5, "-", color=LIGHT[colour], lw=1.2)
        ax.plot(t[some], length[some], marker, color=LIGHT[colour], markersize=5, label=f"{alpha:g}")
    ax.axhline(1, color=LIGHT["muted"], lw=1, ls="--")
    ax.set(xscale="log", yscale="log", xlabel="step $t$", ylabel=r"length of the step $\div\ \eta$")
    ax.set_yticks([1, 3, 10, 30], ["1", "3", "10", "30"])
    ax.legend(title=r"$\alpha$")
    return figure


@styled
def drift(paths: dict[str, Tensor]) -> Figure:
    """Draw where minibatches lead whose gradients add up to zero.

    Args:
        paths: label → positions in units of the rate, shape (T,).
    """
    figure, ax = axes(size=(6.4, 3.4))
    for (label, path), (colour, _, style) in zip(paths.items(), LOOKS, strict=False):
        _line(ax, path, style, colour, label)
    ax.set(xlabel="step", ylabel=r"$x \div \eta$")
    ax.legend()
    return figure


@styled
def floors(
    rates: Tensor, panels: dict[str, tuple[Tensor, Tensor]], runs: dict[str, Tensor], title: str
) -> Figure:
    """Draw the loss at which a constant rate hovers against the rate, and the loss of some runs.

    Args:
        rates: shape (k,).
        panels: label → measured and predicted losses, each of shape (k,).
        runs: label → losses, shape (T,).
        title: of the runs.
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.6))
    for (label, (measured, predicted)), (colour, marker, style) in zip(panels.items(), LOOKS, strict=False):
        left.plot(rates, predicted, style, color=LIGHT[colour], lw=1.2)
        left.plot(rates, measured, marker, color=LIGHT[colour], markersize=6, label=label)
    left.set(xscale="log", yscale="log", xlabel=r"rate $\eta$", ylabel="loss while hovering")
    left.legend()
    for (label, losses), (colour, _, style) in zip(runs.items(), LOOKS, strict=False):
        some = torch.logspace(0, torch.tensor(len(losses)).log10().item(), 150).long().unique() - 1
        right.plot(some + 1, losses[some], style, color=LIGHT[colour], label=label, lw=1.4)
    right.set(xscale="log", yscale="log", xlabel="step", ylabel="loss")
    right.set_title(title)
    right.legend(loc="lower left", fontsize=8)
    return figure


@styled
def epsilon(sizes: Tensor, lengths: dict[str, Tensor]) -> Figure:
    """Draw the length of a step against the size of a steady gradient.

    Args:
        sizes: shape (k,).
        lengths: label → lengths in units of the rate, shape (k,).
    """
    figure, ax = axes(size=(6.4, 3.2))
    for (label, length), (colour, marker, style) in zip(lengths.items(), LOOKS, strict=False):
        ax.plot(sizes, length, style, marker=marker, color=LIGHT[colour], markersize=5, label=label)
    ax.set(xscale="log", yscale="log", xlabel="size of the gradient", ylabel=r"length of a step $\div\ \eta$")
    ax.legend()
    return figure


@styled
def steady(runs: dict[str, Tensor]) -> Figure:
    """Draw the step of a steady gradient on a logarithmic axis.

    Args:
        runs: label → lengths in units of the rate, shape (T,); where one is not finite, the curve ends.
    """
    figure, ax = axes(size=(6.4, 3.4))
    for (label, length), (colour, _, style) in zip(runs.items(), LOOKS, strict=False):
        _line(ax, length, style, colour, label)
    ax.set(yscale="log", xlabel="step", ylabel=r"length of the step $\div\ \eta$")
    ax.set_yticks([2, 5, 10, 20, 50], ["2", "5", "10", "20", "50"])
    ax.minorticks_off()
    ax.legend()
    return figure


def _line(ax: Axes, values: Tensor, style: str, colour: str, label: str) -> None:
    some = torch.linspace(0, len(values) - 1, POINTS).long()
    ax.plot(some + 1, values[some], style, color=LIGHT[colour], label=label, lw=1.5)
