"""Figures of the chapter *Second order in practice*."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from book.figures.looks import LOOKS, Look
from book.figures.palette import LIGHT
from book.figures.style import axes, styled

Curve = tuple[Sequence[float], Sequence[float]]
METHODS = {
    "SGD with momentum": LOOKS["Momentum"],
    "AdamW": LOOKS["AdamW"],
    "L-BFGS": Look("green", "wedge", "4 4"),
    "K-FAC": Look("orange", "circle"),
    "AdaHessian": Look("gold", "diamond", "9 3 2 3"),
    "Shampoo": Look("purple", "triangle", "2 4"),
}
SOLVERS = {
    "gradient descent": LOOKS["SGD"],
    "momentum": LOOKS["Momentum"],
    "L-BFGS": METHODS["L-BFGS"],
    "conjugate gradient": Look("purple", "star", "12 4"),
    "Newton": Look("ink", "diamond"),
}


@styled
def race(
    panels: Mapping[str, Mapping[str, Curve]], label: str, looks: Mapping[str, Look] = METHODS, **scales
) -> Figure:
    """Draw curves of the same methods side by side, one panel for each axis to judge by.

    Args:
        panels: name of the horizontal axis → method → its places on that axis, and its values.
        label: of the vertical axis.
        looks: method → its look.
        scales: how the axes are set, `yscale="log"` for one.
    """
    figure, row = axes(1, len(panels), size=(4.2 * len(panels), 3.5), sharey=True)
    for ax, (name, curves) in zip(row if len(panels) > 1 else [row], panels.items(), strict=True):
        _draw(ax, curves, looks)
        ax.set(xlabel=name, **scales)
    first = row[0] if len(panels) > 1 else row
    first.set_ylabel(label)
    if len(panels) > 1:
        figure.legend(*first.get_legend_handles_labels(), loc="outside upper center", ncols=len(looks))
    else:
        first.legend(fontsize=8)
    return figure


@styled
def problems(curves: Mapping[str, Mapping[str, Mapping[str, Curve]]], label: str) -> Figure:
    """Draw a row of panels for each problem, one for each axis.

    Args:
        curves: problem → name of the horizontal axis → method → its curve.
        label: of the vertical axes.
    """
    columns = len(next(iter(curves.values())))
    figure, grid = axes(len(curves), columns, size=(4.0 * columns, 2.9 * len(curves)), squeeze=False)
    for row, (problem, panels) in zip(grid, curves.items(), strict=True):
        for ax, (name, methods) in zip(row, panels.items(), strict=True):
            _draw(ax, methods, METHODS)
            ax.set(title=problem, xlabel=name, ylabel=label)
    grid[0][0].legend(fontsize=8)
    return figure


@styled
def noise(sizes: Sequence[int], lines: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> Figure:
    """Draw what is left of the loss after one noisy step against the size of the batch.

    Args:
        sizes: of the batches.
        lines: method → what a formula predicts at each size, and what was measured.
    """
    figure, ax = axes(size=(6.0, 3.3))
    for (name, (predicted, measured)), colour, marker in zip(
        lines.items(), ("ink", "orange"), ("D", "o"), strict=False
    ):
        ax.plot(sizes, predicted, color=LIGHT[colour], lw=1.2)
        ax.plot(sizes, measured, marker, color=LIGHT[colour], markersize=5, label=name)
    ax.set(xscale="log", yscale="log", xlabel="examples in a batch", ylabel="loss above the minimum")
    ax.set_xticks(sizes, list(map(str, sizes)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.legend()
    return figure


def _draw(ax: Axes, curves: Mapping[str, Curve], looks: Mapping[str, Look]) -> None:
    for name, (places, values) in curves.items():
        ax.plot(places, values, **looks[name].line, markersize=4, markevery=0.12, lw=1.6, label=name)
