"""Other right answers to the exercises of *Natural gradient*, by kind."""

import numpy as np
import torch

from book.optim import NaturalGradient
from book.optim.natural_gradient import fisher_of_scores


def by_library(w, X, y, lr):
    v = torch.nn.Parameter(w.clone())

    def fisher():
        p = torch.sigmoid(X @ v.detach())
        scores = torch.stack([-p, 1 - p], 1)[:, :, None] * X[:, None]
        return fisher_of_scores(scores, torch.stack([1 - p, p], 1) / len(y))

    loss = torch.nn.functional.binary_cross_entropy_with_logits
    NaturalGradient([v], fisher=fisher, lr=lr).step(lambda: loss(X @ v, y))
    return v


def by_numpy(w, X, y, lr):
    w, X, y = map(np.asarray, (w, X, y))
    p = 1 / (1 + np.exp(-X @ w))
    root = np.sqrt(p * (1 - p))
    # Weighted least squares has F as its normal equations.
    return w - lr * np.linalg.lstsq(root[:, None] * X, (p - y) / root, rcond=None)[0]


def by_jacobian(w, X, y, lr):
    def log_p(w):
        z = X @ w
        return torch.stack([-torch.nn.functional.softplus(z), -torch.nn.functional.softplus(-z)], 1)

    scores, p = torch.func.jacrev(log_p)(w), log_p(w).exp()
    F = torch.einsum("ic,ica,icb->ab", p, scores, scores) / len(y)
    picked = torch.where(y[:, None] > 0, scores[:, 1], scores[:, 0])
    return w + lr * torch.linalg.inv(F) @ picked.mean(0)


def by_python(w, X, y, lr):
    rows, labels, w, n = X.tolist(), y.tolist(), w.tolist(), len(y)
    p = [1 / (1 + np.exp(-sum(a * b for a, b in zip(row, w, strict=True)))) for row in rows]
    k = range(len(w))
    F = [[sum(q * (1 - q) * r[i] * r[j] for q, r in zip(p, rows, strict=True)) / n for j in k] for i in k]
    g = [sum((q - t) * r[i] for q, t, r in zip(p, labels, rows, strict=True)) / n for i in k]
    for i in k:  # Gauss and Jordan
        pivot = F[i][i]
        F[i], g[i] = [a / pivot for a in F[i]], g[i] / pivot
        for j in k:
            if j != i:
                share = F[j][i]
                F[j] = [a - share * b for a, b in zip(F[j], F[i], strict=True)]
                g[j] -= share * g[i]
    return [a - lr * b for a, b in zip(w, g, strict=True)]


RIGHT_ANSWERS = {
    "4-second-order/natural-step": {
        "library": by_library,
        "numpy": by_numpy,
        "torch": by_jacobian,
        "python": by_python,
    },
}
