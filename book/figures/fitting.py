"""What makes the words of a narrow figure fit: letters that can be read, lines that end before its edge."""

import re
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator

LEAST, LEAST_WITH_SCRIPTS = 8.0, 9.7  # points; what is raised or lowered has 0.7 of its line's size
_SCRIPTS = re.compile(r"\$[^$]*(?:[_^]|\\frac)[^$]*\$")
_WORDS = re.compile(r"(?:\$[^$]*\$|[^\s$])+")


def fit(figure: Figure) -> None:
    """Make the letters of a narrow figure large enough, and break what is then too long for its place."""
    for text in figure.findobj(Text):
        least = LEAST_WITH_SCRIPTS if _SCRIPTS.search(text.get_text()) else LEAST
        text.set_fontsize(max(text.get_fontsize(), least))
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            _enlarge_ticks(axis)
        _break_names(ax)
        for text in (*_titles(ax), ax.xaxis.label):  # so that the first layout has room for the panels
            _break(text, 0.8 * figure.bbox.width / _columns(ax))
    _lay_out(figure)
    figure.set_figheight(figure.get_figheight() * (1 - _blank(figure)))
    for ax in figure.axes:
        _fit_panel(ax, figure.bbox.width)
    above = figure.get_suptitle(), figure.get_supxlabel()
    for text in figure.texts:
        if text.get_text() in above:
            _break(text, 0.97 * figure.bbox.width)


def _lay_out(figure: Figure) -> None:
    """Give the panels their places, without drawing what is in them."""
    engine = figure.get_layout_engine()
    assert engine, "a figure of the book has a layout"
    engine.execute(figure)


def _titles(ax: Axes) -> list[Text]:
    """Return what stands above a panel: in its middle, at its left."""
    said = {ax.get_title("center"), ax.get_title("left")}
    return [text for text in ax.get_children() if isinstance(text, Text) and text.get_text() in said - {""}]


def _columns(ax: Axes) -> int:
    place = ax.get_subplotspec()
    assert place, "a panel of a figure of the book stands in a grid"
    return place.get_gridspec().ncols


def _blank(figure: Figure) -> float:
    """Return the share of the height that panels with a fixed aspect leave empty."""
    places = [(ax.get_position(original=True), ax.get_position()) for ax in figure.axes]
    empty = {round(given.y0, 2): given.height - taken.height for given, taken in places}
    return 0.97 * sum(empty.values())


def _fit_panel(ax: Axes, width: float) -> None:
    box = ax.get_window_extent()
    ends = box.x0 + box.width * 1.15 if _columns(ax) > 1 else width
    for title in _titles(ax):
        _break(title, min(ends, width) - box.x0)
    middle = (box.x0 + box.x1) / 2
    _break(ax.xaxis.label, 2 * min(middle, min(ends, width) - middle))
    _break(ax.yaxis.label, 1.1 * box.height)
    if ax.axison:
        _thin(ax)


def _break_names(ax: Axes) -> None:
    """Break the names at the left of a panel of bars that would leave no room for the bars."""
    labels = ax.get_yticklabels()
    if labels and isinstance(ax.yaxis.get_major_locator(), FixedLocator):  # none beside a shared axis
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
