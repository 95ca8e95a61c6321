"""Runs that came to nothing: their loss was nan or inf, or they guess at the end."""

import math

CHANCE = 10.0  # per cent: what a guess among ten classes has; a failed run counts as one
ERRORS = 4  # standard errors above chance; of 1,000 guesses fewer than one lies beyond


def least_accuracy(images: int) -> float:
    """The accuracy in per cent that a run must exceed to count: chance and four of its binomial errors.

    Args:
        images: n, on which the run was judged, equally many of each class.

    Examples:
        >>> round(least_accuracy(10_000), 2), round(least_accuracy(300), 1)
        (11.2, 16.9)
    """
    share = CHANCE / 100
    return CHANCE + 100 * ERRORS * math.sqrt(share * (1 - share) / images)


def failed(diverged: bool, accuracy: float, images: int) -> bool:
    """Whether a run counts as a guess.

    Args:
        diverged: whether a loss was nan or inf.
        accuracy: in per cent.
        images: on which it was judged.

    Examples:
        >>> failed(False, 10.93, 10_000), failed(False, 12.0, 10_000), failed(True, 70.0, 10_000)
        (True, False, True)
    """
    return diverged or accuracy <= least_accuracy(images)
