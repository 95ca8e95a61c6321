"""Figures of the chapter *Learning-rate schedules*."""

from collections.abc import Callable, Sequence

from matplotlib.figure import Figure
from torch import Tensor

from book.figures.palette import LIGHT
from book.figures.style import axes, styled

LOOKS = (("blue", "-"), ("orange", "--"), ("green", "-."), ("purple", ":"))


@styled
def expected(curves: dict[str, Tensor], sampled: tuple[Sequence[int], Tensor], floors: list[float]) -> Figure:
    """Draw the expected square of x under a few schedules, and beside one of them what samples gave.

    Args:
        curves: label → shape (steps + 1,).
        sampled: steps, and the mean squares of the walkers there.
        floors: where the constant rates end, drawn as thin lines.
    """
    figure, ax = axes(size=(6.4, 3.6))
    for (label, values), (colour, style) in zip(curves.items(), LOOKS, strict=False):
        ax.plot(values, style, color=LIGHT[colour], label=label)
    ax.plot(*sampled, "o", color=LIGHT["ink"], markersize=3.5, label="4,000 walkers")
    for place, floor in enumerate(floors):
        ax.axhline(floor, color=LIGHT["muted"], lw=1, ls="--", label=None if place else "floors")
    ax.set(xlabel="step $t$", ylabel="expected $x^2$", yscale="log")
    ax.legend(ncols=2)
    return figure


@styled
def best_rates(rates: Tensor, squares: Tensor, searched: Tensor, ends: Tensor) -> Figure:
    """Draw the best rates and the squares that they leave, on logarithmic axes.

    Args:
        rates, squares: by formula, after each step from 1 on.
        searched, ends: the same found by a numerical search over all rates at once.
    """
    figure, panels = axes(1, 2, size=(7.0, 3.2))
    for ax, line, dots, label in zip(
        panels,
        (rates, squares),
        (searched, ends),
        (r"best rate $\eta_t$", "expected $x^2$ after it"),
        strict=True,
    ):
        t = range(1, len(line) + 1)
        ax.plot(t, line, color=LIGHT["blue"], label="formula")
        ax.plot(t, dots, "o", color=LIGHT["orange"], markersize=4, label="search")
        ax.set(xscale="log", yscale="log", xlabel="step $t + 1$", ylabel=label, ylim=(line[-1] / 2, None))
        ax.legend()
    return figure


