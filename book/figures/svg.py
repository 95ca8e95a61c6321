"""A figure as an SVG text that is the same on every run: no date, no random ids, coordinates rounded."""

import io
import re

import matplotlib as mpl
from matplotlib.figure import Figure

from book.figures.style import STYLE

_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_ID = re.compile(r'id="([^"]+)"')


def to_svg(figure: Figure) -> str:
    """Return the figure as SVG text.

    Examples:
        >>> from book.figures.style import axes
        >>> figure, ax = axes()
        >>> to_svg(figure) == to_svg(figure) and to_svg(figure).startswith("<svg")
        True
    """
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.S)
    return _renumber_ids(_NUMBER.sub(_short, text))


def _short(number: re.Match) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _renumber_ids(text: str) -> str:
    """Replace hashed ids by their order of appearance: a hash would change with the last bit of a coordinate."""
    names = {old: f"i{n}" for n, old in enumerate(_ID.findall(text))}
    pattern = re.compile(r'(id="|href="#|url\(#)([^")]+)')
    return pattern.sub(lambda m: m[1] + names.get(m[2], m[2]), text)
