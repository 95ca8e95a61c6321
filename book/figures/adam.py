"""Figures of the chapter *Adam*."""

from collections.abc import Sequence

import torch
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from torch import Tensor

from book.figures.narrow import is_narrow
from book.figures.palette import LIGHT, SERIES
from book.figures.style import axes, styled

STYLES = ("-", "--", "-.", ":")
MARKERS = "os^D"


@styled
def entries(path: Tensor, labels: Sequence[str]) -> Figure:
    """Draw two entries of the parameters against the step, the second, which jumps about, as a thin line.

    Args:
        path: shape (steps + 1, 2); the minimum is at 0.
        labels: two of them.
    """
    figure, ax = axes()
    for entry, label, name, width in zip(path.T, labels, SERIES, (2.2, 0.8), strict=False):
        ax.plot(entry, color=LIGHT[name], lw=width, label=label)
    ax.axhline(0, color=LIGHT["muted"], ls=":", lw=1.2, label="minimum")
    ax.set(xlabel="step", ylabel="value of the entry", ylim=(-4, 6.6))
    ax.legend(loc="upper right", ncols=3)
    return figure


@styled
def averages(panels: dict[str, tuple[Tensor, Tensor, float]]) -> Figure:
    """Draw an average that starts at 0 and its corrected form, against what both should be.

    Args:
        panels: title → the average and the corrected one, shape (steps,) each, and the true value.
    """
    figure, row = axes(1, len(panels), size=(6.8, 3.2))
    for ax, (title, (plain, corrected, truth)) in zip(row, panels.items(), strict=True):
        steps = range(1, len(plain) + 1)
        ax.axhline(truth, color=LIGHT["muted"], ls=":", label="true value")
        ax.plot(steps, plain, "--", color=LIGHT["orange"], label="average from 0")
        ax.plot(steps, corrected, color=LIGHT["blue"], lw=1.4, label="corrected")
        ax.set(title=title, xlabel="step $t$", ylim=(0, 1.75 * truth))
    row[0].set_ylabel("average of the gradients")
    row[1].set_ylabel("average of their squares")
    row[1].legend(loc="upper right")
    return figure


@styled
def step_sizes(curves: dict[str, Tensor]) -> Figure:
    """Draw the size of each step, in units of the learning rate, on a logarithmic axis.

    Args:
        curves: label → shape (steps,), the first step at place 0.
    """
    figure, ax = axes(size=(6.4, 3.6))
    for (label, sizes), name, style, marker in zip(curves.items(), SERIES, STYLES, MARKERS, strict=False):
        steps = range(1, len(sizes) + 1)
        ax.plot(steps, sizes, marker + style, color=LIGHT[name], markersize=4, lw=1.2, label=label)
    ax.set(yscale="log", xlabel="step $t$", ylabel=r"length of the step $\div\ \eta$", ylim=(0.6, 200))
    ax.set_yticks([1, 10, 100], ["1", "10", "100"])
    ax.legend(loc="upper right")
    return figure


@styled
def tug(paths: dict[str, Tensor], best: float) -> Figure:
    """Draw where each method has walked on the interval from −1 to 1.

    Args:
        paths: label → shape (steps + 1,).
        best: the place with the lowest total, drawn as a line.
    """
    figure, ax = axes()
    for (label, path), name, style in zip(paths.items(), SERIES, STYLES, strict=False):
        ax.plot(path, style, color=LIGHT[name], lw=1.5, label=label)
    ax.axhline(best, color=LIGHT["muted"], lw=0.9, ls=":")
    ax.text(0, best - 0.03, "best point", color=LIGHT["muted"], fontsize=9, va="top")
    ax.set(xlabel="step", ylabel="$x$", ylim=(-1.25, 1.1))
    ax.legend(loc="center right")
    return figure


@styled
def by_rate(rates: Sequence[float], losses: dict[str, list[list[float]]], bands: dict, factor: str) -> Figure:
    """Draw the final loss against the rate, one panel a method, one thin curve a seed.

    Args:
        rates: growing.
        losses: method → for each rate, one number a seed.
        bands: method → as `book.bench.robustness.bands` gives them.
        factor: the tolerance; up to so many times the best lies the band.
    """
    figure, panels = axes(2, 4, size=(7.2, 4.4), sharex=True, sharey=not is_narrow())
    lowest = min(band["best"] for band in bands.values())
    for ax, (method, rows) in zip(panels.flat, losses.items(), strict=True):
        for column in zip(*rows, strict=True):
            ax.plot(rates, column, "-", color=LIGHT["blue"], lw=0.9)
        mean = torch.tensor(rows).mean(1)
        good = mean <= float(factor) * lowest
        ax.plot(torch.tensor(rates)[good], mean[good], "o", color=LIGHT["orange"], markersize=4)
        ax.axhline(float(factor) * lowest, color=LIGHT["orange"], ls="--", lw=1)
        ax.set(xscale="log", yscale="log", ylim=(0.08, 3))
        ax.set_title(method)
        ax.yaxis.set_minor_locator(NullLocator())
        ax.set_yticks([0.1, 0.3, 1, 2.3], ["0.1", "0.3", "1", "2.3"])
        ax.set_xticks([1e-4, 1e-2, 1, 100])
    figure.supxlabel(r"learning rate $\eta$", fontsize=10)
    figure.supylabel("training loss after one epoch", fontsize=10)
    return figure


