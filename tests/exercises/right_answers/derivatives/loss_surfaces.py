"""Other right answers to the exercises of *Loss surfaces*, by kind."""

import numpy as np
import torch


def by_matrix(W1, b1, W2, i, j):
    P = torch.eye(len(b1))
    P[[i, j]] = P[[j, i]]
    return P @ W1, P @ b1, W2 @ P.T


def by_numpy(W1, b1, W2, i, j):
    order = list(range(len(b1)))
    order[i], order[j] = j, i
    return [np.take(W1, order, axis=0), np.take(b1, order), np.take(W2, order, axis=1)]


def by_lists(W1, b1, W2, i, j):
    def swapped(rows):
        rows = list(rows)
        rows[i], rows[j] = rows[j], rows[i]
        return rows

    columns = swapped(zip(*W2.tolist(), strict=True))
    return swapped(W1.tolist()), swapped(b1.tolist()), list(zip(*columns, strict=True))


def one_by_one(W1, b1, W2, i, j):
    for piece in (W1, b1, W2.T):
        new = torch.nn.Parameter(piece.clone())
        with torch.no_grad():
            new[i], new[j] = piece[j], piece[i]
        yield new.T if piece.data_ptr() == W2.data_ptr() else new


RIGHT_ANSWERS = {
    "2-derivatives/swap-units": {
        "torch": by_matrix,
        "numpy": by_numpy,
        "python": by_lists,
        "generator": one_by_one,
    },
}
