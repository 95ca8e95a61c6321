"""Guesses at a minimum of φ from two trials: by a cubic, by a parabola, and by the line of their slopes."""

import math

from book.optim.line_search.trial import Trial


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


def parabola_minimum(a: Trial, b: Trial) -> float:
    """The minimum of the parabola with the values of two trials and the slope of the first; inf where it has none.

    Examples:
        >>> parabola_minimum(Trial(0.0, 4.0, -4.0), Trial(5.0, 9.0, math.nan))
        2.0
    """  # noqa: E501
    gap = b.length - a.length
    bend = (b.value - a.value) / gap - a.slope
    return a.length - a.slope * gap / (2 * bend) if bend * gap > 0 else math.inf


def secant(a: Trial, b: Trial) -> float:
    """Where the line through both slopes is 0; inf where they are equal.

    Examples:
        >>> secant(Trial(0.0, 4.0, -4.0), Trial(5.0, 9.0, 6.0))
        2.0
    """
    bend = b.slope - a.slope
    return b.length - b.slope * (b.length - a.length) / bend if bend != 0 else math.inf