@styled
def widths(networks: dict[str, dict[str, dict]], factor: str) -> Figure:
    """Draw the widths of the bands in decades: one panel a network, two bars a method.

    Args:
        networks: title → method → as `book.bench.robustness.bands` gives them.
        factor: the tolerance.
    """
    figure, row = axes(1, len(networks), size=(7.0, 3.8), sharey=True, sharex=True)
    for ax, (title, bands) in zip(row, networks.items(), strict=True):
        for place, band in enumerate(reversed(bands.values())):
            ax.barh(place + 0.2, band["own"][factor], 0.36, color=LIGHT["blue"], alpha=0.55)
            ax.barh(place - 0.2, band["overall"][factor], 0.36, color=LIGHT["orange"])
            ax.plot(band["seeds"], [place + 0.2] * len(band["seeds"]), "|", color=LIGHT["ink"], markersize=7)
        ax.set_yticks(range(len(bands)), list(reversed(bands)))
        ax.set(title=title, xlabel="width of the band, decades")
        ax.grid(visible=False, axis="y")
    handles = [row[0].containers[0], row[0].containers[1]]
    figure.legend(
        handles,
        ["upper bar: by its own best", "lower bar: by the best of all"],
        loc="outside upper right",
        ncols=2,
    )
    return figure


@styled
def three_rates(curves: dict[float, list[float]]) -> Figure:
    """Draw the training loss against the step, one curve a rate.

    Args:
        curves: rate → the loss of each step.
    """
    figure, ax = axes(size=(6.4, 3.4))
    for (rate, losses), name, style in zip(curves.items(), SERIES, STYLES, strict=False):
        ax.plot(losses, style, color=LIGHT[name], lw=1.6, label=rf"$\eta$ = {rate:g}")
    ax.set(xlabel="step", ylabel="training loss", ylim=(0, 3.4))
    ax.legend(loc="upper right", ncols=2)
    return figure


@styled
def widths_of_layers(rates: Sequence[float], losses: dict[bool, dict[int, list[float]]]) -> Figure:
    """Draw the loss against the rate for networks of several widths, the lowest point of each as a dot.

    Args:
        rates: growing.
        losses: whether the last layer's rate falls with the width → hidden units → one loss a rate.
    """
    figure, row = axes(1, 2, size=(7.0, 3.4), sharey=True)
    titles = {False: "one rate for all layers", True: "last layer by its width"}
    for ax, (by_width, curves) in zip(row, losses.items(), strict=True):
        for (units, curve), name, style in zip(curves.items(), SERIES, STYLES, strict=False):
            ax.plot(rates, curve, style, color=LIGHT[name], lw=1.5, label=f"{units} units")
            best = curve.index(min(curve))
            ax.plot(rates[best], curve[best], "o", color=LIGHT[name], markersize=7)
        ax.set(title=titles[by_width], xscale="log", xlabel=r"learning rate $\eta$", ylim=(0, 2.2))
    row[0].set_ylabel("loss after one epoch")
    row[1].legend(loc="lower left")
    return figure


@styled
def after_a_burst(curves: dict[str, Tensor]) -> Figure:
    """Draw the length of the steps after a burst of one gradient, both axes logarithmic.

    Args:
        curves: label → shape (steps,), the step of the burst at place 0.
    """
    figure, ax = axes(size=(6.4, 3.4))
    for (label, sizes), name, style in zip(curves.items(), SERIES, STYLES, strict=False):
        ax.plot(range(1, len(sizes) + 1), sizes, style, color=LIGHT[name], lw=1.6, label=label)
    ax.axhline(1, color=LIGHT["muted"], ls=":", lw=1)
    ax.set(
        xscale="log", yscale="log", xlabel="steps since the burst", ylabel=r"length of the step $\div\ \eta$"
    )
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_yticks([0.1, 0.2, 0.5, 1, 2], ["0.1", "0.2", "0.5", "1", "2"])
    ax.legend(loc="lower right")
    return figure
