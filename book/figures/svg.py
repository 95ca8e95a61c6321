"""A figure as an SVG text that is the same on every run: no date, no random ids, coordinates rounded."""

import io
import re
import zlib

import matplotlib as mpl
from matplotlib.figure import Figure

from book.figures.narrow import narrow_twin
from book.figures.style import STYLE

_NUMBER = re.compile(r"(?<!scale\()-?\d+\.\d{3,}")  # a glyph's scale, 1/64, keeps all its digits
_ID = re.compile(r'id="([^"]+)"')


def to_svg(figure: Figure, name: str = "") -> str:
    """Return the figure as SVG text.

    Args:
        figure: a matplotlib Figure.
        name: what tells this figure from others of its page; its ids begin with a digest of it, because
            several figures can end up in one document.

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
    return _renumber_ids(_NUMBER.sub(_short, text), f"f{zlib.crc32(name.encode()):08x}-")


def narrow_svg(figure: Figure, name: str = "") -> str:
    """Return a figure's narrow twin as SVG text, "" where it has none.

    Examples:
        >>> from book.figures.style import axes
        >>> narrow_svg(axes()[0])
        ''
    """
    twin = narrow_twin(figure)
    return to_svg(twin, f"narrow {name}") if twin else ""


def _short(number: re.Match) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _renumber_ids(text: str, prefix: str) -> str:
    """Replace hashed ids by their order of appearance: a hash changes with the last bit of a coordinate."""
    names = {old: f"{prefix}{n}" for n, old in enumerate(_ID.findall(text))}
    pattern = re.compile(r'(id="|href="#|url\(#)([^")]+)')
    return pattern.sub(lambda m: m[1] + names.get(m[2], m[2]), text)
