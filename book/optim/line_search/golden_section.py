"""A minimum of φ from values alone: doubling until three steps enclose it, then golden section."""

import math
from collections.abc import Callable

from book.numerics.callables import as_height
from book.numerics.number_types import plain_numbers

GOLDEN = (5**0.5 - 1) / 2  # 0.618…, the share of the bracket that each step of golden section keeps
LONGEST = 2.0**1000
SHORTEST = 2.0**-1022  # the smallest normal number


@plain_numbers
def bracket(along: Callable[[float], float], step: float) -> tuple[float, float]:
    """Two steps with a minimum of φ between them, from a step with φ(step) < φ(0), by doubling.

    Args:
        along: φ.
        step: above 0.

    Raises:
        ValueError: the step is not above 0 and finite, φ still falls at 2^1000, or has reached −inf.

    Examples:
        >>> bracket(lambda step: (step - 5) ** 2, 1.0)
        (2.0, 8.0)
    """
    if not 0 < step < math.inf:
        raise ValueError(f"The step must be above 0 and finite; got {step}.")
    along = as_height(along, "bracket")
    low, height, ahead = 0.0, along(step), along(2 * step)
    if height == math.inf:
        raise ValueError(f"φ({step}) must be finite, and below φ(0); it is not finite.")
    while ahead < height:
        low, step, height = step, 2 * step, ahead
        if step > LONGEST or height == -math.inf:
            raise ValueError(
                "f falls and falls along this line, so it seems to have no minimum there; use backtracking, "
                "or a learning rate."
            )
        ahead = along(2 * step)
    return low, 2 * step


@plain_numbers
def golden_section(along: Callable[[float], float], low: float, high: float, tol: float) -> float:
    """Shrink a bracket of a minimum of φ by 0.618 for each value, to a width of tol times its upper end.

    Args:
        along: φ, with one minimum between low and high.
        low, high: the bracket.
        tol: relative; at least 0; below the root of machine epsilon values can no longer tell, and 1e-15 is
            the least. Where the minimum is at 0, the search ends at the smallest normal number.

    Raises:
        ValueError: the bracket is not of two finite numbers, the lower first and at least 0, tol is negative
            or nan, or φ is nowhere finite in the bracket.

    Source:
        Kiefer, "Sequential minimax search for a maximum", Proceedings of the AMS, 1953.

    Examples:
        >>> round(golden_section(lambda step: (step - 5) ** 2, 2.0, 8.0, tol=1e-6), 4)
        5.0
    """
    if not 0 <= low <= high < math.inf:
        raise ValueError(
            f"A bracket has a lower and an upper step, at least 0 and finite; got {low}, {high}."
        )
    if not tol >= 0:
        raise ValueError(f"tol must be at least 0; got {tol}.")
    along, tol = as_height(along, "golden_section"), max(tol, 1e-15)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = along(left), along(right)
    while high - low > max(tol * high, SHORTEST):
        if at_left < at_right or at_left == at_right == math.inf:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = along(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = along(right)
    if at_left == at_right == math.inf:
        raise ValueError("φ is not finite in this bracket; give one around a minimum.")
    return (low + high) / 2
