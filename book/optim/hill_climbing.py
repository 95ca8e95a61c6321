"""Hill climbing: descent where there is no gradient, by looking at every neighbour of a discrete state."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TypeVar

from book.numerics.callables import as_height, as_number, check_repeats, own_copy
from book.numerics.number_types import whole

State = TypeVar("State")


def on_own_states(climb: Callable) -> Callable:
    """Decorate a climb: f and `neighbours` get copies of the states, and a cost of nan is the highest."""

    @wraps(climb)
    def checked(f, start, neighbours, steps=1000):
        steps, cost = whole("steps", steps, least=0), as_height(f, "hill_climb")
        check_repeats(as_number(f, "hill_climb"), start, "hill_climb")
        return climb(
            cost,
            own_copy(start),
            lambda state: map(own_copy, _several(neighbours(own_copy(state)))),
            steps,
        )

    return checked


def _several(states: object) -> Iterable:
    if not isinstance(states, Iterable):
        raise TypeError(
            "hill_climb takes a function `neighbours` that returns the states one move away, as a list; this "
            f"one returned {type(states).__name__}."
        )
    return states


@on_own_states
def hill_climb(
    f: Callable[[State], float],
    start: State,
    neighbours: Callable[[State], Iterable[State]],
    steps: int = 1000,
) -> list[State]:
    """Move to the lowest neighbour, again and again, until none is lower.

    The discrete cousin of `descend`: the neighbours stand in for the directions, the best of them for the
    negative gradient. Among equally low neighbours the first one is taken. It ends in a state that no
    neighbour betters, which is a local minimum and need not be a global one.

    Args:
        f: the cost of a state, to be made small; nan counts as inf. It gives the same cost again.
        start: any state: a number, a tensor, or lists and tuples of them, which are copied for f and
            `neighbours`; an object of a class of your own is not, and must not change.
        neighbours: state → the states one move away.
        steps: at most so many moves.

    Returns:
        The states from the start on.

    Raises:
        TypeError: f returns no real number.
        ValueError: f returns several, or another one for the same state.

    Source:
        Russell and Norvig, Artificial Intelligence: A Modern Approach, 4th edition, 2020, section 4.1.

    Examples:
        >>> hill_climb(lambda n: (n - 3) ** 2, 0, lambda n: (n - 1, n + 1))
        [0, 1, 2, 3]
        >>> hill_climb(lambda n: [5, 2, 4, 1, 3][n], 0, lambda n: (max(n - 1, 0), min(n + 1, 4)))
        [0, 1]
    """
    path = [start]
    for _ in range(steps):
        lowest = min(neighbours(path[-1]), key=f, default=path[-1])
        if not f(lowest) < f(path[-1]):
            break
        path.append(lowest)
    return path


def attacks(board: tuple[int, ...]) -> int:
    """The pairs of queens that attack each other, with one queen in each column.

    Args:
        board: the row of the queen of each column, from 0 to n − 1.

    Raises:
        TypeError, ValueError: a row is no whole number, or not on the board.

    Examples:
        >>> attacks((1, 3, 0, 2)), attacks((0, 1, 2, 3))
        (0, 6)
    """
    n = len(board)
    rows = [row if type(row) is int and 0 <= row < n else whole("Rows", row, 0, n - 1) for row in board]
    lines = (rows, [row + c for c, row in enumerate(rows)], [row - c for c, row in enumerate(rows)])
    pairs = 0
    for line in lines:
        count = [0] * (2 * n)
        for place in line:
            pairs += count[place]  # a negative one counts from the end, where no other line is
            count[place] += 1
    return pairs


def queen_moves(board: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Every board that differs by one queen, moved within its column: n(n − 1) of them for n queens.

    Examples:
        >>> queen_moves((0, 1))
        [(1, 1), (0, 0)]
    """
    rows = range(len(board))
    return [
        (*board[:column], row, *board[column + 1 :])
        for column in rows
        for row in rows
        if row != board[column]
    ]
