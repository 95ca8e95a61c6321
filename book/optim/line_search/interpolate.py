"""The cubic through two trials with their slopes, and where its minimum lies."""

import math

from book.optim.line_search.trial import Trial

MARGIN = 0.1  # a guess keeps this share of the bracket between itself and either end


def cubic_minimum(a: Trial, b: Trial) -> float:
    """The minimum of the cubic with the values and slopes of two trials; the middle where it has none.

    Args:
        a, b: two trials of different length, finite.

    Source:
        Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, equation 3.59.

    Examples:
        >>> phi = lambda step: Trial(step, (step - 2) ** 2, 2 * (step - 2))
        >>> cubic_minimum(phi(0.0), phi(5.0))
        2.0
    """
    gap = b.length - a.length
    mean = a.slope + b.slope - 3 * (b.value - a.value) / gap
    square = mean * mean - a.slope * b.slope
    if not 0 <= square < math.inf:
        return (a.length + b.length) / 2
    root = math.copysign(math.sqrt(square), gap)
    below = b.slope - a.slope + 2 * root
    if below == 0:
        return (a.length + b.length) / 2
    return b.length - gap * (b.slope + root - mean) / below


def inside(guess: float, one: float, other: float) -> float:
    """A guess, moved away from both ends of its bracket by a tenth of the width.

    Examples:
        >>> inside(0.001, 0.0, 1.0), inside(0.5, 1.0, 0.0)
        (0.1, 0.5)
    """
    low, high = min(one, other), max(one, other)
    margin = MARGIN * (high - low)
    return min(max(guess, low + margin), high - margin)
