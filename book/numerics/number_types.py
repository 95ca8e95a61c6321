"""What counts as a number where a function asks for one, said once.

Any real number will do: Python's, numpy's, a `Fraction`, an array without dimensions, a tensor of one real
entry. A bool will not, for where a rate is asked for it is a slip, nor will text, None or a complex number. A
count is a whole number in one of these forms: 3, `np.int64(3)` or 3.0, and not 3.5. nan and the infinities
are outside every range. What is kept is a plain `int` or `float`, which a checkpoint can hold; a tensor stays
itself where it may be written into later, as a learning rate.
"""

import math
from numbers import Real

import numpy as np
from torch import Tensor


def number(name: str, value: object) -> int | float:
    """The number in a value.

    Args:
        name: what the message calls it.
        value: of any type.

    Raises:
        TypeError: it is not a real number.
        ValueError: it is a tensor or an array of more or fewer entries than one.

    Examples:
        >>> number("lr", np.float64(0.5)), number("lr", np.int64(2))
        (0.5, 2)
        >>> number("lr", True)
        Traceback (most recent call last):
        TypeError: lr must be a number; got True.
    """
    if type(value) in (int, float):
        return value  # pyrefly: ignore[bad-return]
    entry = _entry(name, value)
    if isinstance(entry, bool | np.bool_) or not isinstance(entry, Real):
        raise TypeError(f"{name} must be a number; got {value!r}.")
    if isinstance(entry, int | np.integer):
        return int(entry)
    try:
        return float(entry)
    except OverflowError:
        # pyrefly: ignore[unsupported-operation]  a Real is compared with 0, whatever its type says
        return math.inf if entry > 0 else -math.inf


def whole(name: str, value: object, least: int | None = None, most: int | None = None) -> int:
    """The whole number in a value, a count for one.

    Args:
        name: what the message calls it; one that ends in s is taken for a plural.
        value: of any type.
        least, most: the smallest and the largest that are taken; None for any.

    Raises:
        TypeError: it is not a number.
        ValueError: it is not whole, below the least or above the most.

    Examples:
        >>> whole("epochs", 3.0), whole("epochs", np.int64(3), least=1)
        (3, 3)
        >>> whole("epochs", 0, least=1)
        Traceback (most recent call last):
        ValueError: epochs start at 1; got 0.
    """
    found = number(name, value)
    if not math.isfinite(found) or found != int(found):
        raise ValueError(f"{name} must be a whole number; got {found!r}.")
    if least is not None and found < least:
        raise ValueError(f"{name} start{'' if name.endswith('s') else 's'} at {least}; got {int(found)}.")
    if most is not None and found > most:
        raise ValueError(f"{name} end{'' if name.endswith('s') else 's'} at {most}; got {int(found)}.")
    return int(found)


def _entry(name: str, value: object) -> object:
    """What an array or a tensor of one entry holds; anything else is itself."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value[()]
    if not isinstance(value, Tensor):
        return value
    if value.numel() != 1:
        raise ValueError(f"Tensor {name} must be 1-element; got one of shape {tuple(value.shape)}.")
    return value.item()
