"""Exact elimination against matrices whose inverse is known in integers."""

import math
from fractions import Fraction
from math import comb

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from book.numerics import exact_solve
from tests.cases import each


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


@given(
    rows=st.lists(st.lists(st.integers(-(2**40), 2**40), min_size=2, max_size=2), min_size=2, max_size=2),
    b=st.lists(st.integers(-(2**40), 2**40), min_size=2, max_size=2),
)
def test_numbers_of_numpy_and_torch_are_those_of_python(rows, b):
    """numpy's integers wrap around at 2^63, and a Fraction of them would too."""
    assume(rows[0][0] * rows[1][1] != rows[0][1] * rows[1][0])
    truth = exact_solve(rows, b)
    assert exact_solve(np.array(rows), np.array(b)) == truth
    assert exact_solve([list(map(np.int64, row)) for row in rows], list(map(np.int64, b))) == truth
    assert exact_solve(torch.tensor(rows), torch.tensor(b)) == truth
    assert exact_solve([list(map(torch.tensor, row)) for row in rows], [*map(np.float64, b)]) == truth


@each(
    ("entry", "kind", "words"),
    [
        (math.nan, ValueError, "finite numbers; got nan"),
        (np.float32("inf"), ValueError, "finite numbers; got inf"),
        ("0.5", TypeError, "An entry must be a number; got '0.5'"),
        (None, TypeError, "An entry must be a number; got None"),
        (True, TypeError, "An entry must be a number; got True"),
    ],
)
def test_an_entry_that_has_no_exact_value_is_told(entry, kind, words):
    with pytest.raises(kind, match=words):
        exact_solve([[entry]], [1])
