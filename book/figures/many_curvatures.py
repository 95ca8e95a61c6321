"""Figures of *Momentum* on many curvatures: a root, a picture restored, a chain, noise, a regression."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, zeros_like

from book.figures.images import GAP, mosaic
from book.figures.labels import name_at
from book.figures.narrow import is_narrow
from book.figures.palette import LIGHT
from book.figures.style import axes, styled

COLOURS = {"descent": "orange", "momentum": "blue", "conjugate gradient": "green"}
WIDE = 7.4  # inches


@styled
def steps_by_condition(
    kappas: Sequence[float],
    seen: dict[str, Sequence[int]],
    predicted: dict[str, Sequence[float]],
    losses: dict[str, Tensor],
) -> Figure:
    """Draw the steps needed against the condition number, and the loss step by step in the narrowest valley.

    Args:
        kappas: the condition numbers.
        seen: method → steps counted, drawn as marks.
        predicted: the same methods → steps by formula, drawn as lines.
        losses: the same methods, and the second with half of its first gradient → the loss over its start,
            shape (steps + 1,).
    """
    figure, (left, right) = axes(1, 2, size=(WIDE, 3.8))
    for name, steps in seen.items():
        look = {"color": LIGHT[COLOURS[name]]}
        left.plot(kappas, predicted[name], lw=1.4, **look)
        left.vlines(kappas, predicted[name], steps, lw=1.4, **look)
        left.plot(kappas, steps, "o", markersize=5.5, **look)
        right.plot(losses[name], lw=1.8, **look)
    names = list(seen)
    name_at(left, names[0], (kappas[2], seen[names[0]][2]), COLOURS[names[0]], (-8, 8), ha="right")
    name_at(left, names[1], (kappas[2], predicted[names[1]][2]), COLOURS[names[1]], (4, -14))
    most = max(a / b for a, b in zip(seen[names[1]], predicted[names[1]], strict=True))
    words = f"marks: runs, up to {100 * (most - 1):.0f} % above\nthe line of the formula"
    name_at(left, words, (0.97, 0.08), "ink", xycoords="axes fraction", ha="right", fontsize=9)
    left.set(xscale="log", yscale="log", xlabel=r"condition number $\kappa$", title="steps to a millionth")
    right.plot(losses["first halved"], color=LIGHT["blue"], lw=1.4, ls=(0, (4, 2)))
    _rise(right, losses[names[1]])
    name_at(right, names[0], (0.97, 0.7), COLOURS[names[0]], xycoords="axes fraction", ha="right")
    for name, words, step, aside, ha in (
        (names[1], names[1], 86, (6, 4), "left"),
        ("first halved", "half of the\nfirst gradient", 45, (-6, -14), "right"),
    ):
        place = (step, float(losses[name][step]))
        name_at(right, words, place, "blue", aside, ha=ha)
    right.set(yscale="log", xlabel="step $t$", title=rf"loss over its start, $\kappa$ = {kappas[-1]}")
    return figure


def _rise(ax: Axes, loss: Tensor) -> None:
    above = (loss > 1).numpy()
    ax.fill_between(range(len(loss)), 1, loss, where=above, color=LIGHT["blue"], alpha=0.18, lw=0)
    ax.axhline(1, color=LIGHT["ink"], lw=0.9)
    name_at(ax, "the rise", (float(loss.argmax()), float(loss.max())), "blue", (16, 2))


@styled
def restored(grid: Tensor, names: Sequence[str], steps: Sequence[int]) -> Figure:
    """Draw what a picture looks like after some steps, one row for each method.

    Args:
        grid: uint8, shape (methods, times, C, H, W).
        names: titles of the rows.
        steps: the times.
    """
    figure, panels = axes(len(names), 1, size=(7.2, 2.0 if is_narrow() else 3.2), sharex=True)
    wide = grid.shape[-1] + GAP
    for ax, row, name in zip(panels, grid, names, strict=True):
        ax.imshow(mosaic(row[None]), interpolation="nearest", aspect="auto")
        ax.set_xticks([column * wide + wide / 2 for column in range(len(steps))], steps)
        ax.set_yticks([])
        ax.tick_params(length=0)
        ax.set_title(name)
        ax.grid(visible=False)
        ax.spines[:].set_visible(False)
    panels[-1].set(xlabel="step $t$")
    return figure


@styled
def reach(shares: dict[str, Tensor], left: dict[str, Tensor], bound: Tensor) -> Figure:
    """Draw how far the links of a chain have come, a map for each method, and the distance left.

    Args:
        shares: method → x over its value at the minimum, shape (steps + 1, n).
        left: method → the distance over that at the start, shape (steps + 1,).
        bound: the least that can be left, shape (steps + 1,).
    """
    figure, panels = axes(2, 2, size=(WIDE, 6.4))
    for ax, (name, share) in zip(panels.flat, shares.items(), strict=False):
        _front(ax, share)
        ax.set_title(name, color=LIGHT[COLOURS[name]])
    name_at(
        panels[0, 0],
        "darker: nearer its goal",
        (0.97, 0.05),
        xycoords="axes fraction",
        ha="right",
        fontsize=9,
    )
    panels[0, 0].set(ylabel="link")
    panels[1, 0].set(ylabel="link")
    _distances(panels[1, 1], left, bound)
    return figure


SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)  # of a link's way to its goal
AT = (  # where a curve has its name: share of the steps, side, points away
    ("descent", 0.62, "left", (0, 12)),
    ("conjugate gradient", 0.5, "left", (4, 12)),
    ("momentum", 0.72, "right", (-8, -14)),
)


def _front(ax: Axes, share: Tensor) -> None:
    """A map of link against step, the darker the nearer a link is to its goal; the corner is out of reach."""
    steps, n = share.shape[0] - 1, share.shape[1]
    times = np.arange(-0.5, steps + 1)
    for level in SHARES:
        links = (share > level).cumprod(dim=1).sum(dim=1).numpy()
        ax.stairs(links + 0.5, times, baseline=0.5, fill=True, color=LIGHT["accent"], alpha=0.2, lw=0)
    edge = np.arange(steps + 1)
    ax.stairs(edge + 0.5, times, baseline=n + 0.5, fill=True, color=LIGHT["muted"], alpha=0.13, lw=0)
    ax.stairs(edge + 0.5, times, baseline=None, color=LIGHT["ink"], lw=1.2)
    name_at(ax, "no news here yet", (0.06, 0.86), "muted", xycoords="axes fraction")
    ax.set(xlabel="step $t$", xlim=(-0.5, steps + 0.5), ylim=(0.5, n + 0.5))
    ax.grid(visible=False)


def _distances(ax: Axes, left: dict[str, Tensor], bound: Tensor) -> None:
    low, last = float(bound[-1]) / 8, len(bound) - 1
    ax.fill_between(range(len(bound)), bound, low, color=LIGHT["muted"], alpha=0.13, lw=0)
    for name, curve in left.items():
        ax.plot(curve, color=LIGHT[COLOURS[name]], lw=2.2)
    ax.plot(bound, color=LIGHT["ink"], lw=1, ls=(0, (2, 3)))
    name_at(ax, "no sum of gradients\ncomes here", (0.06, 0.13), "muted", xycoords="axes fraction")
    for name, place, side, shift in AT:
        t = round(place * last)
        name_at(ax, name, (t, float(left[name][t])), COLOURS[name], shift, ha=side)
    ax.set(yscale="log", xlabel="step $t$", ylim=(low, 1.6), xlim=(0, last), title="distance left")


@styled
def polynomials(curvature: Tensor, values: dict[str, Tensor], steps: int) -> Figure:
    """Draw what is left along each eigenvector after some steps, the size of a polynomial of its curvature.

    Args:
        curvature: shape (n,).
        values: method → shape (n,), and what is the least possible.
        steps: the degree.
    """
    figure, ax = axes(size=(WIDE, 3.7))
    for name, left in values.items():
        colour, size = LIGHT[COLOURS.get(name, "green")], left.abs()
        ax.fill_between(curvature, 1e-4, size, color=colour, alpha=0.1, lw=0)
        ax.plot(curvature, size, color=colour, lw=1.8)
        most = float(size.max())
        ax.axhline(most, color=colour, lw=0.9, ls=(0, (4, 3)))
        name_at(ax, f"{most:.2g}", (float(curvature[-1]), most), COLOURS.get(name, "green"), (4, 0))
    third = len(curvature) // 12
    name_at(ax, "descent", (float(curvature[third]), float(values["descent"][third].abs())), "orange", (8, 8))
    name_at(ax, "momentum", (float(curvature[len(curvature) // 2]), 0.075), "blue", ha="center")
    place = (float(curvature[len(curvature) // 2]), 0.0042)
    least = "Chebyshev's" if is_narrow() else "least possible: Chebyshev's"
    name_at(ax, least, place, "green", ha="center")
    ax.set(yscale="log", ylim=(1e-4, 1.2), xlim=(float(curvature[0]), float(curvature[-1])))
    ax.set(
        xlabel=r"curvature $\lambda$", title=rf"what {steps} steps leave, $\vert p_{{{steps}}}(\lambda)\vert$"
    )
    return figure


@styled
def two_phases(panels: dict[str, dict[str, Tensor]], over: Sequence[int]) -> Figure:
    """Draw the loss with noise as a sum: what is left of the start, and what the noise has added.

    Args:
        panels: title → {"from the start": …, "from the noise": …, "both, measured": …}, shape (steps + 1,).
        over: for each panel the step from which the noise is the larger part.
    """
    figure, places = axes(1, len(panels), size=(WIDE, 3.7), sharey=True)
    hues = ("orange", *["blue"] * (len(panels) - 1))
    for ax, (title, curves), step, hue in zip(places, panels.items(), over, hues, strict=True):
        start, noise, both = curves.values()
        ax.plot(both, color=LIGHT["ink"], lw=4, alpha=0.25)
        ax.plot(start, color=LIGHT[hue], lw=1.8)
        ax.plot(noise, color=LIGHT["green"], lw=1.8)
        ax.axvline(step, color=LIGHT["muted"], lw=1, ls=":")
        ax.set(xlabel="step $t$", yscale="log", title=title)
        ax.title.set_color(LIGHT[hue])
    low = min(float(curves["from the noise"][2]) for curves in panels.values())
    places[0].set(ylabel="mean loss", ylim=(low, None))
    both, last = next(iter(panels.values()))["both, measured"], list(panels.values())[-1]
    start, noise = last["from the start"], last["from the noise"]
    name_at(places[0], "both, measured", (8, float(both[8])), "ink", (8, 10))
    name_at(places[-1], "left of the start", (1.1 * over[-1], float(start[over[-1]]) / 8), hues[-1], (14, 0))
    name_at(places[-1], "from the noise", (len(noise) // 3, float(noise[-1])), "green", (0, 14))
    return figure


@styled
def eigenpolynomials(x: Tensor, shapes: Tensor, curvatures: Sequence[float], points: Tensor) -> Figure:
    """Draw the polynomial that each eigenvector of a regression stands for, the most robust first.

    Args:
        x: shape (n,).
        shapes: shape (n, directions).
        curvatures: one for each direction.
        points: where the data lie, shape (N,).
    """
    columns = (len(curvatures) + 1) // 2
    figure, panels = axes(2, columns, size=(WIDE, 3.8), sharex=True, sharey=True)
    for ax in panels.flat[len(curvatures) :]:
        ax.set_axis_off()
    for ax, shape, curvature in zip(panels.flat, shapes.T, curvatures, strict=False):
        ax.fill_between(x, 0, shape, color=LIGHT["purple"], alpha=0.15, lw=0)
        ax.axhline(0, color=LIGHT["muted"], lw=0.8)
        ax.plot(x, shape, color=LIGHT["purple"], lw=1.8)
        ax.plot(points, zeros_like(points), "|", color=LIGHT["ink"], markersize=8)
        rounded = np.format_float_positional(curvature, 1, fractional=False, trim="-")
        ax.set_title(rf"$\lambda$ = {rounded}", fontsize=10)
    for ax in panels[-1]:
        ax.set(xlabel="$s$")
    return figure


@styled
def early_stopping(
    t: Tensor, errors: dict[str, Tensor], x: Tensor, fits: dict[str, Tensor], data: tuple[Tensor, Tensor]
) -> Figure:
    """Draw errors against the step, and the polynomials of some steps among the data.

    Args:
        t: the steps, shape (k,).
        errors: label → shape (k,).
        x: shape (n,).
        fits: label → shape (n,): that of the best step, and a late one.
        data: inputs and targets, shape (N,) each.
    """
    figure, (left, right) = axes(1, 2, size=(WIDE, 3.5))
    places = (("muted", 1000, -11), ("pink", 3, 14))
    for (label, values), (colour, at, shift) in zip(errors.items(), places, strict=True):
        left.plot(t, values, color=LIGHT[colour], lw=2)
        name_at(left, label, (at, float(values[t <= at][-1])), colour, (0, shift))
    left.set(xscale="log", yscale="log", xlabel="step $t$", title="root mean square error")
    left.set_ylim(bottom=0.7 * min(float(values.min()) for values in errors.values()))  # room for a name
    right.plot(*data, "o", color=LIGHT["ink"], markersize=4)
    for row, ((label, values), colour) in enumerate(zip(fits.items(), ("green", "pink"), strict=True)):
        right.plot(x, values, color=LIGHT[colour], lw=2)
        name_at(right, label, (0.97, 0.16 - 0.09 * row), colour, xycoords="axes fraction", ha="right")
    right.set(xlabel="input $s$", title="the fit", ylim=(-2.2, 2.2))
    return figure
