"""Numbers of an explorer within their limits: any other is refused in words."""

import traitlets


def in_range(named: str, value: float, limits: tuple[float, float]) -> float:
    """Return a number that is within its limits.

    Args:
        named: what it is, as the sentence begins.
        value: nan is in no range.
        limits: the lowest and the highest.

    Raises:
        traitlets.TraitError: it is outside.

    Examples:
        >>> in_range("The momentum", 0.5, (0, 1))
        0.5
        >>> in_range("The momentum", 2, (0, 1))
        Traceback (most recent call last):
        traitlets.traitlets.TraitError: The momentum must be from 0 to 1; got 2.
    """
    low, high = limits
    if not low <= value <= high:
        raise traitlets.TraitError(f"{named} must be from {low:g} to {high:g}; got {value}.")
    return value
