"""Figures of the chapter *Gradients*."""

import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from book.figures.palette import LIGHT
from book.figures.style import axes, styled
from book.figures.surface import draw_levels
from book.surfaces import Surface

ARROW = {"width": 0.006, "headwidth": 4.5, "headlength": 5.5, "headaxislength": 5, "zorder": 3}
FRAME = {"frameon": True, "framealpha": 0.9, "facecolor": LIGHT["paper"], "edgecolor": LIGHT["rule"]}


@styled
def stuck(surface: Surface, path: torch.Tensor, nudge: float, downhill: torch.Tensor) -> Figure:
    """Draw a path of trial and error, and beside it the place where it ends, with its four nudges.

    Args:
        surface: with n = 2 and its minimum at the origin.
        path: shape (k, 2), the points that were kept.
        nudge: the length of a nudge.
        downhill: shape (2,), minus the gradient at the last point.
    """
    figure, (whole, close) = axes(1, 2, size=(6.8, 3.6))
    draw_levels(whole, *surface.grid(45))
    whole.plot(*path.T, "o-", color=LIGHT["orange"], ms=3, lw=1.2, label="trial and error")
    whole.plot(0, 0, "*", color=LIGHT["ink"], ms=11, label="minimum")
    whole.set(xlabel="$w_1$", ylabel="$w_2$", xlim=(-0.4, 2.3), ylim=(-0.4, 2.3), aspect="equal")
    whole.legend(loc="lower right", **FRAME)
    _last_nudges(close, surface, path[-1], nudge, downhill)
    close.legend(loc="upper left", **FRAME)
    return figure


def _last_nudges(ax: Axes, surface: Surface, end: torch.Tensor, nudge: float, downhill: torch.Tensor) -> None:
    sides = [c + 2.2 * nudge * torch.linspace(-1, 1, 24, dtype=end.dtype) for c in end]
    x, y = torch.meshgrid(*sides, indexing="xy")
    draw_levels(ax, x, y, surface(torch.stack([x, y], dim=-1)), levels=7)
    tried = end + nudge * torch.tensor([[1, 0], [-1, 0], [0, 1], [0, -1]], dtype=end.dtype)
    for there in tried:
        ax.plot(*torch.stack([end, there]).T, ":", color=LIGHT["orange"], lw=1.2)
    ax.plot(*tried.T, "x", color=LIGHT["orange"], ms=7, mew=1.8, label="four nudges, all uphill")
    ax.plot(*end, "o", color=LIGHT["orange"], ms=6)
    way = 1.8 * nudge * downhill / downhill.norm()
    ax.quiver(*end, *way, color=LIGHT["blue"], angles="xy", scale_units="xy", scale=1, **ARROW)
    ax.plot([], [], "-", color=LIGHT["blue"], label="downhill")
    ax.set(xlabel="$w_1$", xlim=(x.min(), x.max()), ylim=(y.min(), y.max()), aspect="equal")


@styled
def secants(slice_of, x: float, steps: list[float], slope: float) -> Figure:
    """Draw a function of one number, lines through its point at x and at x + h, and the tangent.

    Args:
        slice_of: takes and returns a tensor of numbers.
        x: where the lines meet.
        steps: the values of h.
        slope: of the tangent.
    """
    figure, ax = axes(size=(6.2, 3.8))
    t = torch.linspace(x - 1.2, x + max(steps) + 0.3, 121, dtype=torch.float64)
    y = slice_of(torch.tensor(x, dtype=torch.float64))
    ax.plot(t, slice_of(t), color=LIGHT["ink"], label="$f(x, 2)$")
    for h, name, style in zip(steps, ("orange", "purple", "green"), ("--", "-.", ":"), strict=True):
        above = slice_of(torch.tensor(x + h, dtype=torch.float64))
        incline = ((above - y) / h).item()
        ax.plot(
            t,
            y + incline * (t - x),
            style,
            color=LIGHT[name],
            lw=1.3,
            label=f"$h$ = {h:g}: slope {incline:g}",
        )
        ax.plot(x + h, above, "o", color=LIGHT[name], ms=5)
    ax.plot(t, y + slope * (t - x), color=LIGHT["blue"], lw=1.6, label=f"tangent: slope {slope:g}")
    ax.plot(x, y, "o", color=LIGHT["ink"], ms=6)
    ax.set(xlabel="$x$", ylabel="value", xlim=(t[0], t[-1]))
    ax.legend(loc="upper left")
    return figure


