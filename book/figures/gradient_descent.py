"""Figures of the chapter *Gradient descent*."""

from collections.abc import Sequence

import torch
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from book.figures.palette import LIGHT
from book.figures.style import axes, styled
from book.figures.surface import draw_levels
from book.surfaces import Surface


@styled
def two_starts(surface: Surface, paths: dict[str, torch.Tensor]) -> Figure:
    """Draw a function of one variable and the points of descent on it; points outside the box are left out.

    Args:
        surface: with n = 1.
        paths: label → shape (steps + 1, 1).
    """
    figure, ax = axes(size=(6.4, 3.6))
    (low, high), *_ = surface.box
    x = torch.linspace(low, high, 161, dtype=torch.float64)
    ax.plot(x, surface(x[:, None]), color=LIGHT["muted"], lw=1.4)
    for (label, path), colour, marker in zip(paths.items(), ("blue", "orange"), "os", strict=True):
        inside = path[(path[:, 0] > low) & (path[:, 0] < high)]
        ax.plot(inside[:, 0], surface(inside), marker, color=LIGHT[colour], markersize=5, label=label)
        ax.plot(inside[0, 0], surface(inside[0]), marker, color=LIGHT[colour], markersize=10)
    ax.set(xlabel="$x$", ylabel="$f(x)$")
    ax.legend()
    return figure


@styled
def lemma(eta: torch.Tensor, curves: dict[str, torch.Tensor], level: float, L: float) -> Figure:
    """Draw f along −g against the learning rate, with the line and the parabola that stand over it.

    Args:
        eta: shape (n,).
        curves: label → shape (n,): f, its linear forecast, its upper bound.
        level: f(x), drawn as a horizontal line.
        L: marks 1/L and 2/L.
    """
    figure, ax = axes(size=(6.4, 3.6))
    for (label, values), colour, style in zip(
        curves.items(), ("blue", "muted", "orange"), ("-", ":", "--"), strict=True
    ):
        ax.plot(eta, values, style, color=LIGHT[colour], label=label)
    ax.axhline(level, color=LIGHT["muted"], lw=0.8)
    for rate, text in ((1 / L, "$1/L$"), (2 / L, "$2/L$")):
        ax.axvline(rate, color=LIGHT["green"], ls="-.", lw=1)
        ax.text(rate, 1.01, text, color=LIGHT["green"], ha="center", transform=ax.get_xaxis_transform())
    ax.set(xlabel=r"learning rate $\eta$", ylabel=r"$f(x - \eta g)$", ylim=(0, 1.9 * level))
    ax.legend(loc="upper right")
    return figure


@styled
def fates(
    rates: torch.Tensor, starts: torch.Tensor, fate: torch.Tensor, ends: dict[str, torch.Tensor]
) -> Figure:
    """Draw what becomes of descent on the cubic: by start and rate above, by rate alone below.

    Args:
        rates, starts: shape (m,) and (n,).
        fate: shape (n, m): 0 settles, 1 stays without settling, 2 runs off.
        ends: label → shape (k, 2): rates and the points that descent keeps visiting; the first is drawn as
            dots, the others as lines.
    """
    figure, (above, below) = axes(2, 1, size=(6.4, 6.2), sharex=True)
    named = (
        ("settles at −1", "blue", 0.21, -0.5),
        ("never\nsettles", "gold", 0.417, -0.5),
        ("runs off", "orange", 0.417, -3.2),
    )
    for number, (label, colour, x, y) in enumerate(named):
        mask = (fate == number).double()
        above.contourf(rates, starts, mask, levels=[0.5, 1.5], colors=[to_rgba(LIGHT[colour], 0.4)])
        above.text(x, y, label, ha="center", va="center", fontsize=10)
    above.plot(rates, -1 - 1 / (3 * rates), color=LIGHT["ink"], lw=1.2, ls="--")
    above.axhline(1, color=LIGHT["ink"], lw=1.2, ls="--")
    above.set(ylabel="start", ylim=(starts[0], starts[-1]))
    (dots, points), *lines = ends.items()
    below.plot(*points.T, "o", color=LIGHT["blue"], markersize=1.3, markeredgewidth=0, label=dots)
    for label, points in lines:
        below.plot(*points.T, "--", color=LIGHT["orange"], lw=1.4, label=label)
    for ax in (above, below):
        ax.axvline(1 / 3, color=LIGHT["ink"], lw=0.8)
        ax.axvline(1 / 2, color=LIGHT["ink"], lw=0.8)
    below.set(xlabel=r"learning rate $\eta$", ylabel="where it goes round", ylim=(-1.9, 1.2))
    below.set_xlim(rates[0], rates[-1])
    handles, labels = below.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, markerscale=4)
    return figure


@styled
def stable_rates(stages: dict[int, list[float]], rate: float) -> Figure:
    """Draw the largest stable rate as a multiple of 2/λmax, one dot a seed, against the step it was found at.

    Args:
        stages: steps taken before → one multiple for each seed.
        rate: the learning rate of those steps.
    """
    figure, ax = axes(size=(6.4, 3.2))
    for place, values in enumerate(stages.values()):
        shifts = [place + 0.05 * (k - (len(values) - 1) / 2) for k in range(len(values))]
        ax.plot(shifts, values, "o", color=LIGHT["blue"], markersize=5)
    ax.axhline(1, color=LIGHT["orange"], ls="--", label=r"predicted: $2/\lambda_{\max}$ at that point")
    ax.set_xticks(range(len(stages)), [str(stage) for stage in stages])
    ax.set(
        xlabel=rf"steps taken before, at the rate {rate:g}",
        ylabel=r"largest stable rate $\div\ 2/\lambda_{\max}$",
        ylim=(0, None),
    )
    ax.legend(loc="lower right")
    return figure


