"""The one matplotlib style of the book."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure

from book.figures.narrow import is_narrow, remember_twin, stacked
from book.figures.palette import LIGHT, SERIES
from book.figures.ticks import plain_logarithms

Given = ParamSpec("Given")
Drawn = TypeVar("Drawn")
SIZE = (6.4, 3.4)  # inches
STYLE = {
    "figure.figsize": SIZE,
    "figure.facecolor": LIGHT["paper"],
    "figure.constrained_layout.use": True,
    "axes.facecolor": LIGHT["paper"],
    "axes.edgecolor": LIGHT["muted"],
    "axes.labelcolor": LIGHT["ink"],
    "axes.titlecolor": LIGHT["ink"],
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=[LIGHT[name] for name in SERIES]),
    "grid.color": LIGHT["rule"],
    "grid.linewidth": 0.6,
    "text.color": LIGHT["ink"],
    "xtick.color": LIGHT["muted"],
    "ytick.color": LIGHT["muted"],
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "mathtext.fontset": "stix",
    "svg.fonttype": "path",
    "svg.hashsalt": "descent",
}


def styled(draw: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
    """Make a function that returns a Figure draw it in the book's style; `narrow_twin` can draw it again.

    Examples:
        >>> from matplotlib.figure import Figure
        >>> @styled
        ... def empty():
        ...     return Figure()
        >>> empty().get_facecolor() == mpl.colors.to_rgba(LIGHT["paper"])
        True
    """

    @wraps(draw)
    def drawn(*args: Given.args, **kwargs: Given.kwargs) -> Drawn:
        with mpl.rc_context(STYLE):
            figure = draw(*args, **kwargs)
            if isinstance(figure, Figure):
                plain_logarithms(figure)
        if isinstance(figure, Figure) and not is_narrow():
            # pyrefly: ignore[bad-argument-type]
            remember_twin(figure, partial(drawn, *args, **kwargs))
        return figure

    return drawn


@mpl.rc_context(STYLE)
def axes(
    rows: int = 1,
    columns: int = 1,
    size: tuple[float, float] = SIZE,
    narrow: tuple[float, float] | None = None,
    **options,
) -> tuple[Figure, Any]:
    """Return `(figure, axes)` in the book's style, outside pyplot's registry, so that nothing is shown twice.

    Args:
        rows, columns: the grid; one axes is returned bare, more as an array.
        size: width and height in inches.
        narrow: those of the narrow twin of a drawing that cannot be stacked; what is wider than a phone
            scrolls sideways on the page.
        options: handed to `Figure.subplots`, `sharex=True` for one.

    Examples:
        >>> figure, ax = axes()
        >>> line, = ax.plot([1, 2, 3])
        >>> line.get_color() == LIGHT["blue"]
        True
    """
    if is_narrow() and not narrow:
        return stacked(rows, columns, size, **options)
    figure = Figure(figsize=(is_narrow() and narrow) or size)
    return figure, figure.subplots(rows, columns, **options)
