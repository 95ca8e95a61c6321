"""Other right answers to the exercises of *One training step*, by kind."""

import numpy as np
import torch


def by_jacobian(w, x, y, lr):
    w1, b, w2 = w.double()
    z = w1 * x + b
    h = z.relu()
    on = torch.heaviside(z, torch.zeros_like(z))
    return w - lr * (w2 * h - y) * torch.stack([w2 * on * x, w2 * on, h])


def by_numpy(w, x, y, lr):
    w = np.asarray(w, dtype=np.float64)
    z = w[:2] @ np.array([x, 1.0])
    error = w[2] * np.maximum(z, 0) - y
    return (w - lr * error * np.array([w[2] * (z > 0) * x, w[2] * (z > 0), max(z, 0)]))[::-1].copy()[::-1]


def by_hand(w, x, y, lr):
    w1, b, w2 = w.tolist()
    z = w1 * x + b
    error = w2 * max(z, 0.0) - y
    slope = error * w2 if z > 0 else 0.0
    return w1 - lr * slope * x, b - lr * slope, w2 - lr * error * max(z, 0.0)


class Step:
    def __call__(self, weights, inputs, targets, rate):
        weights = weights.clone().requires_grad_()
        loss = (weights[2] * torch.relu(weights[0] * inputs + weights[1]) - targets) ** 2 / 2
        return weights - rate * torch.autograd.grad(loss, weights)[0]


RIGHT_ANSWERS = {
    "1-numbers/train-step": {"torch": by_jacobian, "numpy": by_numpy, "python": by_hand, "object": Step()},
}
