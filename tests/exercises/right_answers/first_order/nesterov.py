"""Other right answers to the exercises of *Nesterov*, by kind."""

import numpy as np
import torch


def by_dot(gradient, x, lr, steps):
    before, k, coast = x, x.new_tensor(1), torch.zeros_like(x)
    for _ in range(steps):
        y = before + coast
        g = gradient(y)
        x = torch.sub(y, g, alpha=lr)
        k = torch.where(torch.dot(g, x - before) > 0, 1, k)
        coast, before, k = (k - 1) / (k + 2) * (x - before), x, k + 1
    return x


def by_numpy(gradient, x, lr, steps):
    x = y = np.asarray(x)
    k = 1
    for _ in range(steps):
        g = gradient(y)
        x, move = y - lr * g, y - lr * g - x
        k = 1 if np.inner(g, move) > 0 else k
        y, k = x + (k - 1) / (k + 2) * move, k + 1
    return x


def by_lists(gradient, x, lr, steps):
    x, y, k = x.tolist(), x.tolist(), 1
    for _ in range(steps):
        g = gradient(torch.tensor(y, dtype=torch.float64)).tolist()
        new = [a - lr * b for a, b in zip(y, g, strict=True)]
        move = [a - b for a, b in zip(new, x, strict=True)]
        k = 1 if sum(a * b for a, b in zip(g, move, strict=True)) > 0 else k
        y = [a + (k - 1) / (k + 2) * b for a, b in zip(new, move, strict=True)]
        x, k = new, k + 1
    return x


RIGHT_ANSWERS = {
    "3-first-order/restart": {"torch": by_dot, "numpy": by_numpy, "python": by_lists},
}
