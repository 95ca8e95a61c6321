"""Figures of the chapter *Nesterov's accelerated gradient*."""

from collections.abc import Sequence
from statistics import median

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from book.figures.factors import LOOKS, Marks, draw_factors
from book.figures.palette import LIGHT
from book.figures.style import axes, styled
from book.figures.surface import draw_levels
from book.surfaces import Surface

ARROW = {"arrowstyle": "-|>", "lw": 1.8, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 12}


@styled
def cycle(
    x: torch.Tensor, slope: torch.Tensor, visits: torch.Tensor, runs: dict[str, torch.Tensor]
) -> Figure:
    """Draw the slope of a function with the points that a run keeps visiting, and x against the step.

    Args:
        x, slope: shape (n,).
        visits: the points and their slopes, shape (k, 2).
        runs: label → shape (steps + 1,); the first is the one that visits the points.
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.4))
    for ax in (left, right):
        ax.axhline(0, color=LIGHT["muted"], lw=0.8)
    left.plot(x, slope, color=LIGHT["ink"], lw=1.6)
    left.plot(*visits.T, "o", color=LIGHT["orange"], markersize=8, label="visited for ever")
    left.set(xlabel="$x$", ylabel="slope $f'(x)$")
    left.legend(loc="upper left")
    for (label, path), (colour, marker, style) in zip(runs.items(), LOOKS, strict=False):
        right.plot(path, marker + style, color=LIGHT[colour], markersize=3.5, lw=1.2, label=label)
    right.set(xlabel="step $t$", ylabel="$x$")
    right.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(runs), fontsize=8, columnspacing=1)
    return figure


@styled
def one_step(
    surface: Surface, x: torch.Tensor, coast: torch.Tensor, pushes: dict[str, torch.Tensor]
) -> Figure:
    """Draw one step of Polyak and one of Nesterov from the same place with the same velocity.

    Args:
        surface: with n = 2, its floor along the first axis.
        x: where the step begins, shape (2,).
        coast: μv, shape (2,).
        pushes: title → −η times the gradient, Polyak's at x, Nesterov's at x + μv.
    """
    figure, panels = axes(1, len(pushes), size=(7.2, 3.6), sharey=True)
    a, b = torch.meshgrid(torch.linspace(-0.6, 1.9, 31), torch.linspace(-1.1, 1.1, 27), indexing="xy")
    ahead = x + coast
    for ax, (title, push), at in zip(panels, pushes.items(), (x, ahead), strict=True):
        draw_levels(ax, a, b, surface(torch.stack([a, b], dim=-1)), levels=7)
        _arrow(ax, x, ahead, "muted")
        _arrow(ax, ahead, ahead + push, "orange")
        if at is x:
            _arrow(ax, x, x + push, "orange", alpha=0.5, ls=":")
        ax.plot(*x, "o", color=LIGHT["ink"], markersize=6)
        ax.plot(*at, "o", color=LIGHT["orange"], markersize=13, markerfacecolor="none", markeredgewidth=1.6)
        ax.plot(*(ahead + push), "s", color=LIGHT["blue"], markersize=7)
        ax.plot(0, 0, "*", color=LIGHT["ink"], markersize=11)
        ax.set(xlabel="along the valley", xlim=(-0.6, 1.9), ylim=(-1.1, 1.1), title=title)
    panels[0].set(ylabel="across")
    handles = [
        panels[1].plot([], [], "o", color=LIGHT["ink"], markersize=6, label="start")[0],
        panels[1].plot([], [], "-", color=LIGHT["muted"], lw=2, label=r"coast $\mu v$")[0],
        panels[1].plot([], [], "-", color=LIGHT["orange"], lw=2, label=r"push $-\eta g$")[0],
        panels[1].plot(
            [], [], "o", color=LIGHT["orange"], markersize=11, mfc="none", label="slope taken here"
        )[0],
        panels[1].plot([], [], "s", color=LIGHT["blue"], markersize=7, label="arrival")[0],
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=5, fontsize=8.5)
    return figure


def _arrow(ax: Axes, start: torch.Tensor, end: torch.Tensor, colour: str, **options) -> None:
    style = ARROW | {"color": LIGHT[colour]} | options
    ax.annotate("", xy=tuple(end.tolist()), xytext=tuple(start.tolist()), arrowprops=style)


@styled
def coordinates(panels: dict[str, dict[str, torch.Tensor]]) -> Figure:
    """Draw runs against the step, one panel a coordinate.

    Args:
        panels: title → label → shape (steps + 1,).
    """
    figure, places = axes(1, len(panels), size=(7.2, 3.1))
    for ax, (title, runs) in zip(places, panels.items(), strict=True):
        ax.axhline(0, color=LIGHT["muted"], lw=0.8)
        for (label, x), (colour, marker, style) in zip(runs.items(), LOOKS, strict=False):
            ax.plot(x, marker + style, color=LIGHT[colour], markersize=3, lw=1.2, label=label)
        ax.set(xlabel="step $t$", title=title)
    places[0].set(ylabel="coordinate")
    places[-1].legend()
    return figure


@styled
def factors(product: torch.Tensor, curves: dict[str, Sequence[float]], seen: dict[str, Marks]) -> Figure:
    """Draw the factor of a step against ηλ, one curve a method, and marks where it was measured.

    Args:
        product: the values of ηλ, shape (n,).
        curves: label → the factor at each of them.
        seen: label → values of ηλ, and the factors measured there.
    """
    figure, ax = axes(size=(6.6, 3.7))
    series = {label: (factor, seen[label]) for label, factor in curves.items()}
    draw_factors(ax, product, series, lw=1.6, markersize=5.5)
    ax.legend(title="lines: eigenvalues; marks: runs", loc="lower right")
    return figure


@styled
def gaps(steps: torch.Tensor, curves: dict[str, tuple[str, str, torch.Tensor]]) -> Figure:
    """Draw f − f* and bounds on it against the step, both axes logarithmic.

    Args:
        steps: shape (n,).
        curves: label → (colour, line style, values of shape (n,)).
    """
    figure, ax = axes(size=(6.6, 4))
    for label, (colour, style, values) in curves.items():
        ax.plot(steps, values, style, color=LIGHT[colour], lw=1.8, label=label)
    ax.set(xscale="log", yscale="log", xlabel="step $k$", ylabel="$f(x_k) - f^*$")
    ax.legend(loc="lower left", fontsize=8.5)
    return figure


@styled
def ripples(runs: dict[str, torch.Tensor]) -> Figure:
    """Draw losses against the step, the loss on a logarithmic axis.

    Args:
        runs: label → shape (steps + 1,).
    """
    figure, ax = axes(size=(6.6, 3.6))
    for (label, loss), (colour, _, style) in zip(runs.items(), LOOKS, strict=False):
        ax.plot(loss, style, color=LIGHT[colour], lw=1.5, label=label)
    ax.set(yscale="log", xlabel="step $t$", ylabel="loss", ylim=(1e-8, 1e3))
    ax.legend(loc="lower left")
    return figure


@styled
def gain(noise: torch.Tensor, ratios: dict[str, torch.Tensor]) -> Figure:
    """Draw how many times smaller than descent's a method's loss is, against the noise, both logarithmic.

    Args:
        noise: shape (n,), the length of the noise over that of the first gradient.
        ratios: label → shape (n,).
    """
    figure, ax = axes(size=(6.6, 3.5))
    ax.axhline(1, color=LIGHT["ink"], lw=0.9)
    for (label, ratio), (colour, marker, style) in zip(ratios.items(), LOOKS, strict=False):
        ax.plot(noise, ratio, marker + style, color=LIGHT[colour], markersize=4.5, lw=1.4, label=label)
    ax.set(xscale="log", yscale="log", ylabel="loss of descent / loss of the method")
    ax.set_yticks([1, 1.5, 2, 3, 4, 5], ["1", "1.5", "2", "3", "4", "5"])
    ax.minorticks_off()
    ax.set(xlabel="noise in one gradient, as a multiple of the first gradient's length")
    ax.legend()
    return figure


@styled
def by_batch(rows: list[dict], momentum: float) -> Figure:
    """Draw the final loss against the effective rate, one panel a batch size: medians, and the seeds' range.

    Args:
        rows: each with method, batch, lr and the losses of the seeds, None where a run ended at infinity.
        momentum: μ of all methods but the first.
    """
    batches, methods = (list(dict.fromkeys(row[key] for row in rows)) for key in ("batch", "method"))
    figure, panels = axes(1, len(batches), size=(7.4, 3.3), sharey=True)
    for ax, batch in zip(panels, batches, strict=True):
        for method, (colour, marker, style) in zip(methods, (LOOKS[2], *LOOKS[:2]), strict=True):
            here = [row for row in rows if (row["method"], row["batch"]) == (method, batch)]
            scale = 1 if method == methods[0] else 1 - momentum
            whole = [(row["lr"] / scale, row["losses"]) for row in here if None not in row["losses"]]
            rates = [rate for rate, _ in whole]
            ax.vlines(rates, *zip(*[(min(x), max(x)) for _, x in whole], strict=True), LIGHT[colour], lw=0.8)
            middle = [median(losses) for _, losses in whole]
            ax.plot(rates, middle, marker + style, color=LIGHT[colour], markersize=3.5, lw=1.2, label=method)
        ax.set(xscale="log", ylim=(0.15, 1.2), title=f"batch {batch}")
        ax.set_xticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    panels[0].set(ylabel="test loss after 240 steps")
    figure.supxlabel(r"effective learning rate, $\eta$ or $\eta/(1-\mu)$", fontsize=10, color=LIGHT["ink"])
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure
