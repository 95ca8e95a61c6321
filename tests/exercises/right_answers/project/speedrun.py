"""Other right answers to the exercises of *The speedrun*, by kind."""

import numpy as np
import scipy
import torch


def by_cholesky(C):
    return torch.linalg.inv(torch.linalg.cholesky(C))


def by_numpy(C):
    variances, directions = np.linalg.eigh(C.numpy())
    return (directions / np.sqrt(variances)).T[::-1]


def by_root(C):
    """The symmetric root of the inverse, "ZCA"."""
    return scipy.linalg.fractional_matrix_power(C.numpy(), -0.5).astype(C.numpy().dtype)


def by_triangle(C):
    return torch.linalg.solve_triangular(
        torch.linalg.cholesky(C), torch.eye(len(C), dtype=C.dtype), upper=False
    )


RIGHT_ANSWERS = {
    "6-project/whitening": {
        "torch": by_cholesky,
        "numpy": by_numpy,
        "library": by_root,
        "solve": by_triangle,
    },
}
