"""Other right answers to the exercises of *AdaGrad*, by kind."""

import numpy as np
import torch


def by_library(x, s, rows, grads, lr):
    """torch's own, on a sparse gradient."""
    table = torch.nn.Parameter(x.clone())
    method = torch.optim.Adagrad([table], lr=lr)
    method.state[table]["sum"].copy_(s)
    table.grad = torch.sparse_coo_tensor(rows[None], grads, x.shape)
    method.step()
    return table, method.state[table]["sum"]


def by_numpy(x, s, rows, grads, lr):
    g = np.zeros(x.shape)
    np.add.at(g, np.asarray(rows), np.asarray(grads))
    s = np.asarray(s) + g**2
    return np.asarray(x) - lr * g / (np.sqrt(s) + 1e-10), s


def by_lists(x, s, rows, grads, lr):
    x, s, total = x.tolist(), s.tolist(), {}
    for row, grad in zip(rows.tolist(), grads.tolist(), strict=True):
        total[row] = [a + b for a, b in zip(total.get(row, [0.0] * len(grad)), grad, strict=True)]
    for row, grad in total.items():
        s[row] = [a + g * g for a, g in zip(s[row], grad, strict=True)]
        x[row] = [a - lr * g / (b**0.5 + 1e-10) for a, b, g in zip(x[row], s[row], grad, strict=True)]
    return x, s


def by_one_hot(x, s, rows, grads, lr):
    g = torch.nn.functional.one_hot(rows, len(x)).to(x.dtype).T @ grads
    return torch.stack([x - lr * g / ((s + g * g).sqrt() + 1e-10), s + g * g])


RIGHT_ANSWERS = {
    "3-first-order/adagrad-rows": {
        "library": by_library,
        "numpy": by_numpy,
        "python": by_lists,
        "torch": by_one_hot,
    },
}
