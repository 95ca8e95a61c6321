"""What an explorer is made from, read once for all: plain numbers, rows of them, no name that it lacks."""

import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import wraps
from typing import Any, get_args

import traitlets

from book.numerics.number_types import number, whole


def read(cls: type[traitlets.HasTraits], init: Callable) -> Callable:
    """Return a constructor whose arguments arrive as their traits take them; what cannot is refused.

    A number may be of any kind that `book.numerics.number_types` knows, a row of them a tuple, a list, an
    array or a tensor. None is let through where it is the default, a dict where it is annotated.

    Args:
        cls: the explorer.
        init: its own `__init__`, with a parameter for each trait that may be given.

    Raises:
        traitlets.TraitError: by the constructor, where an argument is no number, or has an unknown name.
    """
    signature = inspect.signature(init)

    @wraps(init)
    def checked(self, *args, **kwargs):
        given, traits = signature.bind(self, *args, **kwargs), cls.class_traits()
        _refuse_unknown(cls.__name__, given.arguments.get("options", {}), traits, list(signature.parameters))
        for name in given.arguments.keys() & traits.keys():
            value, parameter = given.arguments[name], signature.parameters[name]
            named = isinstance(value, dict) and dict in get_args(parameter.annotation)
            if not named and (value is not None or parameter.default is not None):
                given.arguments[name] = plain(name, value, traits[name])
        return init(*given.args, **given.kwargs)

    return checked


def plain(name: str, value: object, trait: traitlets.TraitType) -> Any:
    """Return a value as plain numbers where its trait holds numbers.

    Args:
        name: what the sentence calls it.
        value: of any type.
        trait: whose kind decides.

    Raises:
        traitlets.TraitError: it is no number, or no row of numbers.

    Examples:
        >>> import numpy as np
        >>> plain("steps", np.int64(3), traitlets.Int()), plain("start", np.ones(2), traitlets.List())
        (3, [1.0, 1.0])
        >>> plain("lr", "fast", traitlets.Float())
        Traceback (most recent call last):
        traitlets.traitlets.TraitError: lr must be a number; got 'fast'.
    """
    try:
        if isinstance(trait, traitlets.Int):
            return whole(name, value)
        if isinstance(trait, traitlets.Float):
            return float(number(name, value))
        if isinstance(trait, traitlets.Tuple | traitlets.List):
            return [number(name, entry) for entry in _row(name, value)]
        if isinstance(trait, traitlets.Enum | traitlets.Unicode) and not isinstance(value, Hashable):
            raise TypeError(f"{name} must be a name; got {value!r}.")
    except (TypeError, ValueError) as error:
        raise traitlets.TraitError(str(error)) from None
    return value


def _row(name: str, value: object) -> Iterable:
    if (
        isinstance(value, str | bytes | Mapping)
        or getattr(value, "ndim", 1) == 0
        or not isinstance(value, Iterable)
    ):
        raise TypeError(f"{name} must be a row of numbers, as (1.0, 2.0); got {value!r}.")
    return value


def _refuse_unknown(title: str, options: Mapping, traits: Mapping, parameters: list[str]) -> None:
    if unknown := sorted(options.keys() - traits.keys()):
        named = [name for name in parameters if name not in ("self", "options")]
        raise traitlets.TraitError(f"{title} has no {unknown[0]!r}; it takes {', '.join(named)}.")
