"""A figure's narrow twin, for phones: the same function draws it again, its panels below one another.

A page of 360 CSS pixels shows a figure 6.4 inches wide at half its size. The twin is drawn for that width, so
that its letters are as large as on a wide page.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator

WIDTH = 328 / 96  # inches: a page of 360 CSS pixels less its margins
HALF = 2.0  # inches: panels drawn no wider than this stand two in a row
TALLEST = 2.7  # inches of a panel
LEAST, LEAST_WITH_SCRIPTS = 8.0, 9.7  # points; what is raised or lowered has 0.7 of its line's size
ROOM = 0.06  # inches kept free at either side
_SCRIPTS = re.compile(r"\$[^$]*[_^][^$]*\$")
_WORDS = re.compile(r"(?:\$[^$]*\$|[^\s$])+")
_narrow: ContextVar[bool] = ContextVar("narrow", default=False)
_twins: WeakKeyDictionary[Figure, Callable[[], Figure]] = WeakKeyDictionary()


def is_narrow() -> bool:
    """Return whether a narrow twin is being drawn."""
    return _narrow.get()


@contextmanager
def narrowly() -> Iterator[None]:
    """Let `axes` stack its panels in a narrow column."""
    token = _narrow.set(True)
    try:
        yield
    finally:
        _narrow.reset(token)


def remember_twin(figure: Figure, draw: Callable[[], Figure]) -> None:
    """Remember how a figure is drawn again, for `narrow_twin`."""
    _twins[figure] = draw


def narrow_twin(figure: Figure) -> Figure | None:
    """Return a figure's narrow twin, drawn now; None where nobody knows how to draw it again.

    Examples:
        >>> from book.figures import axes, styled
        >>> @styled
        ... def two_panels():
        ...     return axes(1, 2)[0]
        >>> wide = two_panels()
        >>> [panel.get_subplotspec().get_gridspec().nrows for panel in narrow_twin(wide).axes]
        [2, 2]
        >>> narrow_twin(axes()[0]) is None
        True
    """
    if figure not in _twins:
        return None
    with narrowly():
        twin = _twins[figure]()
        fit(twin)
    return twin


class NarrowAxes(Axes):
    """Axes whose legend takes as many columns as there is room for, and stands below if it stood beside."""

    def legend(self, *args, **options) -> Legend:
        beside = options.get("bbox_to_anchor")
        alone = len(self.figure.axes) == 1
        if alone or (beside and (beside[0] >= 1 or beside[1] >= 1)):
            below = {key: options[key] for key in ("title", "ncols", "labels", "handles") if key in options}
            given = dict(zip(("handles", "labels"), args, strict=False)) if len(args) == 2 else {}
            handles, labels = self.get_legend_handles_labels()
            found = {"handles": handles, "labels": labels} | given | below
            return self.figure.legend(**found, loc="outside lower center")
        return _fitted(super().legend, 0.8 * WIDTH, *args, **options)


class NarrowFigure(Figure):
    """A figure whose legend takes as many columns as there is room for.

    Attributes:
        panels: its axes, in an array of the wide figure's rows and columns.
    """

    panels: np.ndarray

    def legend(self, *args, **options) -> Legend:
        if "outside right" in options.get("loc", ""):
            options["loc"] = "outside lower center"
        return _fitted(super().legend, WIDTH, *args, **options)


def stacked(
    rows: int, columns: int, size: tuple[float, float], squeeze: bool = True, **options
) -> tuple[Figure, Any]:
    """Return `(figure, axes)` in a narrow column, the axes in an array of the wide figure's shape."""
    wide, high = size[0] / columns, size[1] / rows
    across = 1 if columns == 1 or wide > HALF else 2
    count = rows * columns
    down = -(-count // across)
    figure = NarrowFigure(figsize=(WIDTH, down * _height(wide, high, WIDTH / across)))
    options.pop("width_ratios", None)
    if ratios := options.pop("height_ratios", None):
        if columns > 1:
            ratios = [ratios[i * across // columns] for i in range(down)]
        options["height_ratios"] = ratios
    if columns == 1:
        figure.set_size_inches(WIDTH, size[1])
    shares = {side: options.pop(side, False) for side in ("sharex", "sharey")}
    whole = {side: how for side, how in shares.items() if how in (True, "all")}
    options["subplot_kw"] = {"axes_class": NarrowAxes} | options.get("subplot_kw", {})
    grid = figure.subplots(down, across, squeeze=False, **whole, **options).flatten()
    for extra in grid[count:]:
        extra.remove()
    if len(grid) > count:
        grid[count - across].tick_params(labelbottom=True)
    panels = figure.panels = grid[:count].reshape(rows, columns)
    _share(panels, shares)
    return figure, _squeezed(panels) if squeeze else panels


def _height(wide: float, high: float, now: float) -> float:
    """Return a panel's height in inches: as high as it was, but no higher than wide and no flatter."""
    return min(high, max(TALLEST * (now / WIDTH) ** 0.6, now * min(high / wide, 1.1)))


def _share(panels: np.ndarray, shares: dict[str, Any]) -> None:
    if shares["sharey"] == "row":
        for row in panels:
            for ax in row[1:]:
                ax.sharey(row[0])
    if shares["sharex"] == "col":
        for column in panels.T:
            for ax in column[1:]:
                ax.sharex(column[0])


def _squeezed(panels: np.ndarray) -> Any:
    return panels.item() if panels.size == 1 else panels.squeeze()


def fit(figure: Figure) -> None:
    """Make the letters of a narrow figure large enough, and break what is then too long for its place."""
    if isinstance(figure, NarrowFigure):
        _label(figure.panels)
    for text in figure.findobj(Text):
        least = LEAST_WITH_SCRIPTS if _SCRIPTS.search(text.get_text()) else LEAST
        text.set_fontsize(max(text.get_fontsize(), least))
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            _enlarge_ticks(axis)
        _break_names(ax)
        for text in (ax._left_title, ax.xaxis.label):  # so that the first layout has room for the panels
            _break(text, 0.8 * figure.bbox.width / ax.get_subplotspec().get_gridspec().ncols)
    figure.draw_without_rendering()
    figure.set_figheight(figure.get_figheight() * (1 - _blank(figure)))
    for ax in figure.axes:
        _fit_panel(ax, figure.bbox.width)
    for text in (figure._supxlabel, figure._suptitle):
        if text:
            _break(text, 0.97 * figure.bbox.width)


def _blank(figure: Figure) -> float:
    """Return the share of the height that panels with a fixed aspect leave empty."""
    places = [(ax.get_position(original=True), ax.get_position()) for ax in figure.axes]
    empty = {round(given.y0, 2): given.height - taken.height for given, taken in places}
    return 0.97 * sum(empty.values())


def _fit_panel(ax: Axes, width: float) -> None:
    box = ax.get_window_extent()
    ends = box.x0 + box.width * 1.15 if ax.get_subplotspec().get_gridspec().ncols > 1 else width
    for title in (ax.title, ax._left_title):
        _break(title, min(ends, width) - box.x0)
    middle = (box.x0 + box.x1) / 2
    _break(ax.xaxis.label, 2 * min(middle, min(ends, width) - middle))
    _break(ax.yaxis.label, 1.1 * box.height)
    if ax.axison:
        _thin(ax)


def _break_names(ax: Axes) -> None:
    """Break the names at the left of a panel of bars that would leave no room for the bars."""
    labels = ax.get_yticklabels()
    if isinstance(ax.yaxis.get_major_locator(), FixedLocator):
        for label in labels:
            _break(label, 0.4 * ax.figure.bbox.width)
        ax.set_yticks(ax.get_yticks(), [label.get_text() for label in labels], minor=False)


def _thin(ax: Axes) -> None:
    """Leave out every other label below a panel until no two of them touch."""
    low, high = sorted(ax.get_xlim())
    labels = zip(ax.get_xticks(), ax.get_xticklabels(), strict=False)  # none below a shared axis
    shown = [(at, label) for at, label in labels if low <= at <= high and label.get_text()]
    boxes = [label.get_window_extent() for _, label in shown]
    every = 1
    while any(a.x1 + 2 > b.x0 for a, b in pairwise(boxes[::every])):
        every += 1
    if every > 1:
        kept = shown[::every]
        ax.set_xticks([at for at, _ in kept], [label.get_text() for _, label in kept])


def _enlarge_ticks(axis: Axis) -> None:
    for which in ("major", "minor"):
        labels = axis.get_ticklabels(which=which)
        if any(_SCRIPTS.search(label.get_text()) for label in labels):
            axis.set_tick_params(which, labelsize=max(LEAST_WITH_SCRIPTS, labels[0].get_fontsize()))


def _label(panels: np.ndarray) -> None:
    """Give a panel that stands below its neighbours now the label that it shared with them."""
    for row in panels:
        for ax in row[1:]:
            if ax.get_shared_y_axes().joined(ax, row[0]) and not ax.get_ylabel():
                ax.set_ylabel(row[0].get_ylabel())
    for column in panels.T:
        for ax in column[:-1]:
            if ax.get_shared_x_axes().joined(ax, column[-1]) and not ax.get_xlabel():
                ax.set_xlabel(column[-1].get_xlabel())
    for ax in panels.flat:
        if not any(ax.xaxis.get_tick_params().get(side) for side in ("labelbottom", "labeltop")):
            ax.set_xlabel("")
        if not ax.yaxis.get_tick_params().get("labelleft"):
            ax.set_ylabel("")


def _break(text: Text, room: float) -> None:
    """Break a text into lines no longer than `room` pixels."""
    words = _WORDS.findall(text.get_text())
    lines = 1
    while _length(text) > room and lines < len(words):
        lines += 1
        text.set_text(_in_lines(words, lines))


def _length(text: Text) -> float:
    box = text.get_window_extent()
    return max(box.width, box.height)


def _in_lines(words: list[str], lines: int) -> str:
    """Return the words in so many lines, about equally long.

    Examples:
        >>> _in_lines("the loss above the least".split(), 2)
        'the loss above\\nthe least'
    """
    share = sum(len(word) + 1 for word in words) / lines
    said, start = [""], 0.0
    for word in words:
        if said[-1] and start + len(word) / 2 > share * len(said) and len(said) < lines:
            said.append("")
        said[-1] += f" {word}" if said[-1] else word
        start += len(word) + 1
    return "\n".join(said)


def _fitted(legend: Callable[..., Legend], room: float, *args, **options) -> Legend:
    columns = options.pop("ncols", 2 if room == WIDTH else 1)
    made = legend(*args, ncols=columns, **options)
    while columns > 1 and made.get_window_extent().width > room * made.figure.dpi:
        columns -= 1
        made.remove()
        made = legend(*args, ncols=columns, **options)
    return made
