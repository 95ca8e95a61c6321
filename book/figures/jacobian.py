"""Figures of the chapter *The Jacobian*."""

from collections.abc import Callable

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from torch import Tensor

from book.figures.palette import LIGHT
from book.figures.style import axes, styled

Map = Callable[[Tensor], Tensor]
POINTS = 41


@styled
def nudged(before: Tensor, after: Tensor, input_name: str) -> Figure:
    """Draw outputs before and after a nudge of one input as pairs of bars, each change written above.

    Args:
        before, after: shape (m,).
        input_name: what was nudged, for the label of the second bars.
    """
    figure, ax = axes(size=(6.4, 3.0))
    places = torch.arange(len(before))
    ax.bar(places - 0.18, before, 0.34, color=LIGHT["paper"], edgecolor=LIGHT["blue"], lw=1.6, label="before")
    ax.bar(places + 0.18, after, 0.34, color=LIGHT["orange"], label=f"after {input_name}")
    for i, (low, high) in enumerate(zip(before.tolist(), after.tolist(), strict=True)):
        ax.text(i, max(low, high) + 0.02, f"{high - low:+.3f}".replace("-", "−"), ha="center")
    ax.set(xticks=places, xticklabels=[f"$p_{i + 1}$" for i in places], ylabel="probability", ylim=(0, 0.85))
    ax.grid(visible=False, axis="x")
    ax.legend()
    return figure


@styled
def shrinking(F: Map, x: Tensor, sides: tuple[float, ...], J: Tensor) -> Figure:
    """Draw both images of ever smaller squares, each panel magnified so that the square fills it.

    Args:
        F: takes shape (2,), returns shape (2,).
        x: shape (2,), the middle of the squares.
        sides: of the squares, one panel each.
        J: shape (2, 2), the Jacobian of F at x.
    """
    figure, panels = axes(1, len(sides), size=(6.8, 3.1))
    middle = F(x)
    for ax, side in zip(panels, sides, strict=True):
        _draw_images(ax, F, x, side, J)
        reach = 1.35 * side
        ax.set(
            title=f"side {side:g}", aspect="equal", xticks=[], yticks=[], xlabel="$F_1$",
            xlim=(middle[0] - reach, middle[0] + reach), ylim=(middle[1] - reach, middle[1] + reach),
        )  # fmt: skip
    panels[0].set_ylabel("$F_2$")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


@styled
def error_by_side(sides: Tensor, errors: Tensor) -> Figure:
    """Draw the largest distance between both images against the side, with a line of slope 2.

    Args:
        sides, errors: shape (k,).
    """
    figure, ax = axes()
    ax.loglog(
        sides,
        errors[-1] * (sides / sides[-1]) ** 2,
        "--",
        color=LIGHT["orange"],
        label="proportional to side²",
    )
    ax.loglog(sides, errors, "o", color=LIGHT["blue"], label="measured")
    ax.set(xlabel="side of the square", ylabel="largest distance between the images")
    ax.legend()
    return figure


@styled
def product(factors: dict[str, Tensor]) -> Figure:
    """Draw matrices side by side, a disc for each entry: its area the size, filled or open for the sign.

    Args:
        factors: label → shape (rows, columns); an equality sign follows the first, products the others.
    """
    figure, ax = axes(size=(6.8, 2.9), narrow=(6.0, 2.6))
    left, height = 0.0, max(len(matrix) for matrix in factors.values())
    for i, (label, matrix) in enumerate(factors.items()):
        rows, columns = matrix.shape
        top = (height + rows) / 2
        _draw_discs(ax, matrix, left, top)
        ax.text(left + columns / 2, top + 0.35, label, ha="center", fontsize=11)
        ax.text(left + columns / 2, top - rows - 0.7, f"({rows}, {columns})", ha="center", fontsize=10)
        left += columns + 1.3
        if i + 1 < len(factors):
            ax.text(left - 0.65, height / 2, "×" if i else "=", ha="center", va="center", fontsize=13)
    ax.set(aspect="equal", xlim=(-0.3, left - 1), ylim=(-1.0, height + 1.1))
    ax.axis("off")
    return figure


@styled
def cost_by_shape(rows: list[dict]) -> Figure:
    """Draw the time of forward over reverse mode against inputs over outputs.

    Args:
        rows: as `book.bench.jacobians` stores them.
    """
    figure, ax = axes(size=(6.4, 4.2))
    shapes = sorted({(row["inputs"], row["outputs"]) for row in rows})
    across = [n / m for n, m in shapes]
    for counted, label, colour in (
        ([3 * n / (m + 1) for n, m in shapes], "one by one, counted", "blue"),
        ([(n + 2) / (m + 1) for n, m in shapes], "together, counted", "orange"),
    ):
        ax.loglog(across, counted, ":", color=LIGHT[colour], lw=1.6, label=label)
    for way, hidden, label, colour, style in (
        ("one_by_one", 1024, "one by one, width 1024", "blue", "o-"),
        ("together", 1024, "together, width 1024", "orange", "s-"),
        ("together", 256, "together, width 256", "green", "^--"),
    ):
        chosen = [row for row in rows if row["hidden"] == hidden]
        across = [row["inputs"] / row["outputs"] for row in chosen]
        ratios = [row[way]["ratio"] for row in chosen]
        ax.loglog(across, ratios, style, color=LIGHT[colour], ms=4, lw=1.4, label=label)
        quartiles = zip(*(row[way]["quartiles"] for row in chosen), strict=True)
        ax.fill_between(across, *quartiles, color=LIGHT[colour], alpha=0.25, lw=0)
    ax.axhline(1, color=LIGHT["ink"], lw=0.8)
    said = "above 1 reverse is faster,\nbelow it forward"
    ax.text(0.97, 0.04, said, ha="right", color=LIGHT["muted"], fontsize=9, transform=ax.transAxes)
    ax.set(xlabel="inputs over outputs, $n / m$", ylabel="time of forward over time of reverse")
    ax.legend(loc="upper left")
    return figure


