"""Other right answers to the exercises of *Adam*, by kind."""

import numpy as np
import torch


def by_library(x, gradients, lr, beta1, beta2, eps):
    x = torch.nn.Parameter(x.clone())
    method = torch.optim.Adam([x], lr=lr, betas=(beta1, beta2), eps=eps)
    for x.grad in gradients:
        method.step()
    return x


def by_sums(x, gradients, lr, beta1, beta2, eps):
    """Each average as one weighted sum of all gradients so far."""

    def average(values, beta):
        weights = beta ** np.arange(len(values))[::-1]
        return np.average(values, axis=0, weights=weights)

    x, G = x.numpy().copy(), np.stack([g.numpy() for g in gradients])
    for t in range(1, len(G) + 1):
        x = x - lr * average(G[:t], beta1) / (np.sqrt(average(G[:t] ** 2, beta2)) + eps)
    return x


def by_entries(x, gradients, lr, beta1, beta2, eps):
    def entry(x, *column):
        m = v = 0.0
        for t, g in enumerate(column, 1):
            m, v = m + (1 - beta1) * (g - m), v + (1 - beta2) * (g * g - v)
            x -= lr * m / (1 - beta1**t) / ((v / (1 - beta2**t)) ** 0.5 + eps)
        return x

    return list(map(entry, x.tolist(), *(g.tolist() for g in gradients)))


RIGHT_ANSWERS = {
    "3-first-order/write-adam": {"library": by_library, "numpy": by_sums, "python": by_entries},
}
