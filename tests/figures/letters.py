"""How large the letters of a drawing are: matplotlib draws each as an outline, scaled to its size."""

import math
import re

LEAST = 9.0  # CSS pixels
_PIXELS_A_POINT = 96 / 72
_UNITS = 100  # an outline is drawn at 100 points
_LINE = re.compile(r'<g\b[^>]*transform="translate\([^"]*scale\((0\.\d+)[^"]*"[^>]*>(.*?)</g>', re.S)
_LETTER = re.compile(r"<use\b([^>]*)>")
_SCALE = re.compile(r"scale\(([\d.]+)")


def smallest_letter(svg: str) -> float:
    """Return the height in CSS pixels of the smallest letter, where the drawing is shown at its own size.

    A letter's height is its font's size; of what is raised or lowered, that of its own font.

    Examples:
        >>> line = '<g transform="translate(3 2) scale(0.09 -0.09)"><use/><use transform="scale(0.7)"/></g>'
        >>> smallest_letter(line)
        8.4
        >>> smallest_letter("<g><use/></g>")
        inf
    """
    sizes = [
        float(line[1]) * _UNITS * _PIXELS_A_POINT * float(scale[1] if (scale := _SCALE.search(letter)) else 1)
        for line in _LINE.finditer(svg)
        for letter in _LETTER.findall(line[2])
    ]
    return round(min(sizes, default=math.inf), 3)
