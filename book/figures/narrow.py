"""A figure's narrow twin, for phones: the same function draws it again, its panels below one another.

A page of 360 CSS pixels shows a figure 6.4 inches wide at half its size. The twin is drawn for that width, so
that its letters are as large as on a wide page.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from book.figures.fitting import fit

WIDTH = 320 / 96  # inches: a page of 360 CSS pixels less its margins
HALF = 2.0  # inches: panels drawn no wider than this stand two in a row
TALLEST = 2.7  # inches of a panel
_narrow: ContextVar[bool] = ContextVar("narrow", default=False)
_twins: WeakKeyDictionary[Figure, Callable[[], Figure]] = WeakKeyDictionary()


def is_narrow() -> bool:
    """Return whether a narrow twin is being drawn."""
    return _narrow.get()


@contextmanager
def narrowly() -> Generator[None]:
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
    if isinstance(twin, NarrowFigure):
        share_labels(twin.panels)
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
    # pyrefly: ignore[no-matching-overload]
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


def _fitted(legend: Callable[..., Legend], room: float, *args, **options) -> Legend:
    columns = options.pop("ncols", 2 if room == WIDTH else 1)
    made = legend(*args, ncols=columns, **options)
    while columns > 1 and made.get_window_extent().width > room * made.figure.dpi:
        columns -= 1
        made.remove()
        made = legend(*args, ncols=columns, **options)
    return made


def share_labels(panels: np.ndarray) -> None:
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
