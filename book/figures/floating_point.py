"""Figures of the chapter *Floating point*: the floats themselves, their rounding and their ends."""

import math

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from book.figures.palette import LIGHT
from book.figures.style import axes, styled

COLOURS = {"float16": "orange", "bfloat16": "purple", "float32": "blue", "float64": "green"}
FIELDS = {"sign": "pink", "exponent": "gold", "fraction": "sky"}


def colour(name: str) -> str:
    """The colour of a format, the same in every figure.

    Examples:
        >>> colour("float32") == LIGHT["blue"]
        True
    """
    return LIGHT[COLOURS[name]]


@styled
def counters(counts: dict[str, list[float]]) -> Figure:
    """Draw what a counter holds after every step, one line a format, with where it stands still.

    Args:
        counts: the counts by format name, each of length n.
    """
    figure, ax = axes()
    for name, values in counts.items():
        stuck = values.index(values[-1]) + 1 < len(values)
        shift = -150 if name == "float64" else 0  # it lies on float32
        ax.plot(
            range(0, len(values) + 1, 50), [0, *values][::50], color=colour(name), ls="--" if shift else "-"
        )
        label = f"{name}: {values[-1]:.0f}" + (", stuck" if stuck else "")
        ax.text(len(values) + 40, values[-1] + shift, label, color=colour(name), va="center", fontsize=9)
    ax.set(xlabel="ones added", ylabel="the count", xlim=(0, 1.32 * len(values)))
    ax.set_xticks(range(0, len(values) + 1, 500))
    return figure


@styled
def tiny_line(subnormal: list[float], normal: list[float]) -> Figure:
    """Draw every non-negative number of a tiny format on one line, and the part below 1 enlarged.

    Args:
        subnormal, normal: the numbers, in increasing order.
    """
    figure, rows = axes(2, 1, size=(6.6, 2.7))
    for ax, right in zip(rows, (normal[-1], 1.0), strict=True):
        ax.hlines(0, 0, right, color=LIGHT["rule"], lw=1, zorder=1)
        for x in (x for x in subnormal + normal if x <= right):
            series = "pink" if x < normal[0] else ("blue", "green")[round(math.floor(math.log2(x))) % 2]
            power = x == 0 or (x >= normal[0] and math.log2(x).is_integer())
            ax.vlines(x, -0.28 if power else -0.14, 0.28 if power else 0.14, color=LIGHT[series], lw=1.8)
        ax.set(ylim=(-0.42, 0.55), xlim=(-0.02 * right, 1.02 * right), yticks=[])
        ax.grid(False)
        ax.spines[["left", "bottom"]].set_visible(False)
    rows[0].set_xticks([0, 1, 2, 4, 8, normal[-1]])
    rows[1].set_xticks([0, 1 / 16, 1 / 4, 1 / 2, 1], ["0", "1/16", "1/4", "1/2", "1"])
    rows[1].text(1 / 8, 0.34, "subnormals", color=LIGHT["pink"], ha="center", fontsize=9)
    rows[1].text(5 / 8, 0.34, "normal numbers", color=LIGHT["blue"], ha="center", fontsize=9)
    rows[1].set_title("enlarged: from 0 to 1", fontsize=9, color=LIGHT["muted"])
    return figure


@styled
def strips(patterns: dict[str, tuple[str, str, str]], values: dict[str, str]) -> Figure:
    """Draw the bits of one number in several formats, aligned at the border of exponent and fraction.

    Args:
        patterns: by format name, the sign, the exponent and the fraction as strings of 0 and 1.
        values: by format name, the number that the bits stand for, as text.
    """
    figure, ax = axes(size=(6.6, 2.9), narrow=(6.6, 2.9))
    for row, (name, fields) in enumerate(patterns.items()):
        left, y = -len(fields[0] + fields[1]), -1.9 * row
        for field, series in zip(fields, FIELDS.values(), strict=True):
            for bit in field:
                box = Rectangle(
                    (left, y), 0.9, 1, fc=LIGHT[series], ec="none", alpha=0.85 if bit == "1" else 0.22
                )
                ax.add_patch(box)
                left += 1
        ax.text(-12.6, y + 0.5, name, ha="right", va="center", fontsize=9, color=colour(name))
        ax.text(0, y - 0.42, values[name], va="center", fontsize=8, color=LIGHT["muted"])
    for x, (field, series) in zip((-12.4, -8.2, 0.2), FIELDS.items(), strict=True):
        ax.text(x, 1.5, field, color=LIGHT[series], fontsize=9)
    ax.set(xlim=(-20, 53), ylim=(-6.6, 2.4))
    ax.axis("off")
    return figure


