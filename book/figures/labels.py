"""Words beside what they name, in its colour, in place of a legend."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.text import Annotation

from book.figures.palette import LIGHT

SIZE = 10  # points


def name_at(
    ax: Axes,
    words: str,
    place: tuple[float, float],
    colour: str = "ink",
    shift: tuple[float, float] = (0, 0),
    **options: Any,
) -> Annotation:
    """Write words at a place of a plot, in a colour of the palette, on a rim that keeps lines off them.

    Args:
        ax: where to write.
        words: what stands there.
        place: in the plot's own coordinates; `xycoords="axes fraction"` makes them shares of the plot.
        colour: of the palette.
        shift: points to the right and upwards.
        options: handed to `Axes.annotate`.

    Examples:
        >>> from book.figures import axes
        >>> figure, ax = axes()
        >>> name_at(ax, "descent", (0.5, 0.5), "orange").get_text()
        'descent'
    """
    look: dict[str, Any] = {
        "fontsize": SIZE,
        "color": LIGHT[colour],
        "textcoords": "offset points",
        "va": "center",
    }
    return ax.annotate(words, place, shift, **look | options)