@styled
def edge(steps: Sequence[int], runs: dict[float, list[float]]) -> Figure:
    """Draw λmax on the way of full-batch descent, one curve a rate, each with its own limit 2/η.

    Args:
        steps: the steps at which it was measured.
        runs: learning rate → λmax at each of the steps.
    """
    figure, ax = axes(size=(6.4, 3.8))
    for (lr, tops), colour, marker in zip(runs.items(), ("blue", "orange", "green"), "os^", strict=True):
        ax.plot(steps, tops, marker + "-", color=LIGHT[colour], lw=1.1, markersize=3, label=rf"$\eta$ = {lr}")
        ax.axhline(2 / lr, color=LIGHT[colour], ls="--", lw=1.2)
    ax.set(xlabel="step", ylabel=r"$\lambda_{\max}$ of the Hessian", ylim=(0, None))
    ax.legend(title=r"dashed: $2/\eta$", loc="upper right", bbox_to_anchor=(1, 0.93), ncols=3)
    return figure


@styled
def chords(t: torch.Tensor, curves: dict[str, torch.Tensor]) -> Figure:
    """Draw functions along the straight line between two points, each with its chord.

    Args:
        t: shape (n,), from 0 to 1.
        curves: title → shape (n,), one panel each.
    """
    figure, panels = axes(1, len(curves), size=(6.8, 3))
    for ax, (title, values), colour in zip(panels, curves.items(), ("blue", "orange"), strict=True):
        ax.plot(t, values, color=LIGHT[colour], label="$f$")
        ax.plot(t[[0, -1]], values[[0, -1]], "o--", color=LIGHT["ink"], lw=1.2, markersize=5, label="chord")
        ax.set(xlabel="from $x$ to $y$", ylabel="loss", ylim=(0, 1.15 * values.max()))
        ax.set_title(title)
        ax.legend()
    return figure


@styled
def zigzag(surface: Surface, paths: dict[str, torch.Tensor]) -> Figure:
    """Draw paths on the level lines of a bowl, with the same scale on both axes, so that angles are true.

    Args:
        surface: with n = 2.
        paths: label → shape (steps + 1, 2).
    """
    figure, ax = axes(size=(6.8, 3.4))
    x, y = torch.meshgrid(torch.linspace(-0.5, 2.3, 61), torch.linspace(-0.75, 0.75, 41), indexing="xy")
    draw_levels(ax, x, y, surface(torch.stack([x, y], dim=-1)))
    for (label, path), colour, marker, style in zip(
        paths.items(), ("orange", "green"), "os", ("-", "--"), strict=True
    ):
        ax.plot(*path.T, marker + style, color=LIGHT[colour], markersize=3.5, lw=1.3, label=label)
    ax.plot(0, 0, "*", color=LIGHT["ink"], markersize=11)
    ax.set(xlabel="$x$", ylabel="$y$", aspect="equal", xlim=(-0.5, 2.3), ylim=(-0.75, 0.75))
    ax.legend(loc="lower right", frameon=True, facecolor=LIGHT["paper"], edgecolor=LIGHT["rule"])
    return figure


@styled
def convergence(
    slow: dict[str, tuple[Sequence[int], Sequence[float]]],
    fast: dict[str, tuple[Sequence[int], Sequence[float]]],
) -> Figure:
    """Draw the gap f − f* against the step: on logarithmic axes, and on one logarithmic axis.

    Args:
        slow, fast: label → (steps, gaps); the first of each is the bound, drawn dashed.
    """
    figure, panels = axes(1, 2, size=(7.2, 3.3))
    for ax, curves in zip(panels, (slow, fast), strict=True):
        looks = (("--", "orange"), ("-", "blue"), ("s", "green"))
        for (label, (steps, gaps)), (style, colour) in zip(curves.items(), looks, strict=False):
            ax.plot(steps, gaps, style, color=LIGHT[colour], markersize=4.5, lw=1.5, label=label)
        ax.set(yscale="log", xlabel="step $t$", ylabel="$f(x_t) - f^*$")
        ax.legend(fontsize=8)
    panels[0].set(xscale="log", title="convex: straight on log-log")
    panels[1].set(title="strongly convex: straight on log")
    return figure


@styled
def boards(pictures: dict[str, tuple[tuple[int, ...], list[tuple[int, int]]]]) -> Figure:
    """Draw chess boards with one queen a column, and a line for each pair that attack each other.

    Args:
        pictures: title → the rows of the queens, and the pairs of columns whose queens attack each other.
    """
    figure, panels = axes(1, len(pictures), size=(6.4, 3.3))
    for ax, (title, (board, pairs)) in zip(panels, pictures.items(), strict=True):
        n = len(board)
        for dark in ((c, r) for c in range(n) for r in range(n) if (c + r) % 2):
            ax.add_patch(Rectangle((dark[0] - 0.5, dark[1] - 0.5), 1, 1, color=LIGHT["rule"], lw=0))
        for a, b in pairs:
            ax.plot([a, b], [board[a], board[b]], "--", color=LIGHT["orange"], lw=2)
        for column, row in enumerate(board):
            ax.text(column, row, "♛", ha="center", va="center", fontsize=15, color=LIGHT["ink"])
        ax.set(xlim=(-0.5, n - 0.5), ylim=(-0.5, n - 0.5), aspect="equal", xticks=[], yticks=[])
        ax.set_title(title)
        ax.grid(visible=False)
        for side in ax.spines.values():
            side.set_visible(True)
    return figure
