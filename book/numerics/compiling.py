"""Handing a function to `torch.compile`, and the words where that fails."""

import warnings
from collections.abc import Callable
from types import FunctionType

import torch


def compile_alone(function: FunctionType, **options) -> Callable:
    """Compile a function as one graph, with a code object of its own.

    torch keeps what it compiles with the code object, and no more than 8 variants of one. So a function that
    is made anew for each optimizer or operator would fail at the ninth.

    Args:
        function: written in Python; it is compiled when it is called first.
        options: for `torch.compile`.

    Returns:
        The compiled function.

    Examples:
        >>> def plus(n):
        ...     return lambda x: x + n
        >>> first, second = plus(1), plus(2)  # of one code object
        >>> fast = [compile_alone(first), compile_alone(second)]  # nothing is compiled yet
    """
    own = FunctionType(
        function.__code__.replace(),
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    own.__kwdefaults__ = function.__kwdefaults__
    return torch.compile(own, fullgraph=True, **options)


def warn_uncompiled(what: str, error: Exception, instead: str, stacklevel: int = 2) -> None:
    """Warn in one line that compiling failed, why, and what is done instead.

    Args:
        what: could not be compiled; the beginning of the sentence.
        error: its first line is the reason.
        instead: the end of the sentence.
        stacklevel: as `warnings.warn` takes it, from the caller on.

    Examples:
        >>> with warnings.catch_warnings(record=True) as seen:
        ...     warnings.simplefilter("always")
        ...     warn_uncompiled("It could not compile", RuntimeError("no g++\\n..."), "it runs as it is")
        >>> print(seen[0].message)
        It could not compile (no g++), so it runs as it is. On Linux install g++ to compile on the CPU.
    """
    reason = f"{error}".strip().partition("\n")[0] or type(error).__name__
    warnings.warn(
        f"{what} ({reason}), so {instead}. On Linux install g++ to compile on the CPU.",
        stacklevel=stacklevel + 1,
    )
