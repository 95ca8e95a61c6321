"""Points that a hand sets, in the box that an explorer shows."""

from collections.abc import Sequence

import traitlets

Box = Sequence[tuple[float, float]]


def holds(box: Box, point: Sequence[float]) -> bool:
    """Return whether a point lies in a box, edges included.

    Args:
        box: the lowest and highest value of each entry.
        point: as many numbers.

    Examples:
        >>> box = ((0, 1), (-2, 2))
        >>> holds(box, (1, -2)), holds(box, (1.5, 0)), holds(box, (0, float("nan")))
        (True, False, False)
    """
    return all(low <= entry <= high for entry, (low, high) in zip(point, box, strict=True))


def refuse_outside(box: Box, point: Sequence[float], what: str, names: Sequence[str]) -> None:
    """Refuse a point outside a box, and say where it may lie.

    Args:
        box: the lowest and highest value of each entry.
        point: as many numbers.
        what: what lies outside what, for the sentence.
        names: of the entries.

    Raises:
        traitlets.TraitError: the point is outside.

    Examples:
        >>> refuse_outside(((0, 1), (-2, 2)), (3, 0), "The start is outside the picture", "xy")
        Traceback (most recent call last):
        traitlets.traitlets.TraitError: The start is outside the picture; choose x from 0 to 1 and y from -2 to 2.
    """  # noqa: E501
    if not holds(box, point):
        ranges = (f"{name} from {low:g} to {high:g}" for name, (low, high) in zip(names, box, strict=True))
        raise traitlets.TraitError(f"{what}; choose {' and '.join(ranges)}.")
