"""Exact elimination against matrices whose inverse is known in integers."""

from fractions import Fraction
from math import comb

import pytest

from book.numerics import exact_solve


def hilbert_inverse(n: int) -> list[list[int]]:
    """The closed form of the inverse Hilbert matrix (Choi, 1983)."""

    def entry(i, j):
        sign = (-1) ** (i + j)
        return (
            sign * (i + j - 1) * comb(n + i - 1, n - j) * comb(n + j - 1, n - i) * comb(i + j - 2, i - 1) ** 2
        )

    return [[entry(i, j) for j in range(1, n + 1)] for i in range(1, n + 1)]


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_hilbert_columns_of_the_inverse(n):
    matrix = [[Fraction(1, i + j - 1) for j in range(1, n + 1)] for i in range(1, n + 1)]
    unit = [int(i == 0) for i in range(n)]
    assert exact_solve(matrix, unit) == [row[0] for row in hilbert_inverse(n)]


def test_a_zero_pivot_is_swapped_away():
    assert exact_solve([[0, 1], [1, 0]], [2, 3]) == [3, 2]


@pytest.mark.parametrize(
    ("A", "b", "message"),
    [
        ([[1, 2], [2, 4]], [1, 2], "singular: column 2"),
        ([[1, 2]], [1], "square"),
        ([[1]], [1, 2], "square"),
        ([], [], "square"),
    ],
)
def test_what_cannot_be_solved_is_refused(A, b, message):
    with pytest.raises(ValueError, match=message):
        exact_solve(A, b)
