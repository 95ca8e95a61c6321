"""Figures of the chapter *Data and networks*: networks as boxes, shares of each layer, receptive fields."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from torch import Tensor, nn

from book.figures.palette import LIGHT
from book.figures.style import axes, styled
from book.training.anatomy import Layer

COLOURS = {"image": "muted", "conv": "blue", "pool": "orange", "linear": "green"}
SLOPE = 0.2  # a pixel of an image's width, drawn aslant, goes so far to the right and up
WIDTH = 210  # of a drawing, in pixels of the image; below it, where its columns stand
COLUMNS = {"boxes": 34, "first": 72, "second": 95, "output": 160, "parameters": 208}
LINE = 15  # the lowest row
LEVELS = (0.1, 0.3, 0.6)  # of the largest gradient: where the shade of a pixel changes


@dataclass
class Stage:
    """Layers drawn above one label: (kind, shape of the output) of each, and their parameters."""

    boxes: list[tuple[str, tuple[int, ...]]]
    parameters: int = 0


def stages(layers: Sequence[Layer], shape: tuple[int, ...]) -> list[Stage]:
    """Gather a network's layers: convolutions of one shape with the pooling behind them, each linear layer.

    Args:
        layers: as `book.training.anatomy.layers` gives them.
        shape: of an image, (C, H, W).

    Examples:
        >>> from book.training.anatomy import layers
        >>> model = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.MaxPool2d(2))
        >>> stages(layers(model, (3, 4, 4)), (3, 4, 4))[1]
        Stage(boxes=[('conv', (8, 4, 4)), ('pool', (8, 2, 2))], parameters=240)
    """
    found = [Stage([("image", shape)])]
    for layer in layers:
        kind, last = _kind(layer.module), found[-1].boxes[-1]
        if kind == "linear" or (kind == "conv" and last != (kind, layer.shape)):
            found.append(Stage([]))
        if kind:
            found[-1].boxes.append((kind, layer.shape))
        found[-1].parameters += layer.parameters
    return found


@styled
def blocks(name: str, layers: Sequence[Layer], shape: tuple[int, ...]) -> Figure:
    """Draw a network from top to bottom: an output of C × H × W is a box of height H and depth W.

    Its thickness is half the root of C. An output without a place is a bar; its height is the root of its
    length. All networks are drawn to one scale.

    Args:
        name: of the network.
        layers, shape: as for `stages`.
    """
    shown = stages(layers, shape)
    heights = [max(LINE, *(_height(output) + 9 for _, output in stage.boxes)) for stage in shown]
    size = (4.4, 4.4 / WIDTH * (sum(heights) + LINE))
    figure, ax = axes(size=size, narrow=size)
    ax.text(0, -LINE / 2, name, va="center")
    for head in ("output", "parameters"):
        ax.text(COLUMNS[head], -LINE / 2, head, ha="right", va="center", fontsize=9, color=LIGHT["muted"])
    top = -float(LINE)
    for stage, height in zip(shown, heights, strict=True):
        _draw(ax, top - height / 2, stage)
        top -= height
    ax.set(xlim=(0, WIDTH), ylim=(top, 0), aspect="equal")
    ax.axis("off")
    return figure


def _kind(module: nn.Module) -> str | None:
    kinds: dict[type[nn.Module], str] = {nn.Conv2d: "conv", nn.MaxPool2d: "pool", nn.Linear: "linear"}
    return kinds.get(type(module))


def _thickness(shape: tuple[int, ...]) -> float:
    return 3 if len(shape) == 1 else max(1.0, shape[0] ** 0.5 / 2)


def _height(shape: tuple[int, ...]) -> float:
    return shape[0] ** 0.5 if len(shape) == 1 else shape[1] + SLOPE * shape[2]


def _draw(ax: Axes, middle: float, stage: Stage) -> None:
    wide = sum(_thickness(output) + 2 for _, output in stage.boxes)
    left = COLUMNS["boxes"] - wide / 2
    for kind, output in stage.boxes:
        _box(ax, left, middle, kind, output)
        left += _thickness(output) + 2
    kinds = [kind for kind, _ in stage.boxes]
    count = kinds.count(kinds[0])
    words = {"first": f"{count} conv" if kinds[0] == "conv" else kinds[0]}
    if kinds[count:]:
        words["second"] = f"+ {kinds[-1]}"
    for column, text in words.items():
        colour = LIGHT[COLOURS[text.split()[-1]]]
        ax.text(COLUMNS[column], middle, text, va="center", fontsize=9, color=colour)
    numbers = {"output": "×".join(map(str, stage.boxes[0][1]))}
    if stage.parameters:
        numbers["parameters"] = f"{stage.parameters:,}"
    for column, text in numbers.items():
        ax.text(COLUMNS[column], middle, text, ha="right", va="center", fontsize=9)


def _box(ax: Axes, left: float, middle: float, kind: str, shape: tuple[int, ...]) -> None:
    colour, thick = LIGHT[COLOURS[kind]], _thickness(shape)
    deep = SLOPE * shape[2] if len(shape) == 3 else 0
    slant, low = torch.tensor([deep, deep]), middle - _height(shape) / 2
    high = low + _height(shape) - deep
    corners = torch.tensor([[left, low], [left + thick, low], [left + thick, high], [left, high]])
    faces = {0.45: corners}
    if deep:
        faces[0.25] = torch.stack([corners[1], corners[2], corners[2] + slant, corners[1] + slant])
        faces[0.12] = torch.stack([corners[3], corners[2], corners[2] + slant, corners[3] + slant])
    for opacity, face in faces.items():
        ax.add_patch(Polygon(face, facecolor=LIGHT["paper"], edgecolor="none"))
        ax.add_patch(Polygon(face, facecolor=(colour, opacity), edgecolor=colour, lw=0.7))


@styled
def shares(networks: dict[str, Sequence[Layer]]) -> Figure:
    """Draw each layer's share of its network's parameters and multiply-adds, one panel a network.

    Args:
        networks: title → layers; those without multiply-adds are left out.
    """
    weighty = {title: [layer for layer in some if layer.multiply_adds] for title, some in networks.items()}
    ratios = [len(some) + 1 for some in weighty.values()]
    figure, panels = axes(len(weighty), 1, size=(6.4, 0.27 * sum(ratios) + 1), height_ratios=ratios)
    for ax, (title, some) in zip(panels, weighty.items(), strict=True):
        for offset, name, colour in ((-0.2, "parameters", "blue"), (0.2, "multiply_adds", "orange")):
            values = torch.tensor([getattr(layer, name) for layer in some])
            places = [i + offset for i in range(len(some))]
            label = name.replace("_", "-")
            ax.barh(places, 100 * values / values.sum(), 0.36, color=LIGHT[colour], label=label)
        ax.set_yticks(range(len(some)), [_title(layer) for layer in some])
        ax.set(title=title, ylim=(len(some) - 0.4, -0.6), xlim=(0, 70))
        ax.grid(visible=False, axis="y")
    panels[-1].set_xlabel("share of the network's total, in %")
    panels[0].legend(loc="upper right")
    return figure


def _title(layer: Layer) -> str:
    return f"{_kind(layer.module)} {' × '.join(map(str, layer.shape))}"


@styled
def receptive(panels: dict[str, tuple[Tensor, tuple[int, int]]]) -> Figure:
    """Draw how strongly one output depends on each pixel, with the predicted square around them.

    Args:
        panels: title → mean size of the gradient, shape (H, W), and the first row (as well as column) of the
            predicted square with its side, both in pixels.
    """
    figure, places = axes(1, len(panels), size=(6.4, 2.4))
    for ax, (title, (strength, (first, side))) in zip(places, panels.items(), strict=True):
        relative = strength / strength.max()
        shade = sum((relative > level).int() for level in LEVELS) + (relative > 0).int()
        for level in range(1, len(LEVELS) + 2):
            squares = [_square(*place) for place in (shade == level).nonzero().tolist()]
            colour = (LIGHT["blue"], level / (len(LEVELS) + 1.5))
            ax.add_collection(PolyCollection(squares, facecolor=colour, edgecolor="none", antialiased=False))
        outline = {"fill": False, "edgecolor": LIGHT["orange"], "lw": 1.6}
        ax.add_patch(Rectangle((first, first), side, side, **outline))
        height, width = strength.shape
        ax.set(xlim=(0, width), ylim=(height, 0), aspect="equal", xticks=(0, 16, 32), yticks=(0, 16, 32))
        ax.set_title(title, fontsize=9.5)
    return figure


def _square(row: int, column: int) -> list[tuple[int, int]]:
    return [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