@styled
def rounding(exact: list[float], rounded: list[float]) -> Figure:
    """Draw an arrow from each exact number, above, to the float it is rounded to, below.

    Args:
        exact, rounded: shape (n,); an exact number halfway between two floats is marked.
    """
    figure, ax = axes(size=(6.6, 2.2), narrow=(5.8, 2.2))
    for start, end in zip(exact, rounded, strict=True):
        tie = start != end
        series = "orange" if tie else "muted"
        style = {"arrowstyle": "-|>", "color": LIGHT[series], "lw": 1.4, "shrinkA": 2, "shrinkB": 2}
        ax.annotate("", xy=(end, 0.1), xytext=(start, 0.9), arrowprops=style)
        ax.text(start, 1.0, f"{start:.0f}", ha="center", va="bottom", fontsize=8.5, color=LIGHT[series])
    floats = sorted(set(rounded))
    ax.plot(floats, [0] * len(floats), "|", color=colour("float16"), markersize=16, mew=2)
    for number in floats:
        last = "even" if (number / 2) % 2 == 0 else "odd"
        ax.text(
            number,
            -0.3,
            f"{number:.0f}\n{last}",
            ha="center",
            va="top",
            fontsize=8.5,
            color=colour("float16"),
        )
    ax.set(ylim=(-0.85, 1.25), xlim=(exact[0] - 0.8, exact[-1] + 0.8))
    ax.axis("off")
    return figure


@styled
def spacing(curves: dict[str, tuple[torch.Tensor, torch.Tensor]]) -> Figure:
    """Draw the gap to the next float against the number itself, with both axes in powers of two.

    Args:
        curves: by format name, the exponents of the numbers and of their spacings, each of shape (n,).
    """
    figure, ax = axes(size=(6.4, 4))
    places = {"float16": (-22, 12), "bfloat16": (132, 115), "float32": (132, 99), "float64": (145, 83)}
    for name, (x, gap) in curves.items():
        ax.plot(x, gap, color=colour(name), drawstyle="steps-post", ls="--" if name == "bfloat16" else "-")
        if name != "float64":  # it goes on beyond the picture
            ax.plot(x[-1:], gap[-1:], "o", color=colour(name), markersize=4)
        side = "right" if name == "float16" else "left"
        ax.text(*places[name], name, ha=side, fontsize=9, color=colour(name))
    ax.axhline(0, color=LIGHT["muted"], lw=1, ls=":")
    ax.text(-158, 2, "gap of 1", color=LIGHT["muted"], fontsize=8)
    ax.set(xlabel="size of the number, as a power of two", ylabel="gap to the next, as a power of two")
    ax.set(xlim=(-160, 185), ylim=(-200, 125))
    return figure


@styled
def exp_range(limits: dict[str, tuple[float, float, float]]) -> Figure:
    """Draw, for each format, where exp(x) is zero, subnormal, normal and infinite.

    Args:
        limits: by format name, the x at which exp(x) stops being 0, becomes normal, and becomes inf.
    """
    figure, ax = axes(size=(6.4, 2.8))
    for row, (name, (zero, normal, infinite)) in enumerate(limits.items()):
        ax.barh(-row, normal - zero, left=zero, height=0.5, color=colour(name), alpha=0.35)
        ax.barh(-row, infinite - normal, left=normal, height=0.5, color=colour(name))
        for x, side in ((zero, "right"), (infinite, "left")):
            ax.text(x, -row, f" {x:.1f} ", ha=side, va="center", fontsize=8.5, color=LIGHT["ink"])
    ax.text(-1150, 0.45, "exp(x) = 0", ha="left", fontsize=9, color=LIGHT["muted"])
    ax.text(1080, 0.45, "exp(x) = inf", ha="right", fontsize=9, color=LIGHT["muted"])
    ax.set_yticks([-row for row in range(len(limits))], list(limits))
    ax.set(xlabel="x", xlim=(-1170, 1100), ylim=(-3.5, 0.8))
    ax.grid(axis="y", visible=False)
    return figure
