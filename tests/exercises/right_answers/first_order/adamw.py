"""Other right answers to the exercises of *AdamW*, by kind."""

import numpy as np
import torch


def by_library(x, gradients, multipliers, alpha, decay):
    x = torch.nn.Parameter(x.clone())
    method = torch.optim.AdamW([x], lr=alpha, eps=1e-8, weight_decay=decay / alpha)
    for x.grad, method.param_groups[0]["lr"] in zip(gradients, (s * alpha for s in multipliers), strict=True):
        method.step()
    return x


def by_numpy(x, gradients, multipliers, alpha, decay):
    x, m, v = x.numpy().copy(), 0.0, 0.0
    for t, g in enumerate(np.array([g.tolist() for g in gradients]), 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = alpha * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        x = (1 - multipliers[t - 1] * decay) * x - multipliers[t - 1] * step
    return x


def by_entries(x, gradients, multipliers, alpha, decay):
    def entry(x, *column):
        m = v = 0.0
        for t, (g, s) in enumerate(zip(column, multipliers, strict=True), 1):
            m, v = m + (g - m) / 10, v + (g * g - v) / 1000
            x -= s * (alpha * m / (1 - 0.9**t) / ((v / (1 - 0.999**t)) ** 0.5 + 1e-8) + decay * x)
        return x

    return tuple(map(entry, x.tolist(), *(g.tolist() for g in gradients)))


RIGHT_ANSWERS = {
    "3-first-order/the-papers-schedule": {"library": by_library, "numpy": by_numpy, "python": by_entries},
}
