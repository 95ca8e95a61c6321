"""Hill climbing against brute force."""

import math
from itertools import combinations, pairwise, permutations, product

import numpy as np
import pytest
import torch

from book.optim import attacks, hill_climb, queen_moves


def counted(board):
    return sum(a == b or abs(a - b) == d - c for (c, a), (d, b) in combinations(enumerate(board), 2))


@pytest.mark.parametrize("n", [1, 2, 4, 5])
def test_attacks_counts_every_pair(n):
    boards = list(product(range(n), repeat=n))
    assert [attacks(board) for board in boards] == [counted(board) for board in boards]


def test_the_eight_queens_have_92_solutions_among_permutations():
    assert sum(attacks(board) == 0 for board in permutations(range(8))) == 92


@pytest.mark.parametrize("n", [2, 4, 8])
def test_the_moves_are_all_boards_that_differ_in_one_column(n):
    board = tuple(i % n for i in range(1, n + 1))
    moves = queen_moves(board)
    assert len(set(moves)) == len(moves) == n * (n - 1)
    assert all(sum(a != b for a, b in zip(board, move, strict=True)) == 1 for move in moves)


@pytest.mark.long
def test_a_climb_falls_at_every_step_and_ends_in_a_local_minimum():
    for start in product(range(5), repeat=5):
        path = hill_climb(attacks, start, queen_moves)
        costs = [attacks(board) for board in path]
        assert costs == sorted(set(costs), reverse=True)
        assert costs[-1] <= min(map(attacks, queen_moves(path[-1])))
        for here, there in pairwise(path):
            assert attacks(there) == min(map(attacks, queen_moves(here)))


def test_it_takes_at_most_so_many_moves_and_stops_where_there_is_none():
    assert hill_climb(abs, 9, lambda n: (n - 1, n + 1), steps=3) == [9, 8, 7, 6]
    assert hill_climb(abs, 9, lambda n: ()) == [9]


def test_states_that_are_overwritten_climb_as_others_do():
    def neighbours(state):
        for shift in (-1, 1):
            state[0] += shift
            yield state
            state[0] -= shift

    assert hill_climb(lambda s: (s.pop() - 3) ** 2, [0], neighbours) == [[0], [1], [2], [3]]
    assert hill_climb(lambda n: math.nan if n == 1 else (n - 3) ** 2, 2, lambda n: (n - 1, n + 1)) == [2, 3]


@pytest.mark.parametrize("board", [(7, 1), (-1, 1), (0.5, 1), ("a", 0), (True, 0), (float("nan"), 0)])
def test_a_queen_stands_on_the_board(board):
    with pytest.raises((TypeError, ValueError), match=r"^Rows "):
        attacks(board)


def test_rows_are_whole_numbers_of_any_kind():
    for kind in (np.array, torch.tensor, list, lambda board: tuple(map(float, board))):
        assert attacks(kind((1, 3, 0, 2))) == 0


@pytest.mark.parametrize("wrong", [None, 3, 0.5])
def test_neighbours_are_several(wrong):
    with pytest.raises(
        TypeError, match="`neighbours` that returns the states one move away, as a list; this one"
    ):
        hill_climb(abs, 3, lambda n: wrong)