@styled
def gallery(schedules: dict[str, Callable[[int], float]], steps: int) -> Figure:
    """Draw each schedule in a panel of its own, all on the same scale.

    Args:
        schedules: title → function of the step.
        steps: drawn from 0 on.
    """
    figure, panels = axes(2, 4, size=(7.2, 3.9), sharex=True, sharey=True)
    for ax, (title, factor) in zip(panels.flat, schedules.items(), strict=False):
        values = [factor(t) for t in range(0, steps + 1, 5)]
        ax.plot(range(0, steps + 1, 5), values, color=LIGHT["blue"])
        ax.fill_between(range(0, steps + 1, 5), values, color=LIGHT["blue"], alpha=0.15, lw=0)
        ax.set_title(title, fontsize=9.5)
        ax.set(ylim=(0, 1.06), xticks=(0, steps // 2, steps))
    for ax in list(panels.flat)[len(schedules) :]:
        ax.set_visible(False)
    for ax in panels[:, 0]:
        ax.set_ylabel("factor of the rate")
    for ax in list(panels.flat)[3 : len(schedules)]:
        ax.tick_params(labelbottom=True)
        ax.set_xlabel("step")
    return figure


@styled
def valley_losses(curves: dict[str, Tensor]) -> Figure:
    """Draw the exact expected loss over a run for a few schedules, each at its own best peak rate.

    Args:
        curves: label → shape (steps + 1,).
    """
    figure, ax = axes(size=(6.4, 3.6))
    for (label, values), (colour, style) in zip(curves.items(), LOOKS, strict=False):
        ax.plot(values, style, color=LIGHT[colour], label=label)
    ax.set(xlabel="step", ylabel="expected loss", yscale="log")
    ax.legend()
    return figure


@styled
def curvatures(steps: Sequence[int], runs: dict[str, list[list[float]]]) -> Figure:
    """Draw 2/λmax over the first steps, one thin line a seed, one panel a kind of start.

    Args:
        steps: where it was measured.
        runs: title → for each seed λmax at each of the steps.
    """
    figure, panels = axes(1, len(runs), size=(7.0, 3.1))
    for ax, (title, seeds) in zip(panels, runs.items(), strict=True):
        for tops, (colour, style) in zip(seeds, LOOKS, strict=False):
            ax.plot(steps, [2 / top for top in tops], "o" + style, color=LIGHT[colour], markersize=3, lw=1.2)
        ax.set(xlabel="step", ylabel=r"$2/\lambda_{\max}$", yscale="log")
        ax.set_title(title)
    return figure


@styled
def bands(
    panels_of: dict[str, dict[str, tuple[Sequence[float], list[list[float]]]]], chance: float
) -> Figure:
    """Draw the final loss against the peak rate, a dot a seed and a line through the medians.

    Args:
        panels_of: title → label → rates, and for each rate the losses of all seeds, drawn at 3 where above.
        chance: the loss of a network that gives each class the same probability.
    """
    figure, grid = axes(2, 2, size=(7.2, 5.6), sharey=True)
    for ax, (title, curves) in zip(grid.flat, panels_of.items(), strict=True):
        for (label, (rates, losses)), (colour, style), marker in zip(
            curves.items(), LOOKS, "os", strict=False
        ):
            capped = [sorted(min(loss, 3.0) for loss in seeds) for seeds in losses]
            ax.plot(rates, [seeds[len(seeds) // 2] for seeds in capped], style, color=LIGHT[colour], lw=1.4)
            for k in range(len(capped[0])):
                ax.plot(
                    rates,
                    [seeds[k] for seeds in capped],
                    marker,
                    color=LIGHT[colour],
                    markersize=4,
                    fillstyle="none" if marker == "s" else "full",
                    label=None if k else label,
                )
        ax.axhline(chance, color=LIGHT["muted"], lw=0.9, ls=":")
        ax.set(xscale="log", yscale="log", xlabel="peak rate")
        ax.set_yticks(ticks := (0.15, 0.3, 0.6, 1.2, 2.3), [str(tick) for tick in ticks])
        ax.minorticks_off()
        ax.set_title(title)
    for ax in grid[:, 0]:
        ax.set_ylabel("test loss")
    grid[0, 0].legend()
    return figure


@styled
def budgets(panels_of: dict[str, dict[str, tuple[Sequence[int], list[list[float]]]]]) -> Figure:
    """Draw the final test loss against the budget, one dot a seed and a line through the means.

    Args:
        panels_of: method → schedule → epochs, and for each of them the losses of all seeds.
    """
    figure, panels = axes(1, len(panels_of), size=(7.2, 3.6), sharey=True)
    for ax, (title, curves) in zip(panels, panels_of.items(), strict=True):
        for place, ((label, (epochs, losses)), (colour, style), marker) in enumerate(
            zip(curves.items(), LOOKS, "os^D", strict=True)
        ):
            shifted = [e * 2 ** (0.07 * (place - 1.5)) for e in epochs]
            means = [sum(seeds) / len(seeds) for seeds in losses]
            ax.plot(shifted, means, style, color=LIGHT[colour], lw=1.3)
            for k in range(len(losses[0])):
                ax.plot(
                    shifted,
                    [seeds[k] for seeds in losses],
                    marker,
                    color=LIGHT[colour],
                    markersize=4,
                    label=None if k else label,
                )
        ax.set(xscale="log", xlabel="epochs")
        ax.set_xticks(epochs, [str(e) for e in epochs])
        ax.minorticks_off()
        ax.set_title(title)
    panels[0].set_ylabel("final test loss")
    panels[-1].legend()
    return figure
