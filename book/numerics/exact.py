"""Linear systems in exact arithmetic: what is wrong with the answer was wrong with the question."""

from fractions import Fraction
from math import isfinite

import numpy as np
from torch import Tensor

from book.numerics.number_types import number


def exact_solve(A: list[list], b: list) -> list[Fraction]:
    """Solve A x = b by Gaussian elimination on fractions: no operation rounds.

    Floats are taken at their exact value, so `0.1` is the float nearest to a tenth. The time grows faster
    than n³, because the fractions get longer: n = 12 takes milliseconds, n = 100 minutes.

    Args:
        A: n rows of n numbers of any type, or a matrix of torch's or numpy's.
        b: n numbers.

    Raises:
        TypeError: an entry is not a number.
        ValueError: the system is not square, it is singular, or an entry is not finite.

    Examples:
        >>> exact_solve([[1, 1], [1, Fraction(10001, 10000)]], [2, Fraction(20001, 10000)])
        [Fraction(1, 1), Fraction(1, 1)]
    """
    A, b = (part.tolist() if isinstance(part, Tensor | np.ndarray) else part for part in (A, b))
    if not A or any(len(row) != len(A) for row in A) or len(b) != len(A):
        raise ValueError(
            f"A square system needs n rows of n numbers and n right-hand sides; got {len(A)} rows."
        )
    rows = [[_fraction(entry) for entry in [*row, right]] for row, right in zip(A, b, strict=True)]
    for column in range(len(rows)):
        _eliminate(rows, column)
    return [row[-1] for row in rows]


def _fraction(entry) -> Fraction:
    """The exact value of a number: of numpy's, whose integers wrap around, as Python's."""
    exact = entry if isinstance(entry, Fraction) or type(entry) is int else number("An entry", entry)
    if isinstance(exact, float) and not isfinite(exact):
        raise ValueError(f"The entries of an exact system are finite numbers; got {exact}.")
    return Fraction(exact)


def _eliminate(rows: list[list[Fraction]], column: int) -> None:
    """Make `column` a column of the identity, by Gauss-Jordan."""
    pivot = next((i for i in range(column, len(rows)) if rows[i][column]), None)
    if pivot is None:
        raise ValueError(f"The matrix is singular: column {column + 1} depends on the ones before it.")
    rows[column], rows[pivot] = rows[pivot], rows[column]
    rows[column] = [entry / rows[column][column] for entry in rows[column]]
    for i, row in enumerate(rows):
        if i != column and row[column]:
            rows[i] = [entry - row[column] * top for entry, top in zip(row, rows[column], strict=True)]
