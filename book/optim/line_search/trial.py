"""What a search along a line sees: φ(η) = f(x + η d) and its slope, one trial after the other."""

import math
from collections.abc import Callable
from typing import NamedTuple

from book.numerics.number_types import number

Phi = Callable[[float], tuple[float, float]]  # from a step to φ and φ′ there


class Trial(NamedTuple):
    """A step along a line: its length η, φ(η) and φ′(η).

    Examples:
        >>> Trial(0.5, 2.0, -1.0).finite, Trial(0.5, float("nan"), -1.0).finite
        (True, False)
    """

    length: float
    value: float
    slope: float

    @property
    def finite(self) -> bool:
        """Whether φ and its slope are finite here."""
        return math.isfinite(self.value) and math.isfinite(self.slope)


class Found(NamedTuple):
    """Where a search ended.

    Args:
        trial: the step that it took; of length 0 where it found none.
        evaluations: how often φ was computed.
        reason: "wolfe" or "armijo", the condition that holds; "rounding", where values no longer tell and the
            slopes decided; "lower", where the evaluations ran out at a step that only lowers φ; "unbounded",
            where φ still falls far out; "none".
    """

    trial: Trial
    evaluations: int
    reason: str


def at(phi: Phi, length: float) -> Trial:
    """φ and φ′ at a step, as plain numbers.

    Examples:
        >>> at(lambda step: (step**2, 2 * step), 3.0)
        Trial(length=3.0, value=9.0, slope=6.0)
    """
    pair = phi(length)
    if not (isinstance(pair, tuple | list) and len(pair) == 2):
        raise TypeError(f"φ returns two numbers, its value and its slope; got {pair!r}.")
    return Trial(length, float(number("φ", pair[0])), float(number("the slope of φ", pair[1])))


def check_downhill(start: Trial, name: str) -> None:
    """Refuse a line along which φ does not fall, or whose start is not finite.

    Raises:
        TypeError: the start is no `Trial`.
        ValueError: φ(0) or φ′(0) is not finite, or φ′(0) is not below 0.

    Examples:
        >>> check_downhill(Trial(0.0, 1.0, 2.0), "strong_wolfe")
        Traceback (most recent call last):
        ValueError: strong_wolfe goes downhill, and the slope at 0 is 2; take the direction the other way, or −g.
    """  # noqa: E501  (the message is one line)
    if not isinstance(start, Trial):
        raise TypeError(f"{name} starts at a trial, Trial(0.0, φ(0), φ′(0)); got {start!r}.")
    if not start.finite:
        raise ValueError(f"{name} starts where φ and its slope are finite; got {start.value}, {start.slope}.")
    if not start.slope < 0:
        raise ValueError(
            f"{name} goes downhill, and the slope at 0 is {start.slope:g}; take the direction the other way, "
            "or −g."
        )


def check_first(first: float, name: str) -> float:
    """A first step as a plain number; what is none is refused.

    Raises:
        TypeError: it is not a number.
        ValueError: it is not above 0 and finite.

    Examples:
        >>> check_first(0.0, "armijo")
        Traceback (most recent call last):
        ValueError: armijo takes a first step above 0 and finite; got 0.0.
    """
    if not 0 < (first := number("first", first)) < math.inf:
        raise ValueError(f"{name} takes a first step above 0 and finite; got {first}.")
    return first


def check_shares(c1: float, c2: float) -> tuple[float, float]:
    """Shares as plain numbers; those for which no step need exist are refused.

    Raises:
        TypeError: one is not a number.
        ValueError: 0 < c1 < c2 < 1 does not hold.

    Examples:
        >>> check_shares(0.9, 0.1)
        Traceback (most recent call last):
        ValueError: The conditions need 0 < c1 < c2 < 1; got 0.9 and 0.1.
    """
    c1, c2 = number("c1", c1), number("c2", c2)
    if not 0 < c1 < c2 < 1:
        raise ValueError(f"The conditions need 0 < c1 < c2 < 1; got {c1} and {c2}.")
    return c1, c2