@styled
def arrows(gradients: Tensor) -> Figure:
    """Draw every example's gradient as an arrow from the origin, and their mean as a heavy one.

    Args:
        gradients: shape (N, 2).
    """
    figure, ax = axes(size=(6.4, 4.4))
    zero = torch.zeros(len(gradients))
    options = {"angles": "xy", "scale_units": "xy", "scale": 1}
    ax.quiver(zero, zero, *gradients.T, color=LIGHT["sky"], width=0.005, label="one example", **options)
    ax.quiver(
        0, 0, *gradients.mean(0), color=LIGHT["orange"], width=0.02, headwidth=2.4, headlength=2.4,
        headaxislength=2.4, label="their mean", **options,
    )  # fmt: skip
    low, high = gradients.amin(0), gradients.amax(0)
    (left, bottom), (right, top) = (low - 0.1 * (high - low)).tolist(), (high + 0.1 * (high - low)).tolist()
    ax.set(xlabel=r"$\partial L_i / \partial w_1$", ylabel=r"$\partial L_i / \partial w_2$")
    ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
    return figure


@styled
def blocks(batched: dict[str, Tensor]) -> Figure:
    """Draw Jacobians of a whole batch, of shape (B, m, B, n), as matrices with B × B blocks.

    Args:
        batched: title → shape (B, m, B, n).
    """
    figure, panels = axes(1, len(batched), size=(6.8, 2.9))
    for ax, (title, jacobian) in zip(panels, batched.items(), strict=True):
        B, m, _, n = jacobian.shape
        _draw_discs(ax, jacobian.reshape(B * m, B * n), 0, B * m)
        for i in range(1, B):
            ax.plot((0, B * n), (i * m, i * m), color=LIGHT["muted"], lw=0.8)
            ax.plot((i * n, i * n), (0, B * m), color=LIGHT["muted"], lw=0.8)
        ax.set(title=title, aspect="equal", xlim=(-0.1, B * n + 0.1), ylim=(-0.1, B * m + 0.1))
        ax.set(xticks=[(i + 0.5) * n for i in range(B)], yticks=[(B - i - 0.5) * m for i in range(B)])
        ax.set(xticklabels=range(1, B + 1), yticklabels=range(1, B + 1), xlabel="input of example")
        ax.grid(visible=False)
    panels[0].set_ylabel("output of example")
    return figure


def _square(x: Tensor, side: float) -> Tensor:
    t = torch.linspace(-1, 1, POINTS, dtype=x.dtype)
    one = torch.ones_like(t)
    ring = [(t, -one), (one, t), (-t, one), (-one, -t)]
    return x + side / 2 * torch.cat([torch.stack(edge, dim=1) for edge in ring])


def _image(F: Map, points: Tensor) -> Tensor:
    return torch.stack([F(p) for p in points])


def _draw_images(ax: Axes, F: Map, x: Tensor, side: float, J: Tensor) -> None:
    ring = _square(x, side)
    ax.plot(*_image(F, ring).T, color=LIGHT["blue"], label="image of the square")
    ax.plot(
        *(F(x) + (ring - x) @ J.T).T, "--", color=LIGHT["orange"], lw=1.5, label="image under the linear map"
    )
    ax.plot(*F(x), "o", color=LIGHT["ink"], ms=4)


def _draw_discs(ax: Axes, matrix: Tensor, left: float, top: float) -> None:
    rows, columns = matrix.shape
    frame = torch.tensor([[0, 0], [columns, 0], [columns, -rows], [0, -rows], [0, 0]]) * 1.0
    ax.plot(*(frame + torch.tensor([left, top])).T, color=LIGHT["muted"], lw=0.9)
    radii = 0.46 * (matrix.abs() / matrix.abs().max()).sqrt()
    for i, j in torch.nonzero(matrix).tolist():
        fill = LIGHT["blue"] if matrix[i, j] > 0 else LIGHT["paper"]
        edge = LIGHT["blue"] if matrix[i, j] > 0 else LIGHT["orange"]
        place = (left + j + 0.5, top - i - 0.5)
        ax.add_patch(Circle(place, radii[i, j].item(), facecolor=fill, edgecolor=edge, lw=1.1))