@styled
def slices(f, p: torch.Tensor, g: torch.Tensor, reach: float = 1.6) -> Figure:
    """Draw both slices of f through p, each with its tangent.

    Args:
        f: takes shape (..., 2), returns shape (...).
        p, g: shape (2,), the point and the gradient there.
        reach: how far to each side.
    """
    figure, panels = axes(1, 2, size=(6.6, 3.2), sharey=True)
    s = torch.linspace(-reach, reach, 81, dtype=p.dtype)
    for j, (ax, name, other) in enumerate(zip(panels, "xy", ("$y$ held at 2", "$x$ held at 3"), strict=True)):
        ax.plot(p[j] + s, f(p + s[:, None] * torch.eye(2, dtype=p.dtype)[j]), color=LIGHT["ink"])
        label = f"slope {g[j].item():g}"
        ax.plot(p[j] + s, f(p) + g[j] * s, "--", color=LIGHT["blue"], label=label)
        ax.plot(p[j], f(p), "o", color=LIGHT["ink"], ms=6)
        ax.set(xlabel=f"${name}$", title=other)
        ax.legend(loc="upper left")
    panels[0].set_ylabel("$f(x, y)$")
    return figure


@styled
def slope_by_angle(degrees: torch.Tensor, slopes: torch.Tensor, g: torch.Tensor) -> Figure:
    """Draw measured slopes against the angle of the direction, on the cosine that is predicted.

    Args:
        degrees, slopes: shape (n,).
        g: shape (2,), the gradient.
    """
    figure, ax = axes()
    length, angle = g.norm(), torch.rad2deg(torch.atan2(g[1], g[0]))
    curve = length * torch.cos(torch.deg2rad(degrees - angle))
    ax.plot(degrees, curve, color=LIGHT["blue"], label=r"$\|g\|\,\cos(\alpha - \alpha_g)$")
    ax.plot(degrees[::6], slopes[::6], "o", color=LIGHT["orange"], ms=3.5, label="measured, each sixth")
    ax.axhline(0, color=LIGHT["muted"], lw=0.8)
    ax.axvline(angle, color=LIGHT["green"], ls="--", lw=1.2)
    ax.text(angle + 4, -0.93 * length, "direction of $g$", color=LIGHT["green"])
    for side in (-1, 1):
        ax.plot(angle + 90 + 90 * (1 + side), 0, "s", color=LIGHT["purple"], ms=6)
    ax.plot([], [], "s", color=LIGHT["purple"], label="at right angles: level")
    ax.set(xlabel=r"angle $\alpha$ of the direction (degrees)", ylabel="slope", xticks=range(0, 361, 45))
    ax.set_xlim(0, 360)
    ax.legend(loc="upper center", bbox_to_anchor=(0.62, 1.0))
    return figure


@styled
def level_lines(f, points: torch.Tensor, gradients: torch.Tensor, box=((-4.2, 4.8), (-3.0, 3.4))) -> Figure:
    """Draw level lines of f, 6 apart, with the gradients at some points as arrows, all scaled alike.

    Args:
        f: takes shape (..., 2), returns shape (...).
        points, gradients: shape (n, 2).
        box: the ends of both axes.
    """
    figure, ax = axes(size=(6.4, 4.7))
    ends = [torch.linspace(low, high, 45, dtype=torch.float64) for low, high in box]
    x, y = torch.meshgrid(*ends, indexing="xy")
    height, edges = f(torch.stack([x, y], dim=-1)), torch.arange(-36.01, 109, 6)
    shades = [to_rgba(LIGHT["accent"], 0.3 - 0.28 * i / len(edges)) for i in range(len(edges) - 1)]
    ax.contourf(x, y, height, levels=edges, colors=shades)
    lines = {"colors": LIGHT["accent"], "linewidths": 0.7, "alpha": 0.5, "linestyles": "solid"}
    ax.contour(x, y, height, levels=edges, **lines)
    ax.grid(visible=False)
    ax.quiver(
        *points.T, *gradients.T, color=LIGHT["orange"], angles="xy", scale_units="xy", scale=16, **ARROW
    )
    ax.plot(*points.T, "o", color=LIGHT["ink"], ms=4)
    ax.set(xlabel="$x$", ylabel="$y$", xlim=box[0], ylim=box[1], aspect="equal")
    return figure


@styled
def forecast_error(h: torch.Tensor, errors: dict[str, torch.Tensor]) -> Figure:
    """Draw the error of the linear forecast against the length of the step, on logarithmic axes.

    Args:
        h: shape (n,), lengths.
        errors: name of the direction → shape (n,).
    """
    figure, ax = axes()
    for (label, values), marker in zip(errors.items(), "os^", strict=True):
        ax.loglog(h, values, marker, ms=5, label=label)
    guide = 0.25 * h**2
    ax.loglog(h, guide, "--", color=LIGHT["muted"], lw=1.2, label="slope 2")
    ax.set(xlabel=r"length of the step $\|s\|$", ylabel="error of the forecast")
    ax.legend()
    return figure


