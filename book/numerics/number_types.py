"""What counts as a number where a function asks for one, said once.

Any real number will do: Python's, numpy's, a `Fraction`, an array without dimensions, a tensor of one real
entry. A bool will not, for where a rate is asked for it is a slip, nor will text, None or a complex number. A
count is a whole number in one of these forms: 3, `np.int64(3)` or 3.0, and not 3.5. nan and the infinities
are outside every range. What is kept is a plain `int` or `float`, which a checkpoint can hold; a tensor stays
itself where it may be written into later, as a learning rate.
"""

import inspect
import math
from collections.abc import Callable
from functools import wraps
from numbers import Real
from typing import ParamSpec, TypeVar

import numpy as np
from torch import Tensor

P = ParamSpec("P")
R = TypeVar("R")


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
    if type(value) is float:
        return value
    entry = _entry(name, value)
    if isinstance(entry, bool | np.bool_) or not isinstance(entry, Real):
        raise TypeError(f"{name} must be a number; got {value!r}.")
    try:
        found = float(entry)
    except OverflowError:
        # pyrefly: ignore[unsupported-operation]  a Real is compared with 0, whatever its type says
        return math.inf if entry > 0 else -math.inf
    return int(entry) if isinstance(entry, int | np.integer) else found


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


def plain_numbers(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function: what it annotates as `float` arrives as a plain number, `int` as a whole one.

    None is let through where it is the default.

    Examples:
        >>> @plain_numbers
        ... def power(base: float, n: int):
        ...     return base**n
        >>> power(np.float32(0.5), 3.0)
        0.125
        >>> power(0.5, 2.5)
        Traceback (most recent call last):
        ValueError: n must be a whole number; got 2.5.
    """
    signature = inspect.signature(function)
    asked = {name: p for name, p in signature.parameters.items() if p.annotation in READERS}
    if not asked:
        return function

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        given = signature.bind(*args, **kwargs)
        for name in asked.keys() & given.arguments.keys():
            value = given.arguments[name]
            if value is not None or asked[name].default is not None:
                given.arguments[name] = READERS[asked[name].annotation](name, value)
        return function(*given.args, **given.kwargs)

    return checked


READERS = {float: number, float | None: number, int: whole, int | None: whole}


def _entry(name: str, value: object) -> object:
    """What an array or a tensor of one entry holds; anything else is itself."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value[()]
    if not isinstance(value, Tensor):
        return value
    if value.numel() != 1:
        raise ValueError(f"Tensor {name} must be 1-element; got one of shape {tuple(value.shape)}.")
    return value.item()
