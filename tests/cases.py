"""A loop over cases too small for a test each: a failure names its case.

A test of its own costs pytest two milliseconds, which is more than many a case takes.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps


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


def each(names: str | tuple[str, ...], cases: Iterable) -> Callable[[Callable], Callable]:
    """Decorate a test as `pytest.mark.parametrize` does, but run all cases as one test.

    For cases of a few milliseconds that no one picks with `-k`. They share the test's fixtures, and the first
    that fails ends it: its number and its values are named. It may stand above or below `parametrize`, and
    above another one of itself.

    Args:
        names: of the arguments, as `parametrize` takes them.
        cases: a value for each case; for several names, as many values.

    Examples:
        >>> @each(("x", "square"), [(2, 4), (3, 10)])
        ... def test_squares(x, square):
        ...     assert x * x == square
        >>> try:
        ...     test_squares()
        ... except AssertionError as error:
        ...     print(error.__notes__)
        ['In the case 1, 3, 10']
    """
    rows = [(case,) for case in cases] if isinstance(names, str) else list(cases)
    words = [names] if isinstance(names, str) else list(names)
    assert rows, "a test without cases cannot fail"

    def decorate(test: Callable) -> Callable:
        @wraps(test)
        def all_cases(**others):
            for number, row in enumerate(rows):
                with in_case(number, *row):
                    test(**dict(zip(words, row, strict=True)), **others)

        parameters = inspect.signature(test).parameters.values()
        all_cases.__signature__ = inspect.Signature([p for p in parameters if p.name not in words])
        return all_cases

    return decorate