@styled
def difference_errors(h: torch.Tensor, panels: dict[str, dict[str, tuple]]) -> Figure:
    """Draw the errors of difference quotients against h, with what is predicted.

    Args:
        h: shape (n,), the steps.
        panels: method → dtype → (errors seen, errors predicted, the predicted best step); shape (n,) each.
    """
    figure, both = axes(1, 2, size=(7.0, 3.7), sharey=True)
    for ax, (method, runs) in zip(both, panels.items(), strict=True):
        for (dtype, (seen, predicted, best)), name, marker in zip(
            runs.items(), ("orange", "blue"), "so", strict=True
        ):
            ax.loglog(h, predicted, "-", color=LIGHT[name], lw=1.1)
            ax.loglog(h[seen > 0], seen[seen > 0], marker, color=LIGHT[name], ms=2.6, label=dtype)
            ax.axvline(best, color=LIGHT[name], lw=1, ls="--")
        ax.set(title=method, xlabel="step $h$", ylim=(1e-13, 30))
        ax.legend(loc="lower left", handletextpad=0.3)
    both[0].set_ylabel("relative error of the slope")
    return figure


PLACES = {"x": (0, 1.9), "y": (0, 0.1), "a": (1.7, 2.5), "b": (1.7, 1), "d": (1.7, -0.5)} | {
    "c": (3.3, 1),
    "e": (4.9, 1.8),
    "f": (6.5, 1),
}
LINKS = ("xa", "xb", "yb", "yd", "bc", "ae", "ce", "ef", "df")


@styled
def graph(formulas: dict[str, str], values: dict[str, float], adjoints: dict[str, float]) -> Figure:
    """Draw the computation of x² + 2xy + y³ as a graph, values above the nodes and adjoints below.

    Args:
        formulas: node → what it computes, for its box.
        values, adjoints: node → number.
    """
    figure, ax = axes(size=(7.0, 3.9))
    for start, end in LINKS:
        ax.annotate(
            "",
            xy=PLACES[end],
            xytext=PLACES[start],
            arrowprops={"arrowstyle": "->", "color": LIGHT["muted"], "shrinkA": 25, "shrinkB": 27, "lw": 1.2},
        )
    for node, (x, y) in PLACES.items():
        _box(ax, x, y, formulas[node])
        ax.text(x, y + 0.3, f"{values[node]:g}", ha="center", color=LIGHT["blue"], weight="bold")
        ax.text(x, y - 0.48, f"{adjoints[node]:g}", ha="center", color=LIGHT["orange"], weight="bold")
    ax.text(4.9, -0.35, "above: value", color=LIGHT["blue"])
    ax.text(4.9, -0.7, "below: adjoint", color=LIGHT["orange"])
    ax.set(xlim=(-0.5, 7.1), ylim=(-1.1, 3.0))
    ax.axis("off")
    return figure


def _box(ax: Axes, x: float, y: float, text: str) -> None:
    frame = {"boxstyle": "round,pad=0.4", "facecolor": LIGHT["wash"], "edgecolor": LIGHT["muted"]}
    ax.text(x, y, text, ha="center", va="center", bbox=frame)


@styled
def operations(sizes: list[int], counts: dict[str, list[int]]) -> Figure:
    """Draw how many operations a gradient takes against the number of inputs, on logarithmic axes."""
    figure, ax = axes()
    for (label, values), style in zip(counts.items(), ("o-", "s--", "^-."), strict=True):
        ax.loglog(sizes, values, style, ms=5, label=label)
    ax.set(xlabel="inputs $n$", ylabel="multiplications")
    ax.legend()
    return figure


@styled
def drop(rates: torch.Tensor, real: torch.Tensor, forecast: torch.Tensor) -> Figure:
    """Draw how far the loss falls in one step against the learning rate, and what the slope forecasts.

    Args:
        rates, real, forecast: shape (n,).
    """
    figure, ax = axes()
    ax.plot(rates, forecast, "--", color=LIGHT["blue"], label=r"forecast: $\eta\,\|g\|^2$")
    ax.plot(rates, real, "o-", color=LIGHT["orange"], ms=4, label="the real fall")
    ax.set(xlabel=r"learning rate $\eta$", ylabel="fall of the loss in one step")
    ax.legend()
    return figure
