"""Other right answers to the exercises of *K-FAC*, by kind."""

import numpy as np
import torch

from book.calculus.matrix_free import Kronecker
from book.optim.kfac.damping import damped_inverses, natural


def by_library(a, g, V):
    inverses = damped_inverses(a.T @ a / len(a), g.T @ g / len(g), damping=0.0)
    return natural(V, *inverses)


def by_operator(a, g, V):
    product = Kronecker(g.T @ g / len(g), a.T @ a / len(a))
    return (product.inverse() @ V.flatten()).reshape(V.shape)


def by_numpy(a, g, V):
    a, g, V = map(np.asarray, (a, g, V))
    half = np.linalg.solve(np.einsum("ni,nj->ij", g, g) / len(g), V)
    return np.linalg.solve(np.einsum("ni,nj->ij", a, a) / len(a), half.T).T


def by_eigenvectors(a, g, V):
    (p, P), (q, Q) = torch.linalg.eigh(a.T @ a / len(a)), torch.linalg.eigh(g.T @ g / len(g))
    return Q @ ((Q.T @ V @ P) / (q[:, None] * p)) @ P.T


RIGHT_ANSWERS = {
    "4-second-order/kfac-direction": {
        "library": by_library,
        "torch": by_operator,
        "numpy": by_numpy,
        "eigenvectors": by_eigenvectors,
    },
}
