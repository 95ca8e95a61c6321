"""Figures of the chapter *Stochastic gradient descent*."""

from collections.abc import Callable, Sequence

import torch
from matplotlib.figure import Figure
from torch import Tensor

from book.figures.palette import LIGHT, SERIES
from book.figures.style import axes, styled

MARKERS = "os^Dv"
STYLES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)))


@styled
def epochs(losses: dict[str, Sequence[float]]) -> Figure:
    """Draw the training loss after each epoch, one curve a batch size.

    Args:
        losses: label → one loss for the start and one for each epoch.
    """
    figure, ax = axes(size=(6.4, 3.4))
    for (label, values), name, marker in zip(losses.items(), SERIES, MARKERS, strict=False):
        ax.plot(range(len(values)), values, marker + "-", color=LIGHT[name], markersize=4.5, label=label)
    ax.set(xlabel="epochs: times that every image was read", ylabel="training loss", ylim=(0, None))
    ax.legend(title="images in a step")
    return figure


@styled
def angles(panels: dict[str, dict[int, Tensor]]) -> Figure:
    """Draw histograms of the angle between minibatch gradients and the full gradient.

    Args:
        panels: title → {batch size: angles in degrees, shape (draws,)}.
    """
    figure, rows = axes(len(panels), 1, size=(6.4, 4.6), sharex=True, sharey=True)
    bins = torch.arange(-1.03, 136, 3).tolist()
    for ax, (title, sizes) in zip(rows, panels.items(), strict=True):
        for (size, degrees), name, style in zip(sizes.items(), SERIES, STYLES, strict=False):
            label = f"B = {size}"
            ax.hist(degrees, bins, histtype="step", color=LIGHT[name], lw=1.6, ls=style, label=label)
        ax.axvline(90, color=LIGHT["muted"], lw=0.8)
        ax.set(ylabel="minibatches", xlim=(0, 135))
        ax.set_title(title)
    rows[-1].set_xlabel("angle to the full gradient, in degrees")
    figure.legend(*rows[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


@styled
def variance(sizes: Sequence[int], measured: dict[str, Sequence[float]], one: float, N: int) -> Figure:
    """Draw the variance of a minibatch gradient against its size, with both formulas.

    Args:
        sizes: batch sizes B.
        measured: with and without replacement, in this order: label → one variance for each size.
        one: σ², the variance of one image's gradient.
        N: the number of images.
    """
    figure, ax = axes(size=(6.4, 3.8))
    B = torch.logspace(0, torch.tensor(N - 0.5).log10().item(), 120, dtype=torch.float64)
    formulas = (one / B, one / B * (N - B) / (N - 1))
    texts = (r"$\sigma^2/B$", r"$\sigma^2 (N-B)\,/\,B(N-1)$")
    for formula, text, (label, values), name, marker, style in zip(
        formulas, texts, measured.items(), ("blue", "orange"), "os", ("-", "--"), strict=True
    ):
        ax.plot(B, formula, style, color=LIGHT[name], lw=1.3, label=text)
        ax.plot(sizes, values, marker, color=LIGHT[name], markersize=6, mfc="none", label=label)
    ax.set(xscale="log", yscale="log", xlabel="batch size $B$", ylim=(one / N / 30, 2 * one))
    ax.set_ylabel(r"$\mathrm{E}\,\Vert \hat{g} - g\Vert^2$")
    ax.legend(loc="lower left")
    return figure


@styled
def batch_sizes(
    sizes: Sequence[int],
    seconds: Sequence[float],
    losses: dict[str, list[list[float]]],
) -> Figure:
    """Draw the seconds of an epoch, and the loss after one, against the batch size.

    Args:
        sizes: batch sizes B.
        seconds: of one epoch, one for each size.
        losses: label → for each size the losses of the seeds; those of a run that diverged are left out.
    """
    figure, (left, right) = axes(1, 2, size=(7.2, 3.5))
    left.plot(sizes, seconds, "o-", color=LIGHT["blue"])
    left.set(xscale="log", yscale="log", xlabel="batch size $B$", ylabel="seconds for one epoch")
    for (label, rows), name, marker, style in zip(
        losses.items(), ("orange", "green"), "s^", ("-", "--"), strict=True
    ):
        kept = [(size, row) for size, row in zip(sizes, rows, strict=True) if row]
        means = [sum(row) / len(row) for _, row in kept]
        right.plot([size for size, _ in kept], means, marker + style, color=LIGHT[name], label=label)
        for size, row in kept:
            right.plot([size] * len(row), row, "_", color=LIGHT[name], markersize=7)
    right.set(xscale="log", yscale="log", xlabel="batch size $B$", ylabel="training loss after one epoch")
    right.legend()
    return figure


@styled
def hovering(curves: dict[float, Tensor], forecast: Callable[[float, Tensor], Tensor]) -> Figure:
    """Draw the root mean square distance over many runs against the step, one curve a rate.

    Args:
        curves: learning rate → shape (steps + 1,).
        forecast: from a rate and the steps to the distance that theory says.
    """
    figure, ax = axes(size=(6.4, 3.8))
    for (lr, values), name in zip(curves.items(), SERIES, strict=False):
        t = torch.arange(len(values), dtype=torch.float64)
        ax.plot(t, values, color=LIGHT[name], lw=2.4, alpha=0.55)
        ax.plot(t, forecast(lr, t), "--", color=LIGHT["ink"], lw=1)
        ax.text(1.01 * len(values), values[-1], rf"$\eta$ = {lr:g}", color=LIGHT[name], va="center")
    ax.set(yscale="log", xlabel="step $t$", ylabel="distance from the minimum")
    ax.set_xlim(0, 1.14 * len(values))
    return figure


@styled
def decays(curves: dict[str, Tensor]) -> Figure:
    """Draw the distance against the step for several schedules, on logarithmic axes.

    Args:
        curves: label → shape (steps,), after the first step, the second and so on.
    """
    figure, ax = axes(size=(6.4, 3.8))
    for (label, values), name, style in zip(curves.items(), SERIES, STYLES, strict=False):
        ax.plot(range(1, len(values) + 1), values, ls=style, color=LIGHT[name], label=label)
    ax.set(xscale="log", yscale="log", xlabel="step $t$", ylabel="distance from the minimum")
    ax.legend(loc="lower left")
    return figure


@styled
def wells(f: Callable[[Tensor], Tensor], ends: dict[str, Tensor]) -> Figure:
    """Draw a double well, and below it where runs ended that began in the left hole, one row a batch size.

    Args:
        f: the height, entry by entry.
        ends: label → shape (runs,).
    """
    figure, (above, *rows) = axes(
        1 + len(ends), 1, size=(6.4, 5), sharex=True, height_ratios=(2.4, *(1 for _ in ends))
    )
    x = torch.linspace(-1.85, 1.85, 149, dtype=torch.float64)
    above.plot(x, f(x), color=LIGHT["ink"])
    above.set(ylabel="$f(x)$", ylim=(-0.35, 0.75))
    above.text(-1, f(torch.tensor(-1.0)) - 0.1, "shallow", ha="center", color=LIGHT["muted"])
    above.text(1, f(torch.tensor(1.0)) - 0.1, "deep", ha="center", color=LIGHT["muted"])
    for ax, (label, points), name in zip(rows, ends.items(), SERIES, strict=False):
        ax.hist(points, torch.linspace(-2.473, 2.473, 100).tolist(), color=LIGHT[name])
        ax.set(yticks=[], ylabel=label)
        ax.yaxis.label.set(rotation=0, ha="right", va="center")
    rows[-1].set_xlabel("$x$")
    return figure


@styled
def escapes(
    noise: Tensor,
    times: dict[str, tuple[Tensor, Callable[[Tensor], Tensor]]],
    rates: Sequence[float],
) -> Figure:
    """Draw steps × rate until a run leaves its hole, against 1 / (rate × variance).

    Args:
        noise: shape (m,), the values of 1 / (rate × variance).
        times: label → the measured times, shape (rates, m), nan where too few runs left, and the formula.
        rates: learning rates, one marker each.
    """
    figure, ax = axes(size=(6.4, 3.8))
    for (label, (values, formula)), name in zip(times.items(), ("blue", "orange"), strict=True):
        for lr, row, marker in zip(rates, values, MARKERS, strict=False):
            text = rf"{label}, $\eta$ = {lr:g}"
            ax.plot(noise, row, marker, color=LIGHT[name], markersize=5.5, mfc="none", label=text)
        reach = noise[values.isfinite().any(dim=0)]
        ax.plot(reach, formula(reach), "--", color=LIGHT[name], lw=1.2)
    ax.set(yscale="log", xlabel=r"$B / (\eta\,\sigma^2)$", ylabel=r"steps to leave $\times\ \eta$")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


@styled
def shares(sizes: Sequence[int], shares: dict[str, Tensor]) -> Figure:
    """Draw the share of runs that are in the deep hole at the end, against the batch size.

    Args:
        sizes: batch sizes B.
        shares: label → shape (sizes,).
    """
    figure, ax = axes(size=(6.4, 3.4))
    for (label, values), name, marker, style in zip(
        shares.items(), ("blue", "orange"), "os", ("-", "--"), strict=True
    ):
        ax.plot(sizes, values, marker + str(style), color=LIGHT[name], label=label)
    ax.set(xscale="log", xlabel="batch size $B$", ylabel="share in the deep hole", ylim=(-0.04, 1.06))
    ax.set_xticks(list(sizes), [str(size) for size in sizes])
    ax.minorticks_off()
    ax.legend(loc="center right")
    return figure
