"""Other right answers to the exercises of *RMSProp*, by kind."""

import math

import numpy as np
import torch


def by_matrix(grads, lr, alpha, eps):
    """All averages at once: the squares times a triangle of weights."""
    T = len(grads)
    t, k = torch.meshgrid(torch.arange(T), torch.arange(T), indexing="ij")
    weights = torch.where(k > t, 0, (1 - alpha) * alpha ** (t - k).clamp(min=0).double())
    weights[:, 0] = alpha ** torch.arange(T).double()
    return -lr * grads * torch.rsqrt(weights @ grads.square() + eps)


def by_numpy(grads, lr, alpha, eps):
    grads = np.asarray(grads)
    result, v = np.empty_like(grads), grads[0] ** 2
    for t, g in enumerate(grads):
        v = v + (1 - alpha) * (g**2 - v) if t else v
        result[t] = -lr * g / np.sqrt(v + eps)
    return np.asfortranarray(result)


def by_columns(grads, lr, alpha, eps):
    def column(values):
        v = values[0] ** 2
        for g in values:
            v = alpha * v + (1 - alpha) * g * g
            yield -lr * g / math.sqrt(v + eps)

    return list(zip(*map(column, grads.T.tolist()), strict=True))


RIGHT_ANSWERS = {
    "3-first-order/rmsprop-another": {"torch": by_matrix, "numpy": by_numpy, "python": by_columns},
}
