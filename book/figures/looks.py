"""The look of each method: one table for figures and explorers, keyed as `METHODS` and `SECOND_ORDER`.

Colour alone tells nothing to some readers, so any two looks differ in at least two of hue, shape and dash.
"""

from itertools import product
from typing import NamedTuple

from book.figures.palette import LIGHT, SERIES

HUES = (*SERIES, "ink")
SHAPES = {  # of a marker, and matplotlib's sign for it
    "circle": "o",
    "square": "s",
    "triangle": "^",
    "diamond": "D",
    "wedge": "v",
    "cross": "X",
    "star": "*",
    "pentagon": "p",
}
DASHES = ("", "7 4", "2 4", "9 3 2 3", "4 4", "1 5", "12 4", "12 3 2 3 2 3")  # as in SVG, in pixels


class Look(NamedTuple):
    """How a method is drawn.

    Args:
        hue: a colour's name in the palette.
        shape: of its marker, a name in `SHAPES`.
        dash: of its line, one of `DASHES`; "" is a solid line.
        width: of its line, in pixels.
    """

    hue: str
    shape: str
    dash: str = ""
    width: float = 2.0

    @property
    def line(self) -> dict:
        """The look as matplotlib names it.

        Examples:
            >>> LOOKS["Momentum"].line
            {'color': '#1c6fb0', 'marker': 's', 'linestyle': (0, (3.5, 2.0))}
        """
        dashes = tuple(float(pixels) / 2 for pixels in self.dash.split())
        style = (0, dashes) if dashes else "-"
        return {"color": LIGHT[self.hue], "marker": SHAPES[self.shape], "linestyle": style}


LOOKS = {
    "SGD": Look("orange", "circle"),
    "Momentum": Look("blue", "square", "7 4"),
    "Nesterov": Look("sky", "triangle", "2 4"),
    "AdaGrad": Look("gold", "diamond", "9 3 2 3"),
    "RMSProp": Look("green", "wedge", "4 4"),
    "AdaDelta": Look("ink", "cross", "1 5"),
    "Adam": Look("purple", "star", width=2.75),
    "AdamW": Look("pink", "pentagon", "12 4"),
    "Lion": Look("gold", "star", "12 3 2 3 2 3"),
    "Newton": Look("blue", "triangle"),
    "TrustRegion": Look("green", "circle", "7 4"),
    "ConjugateGradient": Look("orange", "diamond", "1 5"),
    "BFGS": Look("orange", "cross", "9 3 2 3"),
    "LBFGS": Look("blue", "star", "1 5"),
}


def differences(a: Look, b: Look) -> int:
    """In how many of hue, shape and dash two looks differ.

    Examples:
        >>> differences(LOOKS["SGD"], LOOKS["Adam"])
        2
    """
    return sum(one != other for one, other in zip(a[:3], b[:3], strict=True))


def unused() -> list[Look]:
    """Looks for methods to come: each differs in two ways from every look in use and from the others here.

    Examples:
        >>> len(LOOKS) + len(unused()) >= 20
        True
    """
    taken = list(LOOKS.values())
    for look in map(Look._make, product(HUES, SHAPES, DASHES, (2.0,))):
        if all(differences(look, other) > 1 for other in taken):
            taken.append(look)
    return taken[len(LOOKS) :]
