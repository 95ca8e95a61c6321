"""Other right answers to the exercises of *Trust regions and Gauss–Newton*, by kind."""

import numpy as np
import torch
from scipy.optimize import lsq_linear


def by_torch(J, r, damping):
    U, s, Vh = torch.linalg.svd(J, full_matrices=False)
    return -Vh.T @ (s * (U.T @ r) / (s**2 + damping))


def by_numpy(J, r, damping):
    J, r = np.asarray(J), np.asarray(r)
    n = J.shape[1]
    Q, R = np.linalg.qr(np.vstack([J, np.sqrt(damping) * np.eye(n)]))
    return np.linalg.solve(R, -Q.T @ np.append(r, np.zeros(n)))


def by_python(J, r, damping):
    """Gram and Schmidt, column by column, on the longer problem."""
    n = J.shape[1]
    rows = [*J.tolist(), *([damping**0.5 * (i == j) for j in range(n)] for i in range(n))]
    y, columns, R = [-x for x in r.tolist()] + [0.0] * n, [list(c) for c in zip(*rows, strict=True)], []
    dot = lambda a, b: sum(x * z for x, z in zip(a, b, strict=True))  # noqa: E731
    for j in range(n):
        R.append([dot(columns[j], columns[j]) ** 0.5])
        columns[j] = [x / R[j][0] for x in columns[j]]
        for k in range(j + 1, n):
            R[j].append(dot(columns[j], columns[k]))
            columns[k] = [x - R[j][-1] * q for x, q in zip(columns[k], columns[j], strict=True)]
    p = [0.0] * n
    for j in range(n):
        p[j] = dot(columns[j], y)
        y = [x - p[j] * q for x, q in zip(y, columns[j], strict=True)]
    for j in reversed(range(n)):
        p[j] = (p[j] - dot(R[j][1:], p[j + 1 :])) / R[j][0]
    return p


def by_library(J, r, damping):
    n = J.shape[1]
    longer = np.vstack([J, damping**0.5 * np.eye(n)])
    return lsq_linear(longer, -np.append(r, np.zeros(n)), lsq_solver="exact").x


RIGHT_ANSWERS = {
    "4-second-order/damped-step": {
        "torch": by_torch,
        "numpy": by_numpy,
        "python": by_python,
        "library": by_library,
    },
}
