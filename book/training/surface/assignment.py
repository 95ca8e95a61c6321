"""The linear assignment problem: who does what, such that the sum is largest."""

import numpy as np
import torch
from torch import Tensor


def assign(gain: Tensor) -> Tensor:
    """The permutation p for which Σᵢ gain[i, p(i)] is largest, by shortest augmenting paths in O(n³).

    Args:
        gain: shape (n, n), finite.

    Returns:
        p, int64, shape (n,).

    Raises:
        ValueError: the gain is not a square matrix, or not finite.

    Source:
        Kuhn, "The Hungarian method for the assignment problem", 1955; in this form: Jonker and Volgenant, "A
        shortest augmenting path algorithm for dense and sparse linear assignment problems", 1987.

    Examples:
        >>> assign(torch.tensor([[5.0, 4.0], [4.0, 1.0]])).tolist()
        [1, 0]
    """
    if gain.ndim != 2 or gain.shape[0] != gain.shape[1] or not gain.isfinite().all():
        raise ValueError(f"assign takes a square matrix of finite numbers; got shape {tuple(gain.shape)}.")
    cost = -gain.detach().double().cpu().numpy()
    n = len(cost)
    row_price, column_price = np.zeros(n), np.zeros(n)
    row_of = np.full(n, -1)  # of each column, -1 where it is still free
    for row in range(n):
        _augment(cost, row, row_price, column_price, row_of)
    order = np.empty(n, dtype=np.int64)
    order[row_of] = np.arange(n)
    return torch.from_numpy(order)


def _augment(cost, start, row_price, column_price, row_of) -> None:
    """Give the row `start` a column, moving other rows along the cheapest chain to a free column."""
    n = len(cost)
    distance, before, done = np.full(n, np.inf), np.full(n, -1), np.zeros(n, dtype=bool)
    row, column, so_far = start, -1, 0.0
    while row >= 0:  # Dijkstra: the reduced costs are never negative
        through = so_far + cost[row] - row_price[row] - column_price
        better = ~done & (through < distance)
        distance[better], before[better] = through[better], column
        column = int(np.where(done, np.inf, distance).argmin())
        done[column], so_far, row = True, distance[column], row_of[column]
    settled = done & (np.arange(n) != column)
    row_price[start] += so_far
    row_price[row_of[settled]] += so_far - distance[settled]
    column_price[settled] -= so_far - distance[settled]
    while column >= 0:
        row_of[column], column = (row_of[before[column]] if before[column] >= 0 else start), before[column]
