"""Judging a function that the learner wrote: was it attempted, which case fails first, what did it raise?"""

import copy
import dis
from collections.abc import Callable
from functools import wraps

import torch

_EMPTY = {"RESUME", "NOP", "LOAD_CONST", "LOAD_SMALL_INT", "RETURN_CONST", "RETURN_VALUE", "COPY_FREE_VARS"}


def close(value: object, expected: object, rtol: float = 1e-5, atol: float = 1e-8) -> bool:
    """Whether a learner's result has the expected shape and numbers; anything else than numbers is False.

    Args:
        value: what the learner's function returned: a tensor, a number, a list.
        expected: the reference, of any shape; nan is equal to nan.
        rtol, atol: as in `torch.allclose`.

    Examples:
        >>> close(torch.tensor([1.0, 2.0]), [1, 2]), close(None, 1.0), close(torch.ones(1, 2), [1, 1])
        (True, False, False)
    """
    try:
        given, wanted = (torch.as_tensor(thing, dtype=torch.float64).detach() for thing in (value, expected))
    except (TypeError, ValueError, RuntimeError):
        return False
    return given.shape == wanted.shape and torch.allclose(given, wanted, rtol, atol, equal_nan=True)


class Watched:
    """A learner's function that remembers what it raised, so that a check can tell it from its own errors."""

    def __init__(self, function: Callable):
        self.raised: Exception | None = None

        @wraps(function, updated=())
        def call(*args, **kwargs):
            try:
                return function(*args, **kwargs)
            except Exception as error:
                self.raised = error
                raise

        self.call = call


def attempt(function: Callable, probe: tuple) -> str:
    """Call a function once and say whether it was attempted: "yes", "no" or "no return".

    A function that raises is attempted, unless what it tripped over is the placeholder `...` itself.

    Examples:
        >>> [attempt(f, (1,)) for f in (lambda x: ..., lambda x: x + ..., lambda x: print(end=""), abs)]
        ['no', 'no', 'no return', 'yes']
    """
    try:
        result = function(*copy.deepcopy(probe))
    except Exception as error:
        return "no" if isinstance(error, NotImplementedError) or "ellipsis" in str(error) else "yes"
    if result is None:
        return "no" if _is_empty(function) else "no return"
    return "no" if result is ... else "yes"


def _is_empty(function: Callable) -> bool:
    """Whether a function's body does nothing, as `...` and `pass` do."""
    code = getattr(function, "__code__", None)
    return code is not None and {step.opname for step in dis.get_instructions(code)} <= _EMPTY


def first_failure(function: Callable, cases: tuple) -> tuple[str, str, str] | None:
    """Return `(sentence, hint, error)` for the first case that fails, or None where all pass.

    The sentence is a key of `SENTENCES`: "wrong", "raised" (by the function), "unusable" (by the check).
    """
    for case in cases:
        watched = Watched(function)
        try:
            if not case.passes(watched.call):
                return "wrong", case.hint, ""
        except Exception as error:
            return ("raised" if error is watched.raised else "unusable"), case.hint, _name(error)
    return None


def _name(error: Exception) -> str:
    first_line = str(error).strip().split("\n")[0].rstrip(".")
    return f"`{type(error).__name__}`" + (f": {first_line}" if first_line else "")
