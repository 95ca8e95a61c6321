"""Other right answers to the exercises of *Quasi-Newton methods*, by kind."""

import numpy as np
import torch

from book.optim.bfgs import inverse_update
from book.optim.lbfgs import two_loops


def by_library(B, s, y):
    return inverse_update(B, s, y)


def by_numpy(B, s, y):
    B, s, y = map(np.asarray, (B, s, y))
    left = np.eye(len(s)) - np.outer(s, y) / (y @ s)
    return left @ B @ left.T + np.outer(s, s) / (y @ s)


def by_inverses(B, s, y):
    """The Hessian's own update, and the inverse of that."""
    H = torch.linalg.inv(B)
    Hs = H @ s
    return torch.linalg.inv(H + torch.outer(y, y) / (y @ s) - torch.outer(Hs, Hs) / (s @ Hs))


def by_lists(B, s, y):
    n, rho = len(s), 1 / sum(a * b for a, b in zip(s.tolist(), y.tolist(), strict=True))
    P = [[float(i == j) - rho * s[i].item() * y[j].item() for j in range(n)] for i in range(n)]
    return [
        [
            sum(P[i][k] * B[k][m].item() * P[j][m] for k in range(n) for m in range(n))
            + rho * s[i].item() * s[j].item()
            for j in range(n)
        ]
        for i in range(n)
    ]


def loops_by_library(g, steps, changes):
    return two_loops(g, steps, changes)


def by_the_matrix(g, steps, changes):
    """With the matrix after all: the same number at another price."""
    s, y = steps[-1], changes[-1]
    B = torch.eye(len(g)).to(g) * (s @ y) / (y @ y)
    for s, y in zip(steps, changes, strict=True):
        B = inverse_update(B, s, y)
    return B @ g


def by_recursion(g, steps, changes, size=None):
    """B g by the formula of the newest pair, with all older ones inside."""
    s, y = steps[-1], changes[-1]
    size = (s @ y) / (y @ y) if size is None else size
    share = (s @ g) / (y @ s)
    inner = g - share * y
    deeper = by_recursion(inner, steps[:-1], changes[:-1], size) if steps[:-1] else size * inner
    return deeper + (share - (y @ deeper) / (y @ s)) * s


def loops_by_numpy(g, steps, changes):
    q, pairs, shares = (
        np.array(g),
        [(np.asarray(s), np.asarray(y)) for s, y in zip(steps, changes, strict=True)],
        [],
    )
    for s, y in reversed(pairs):
        shares.append(s @ q / (y @ s))
        q = q - shares[-1] * y
    s, y = pairs[-1]
    q = q * (s @ y) / (y @ y)
    for s, y in pairs:
        q = q + (shares.pop() - y @ q / (y @ s)) * s
    return q


RIGHT_ANSWERS = {
    "4-second-order/bfgs-update": {
        "library": by_library,
        "numpy": by_numpy,
        "torch": by_inverses,
        "python": by_lists,
    },
    "4-second-order/without-the-matrix": {
        "library": loops_by_library,
        "torch": by_the_matrix,
        "python": by_recursion,
        "numpy": loops_by_numpy,
    },
}
