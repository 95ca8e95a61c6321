"""A loop over cases too small for a test each: a failure names its case.

A test of its own costs pytest two milliseconds, which is more than many a case takes.
"""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def in_case(*names) -> Iterator[None]:
    """Add what the case is to whatever it raises; pytest prints it below the error.

    Examples:
        >>> try:
        ...     with in_case("float16", 3):
        ...         raise ValueError("too large")
        ... except ValueError as error:
        ...     print(error, error.__notes__)
        too large ['In the case float16, 3']
    """
    try:
        yield
    except BaseException as error:  # what `pytest.fail` and `pytest.raises` raise is no Exception
        error.add_note(f"In the case {', '.join(map(str, names))}")
        raise
