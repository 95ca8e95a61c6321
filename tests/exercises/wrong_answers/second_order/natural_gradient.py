"""Plausible wrong answers to the exercises of *Natural gradient*."""

import torch


def plain_gradient(w, X, y, lr):
    return w - lr * X.T @ (torch.sigmoid(X @ w) - y) / len(y)


def uphill(w, X, y, lr):
    p = torch.sigmoid(X @ w)
    F = X.T @ ((p * (1 - p))[:, None] * X)
    return w + lr * torch.linalg.solve(F, X.T @ (p - y))


def empirical(w, X, y, lr):
    scores = (torch.sigmoid(X @ w) - y)[:, None] * X
    return w - lr * torch.linalg.solve(scores.T @ scores / len(y), scores.mean(0))


def mixed_means(w, X, y, lr):
    p = torch.sigmoid(X @ w)
    F = X.T @ ((p * (1 - p))[:, None] * X)
    return w - lr * torch.linalg.solve(F, X.T @ (p - y) / len(y))


def diagonal(w, X, y, lr):
    p = torch.sigmoid(X @ w)
    F = ((p * (1 - p))[:, None] * X**2).mean(0)
    return w - lr * (X.T @ (p - y) / len(y)) / F


def step_alone(w, X, y, lr):
    p = torch.sigmoid(X @ w)
    F = X.T @ ((p * (1 - p))[:, None] * X)
    return -lr * torch.linalg.solve(F, X.T @ (p - y))


def divisor_of_twelve(w, X, y, lr):
    p = torch.sigmoid(X @ w)
    F = X.T @ ((p * (1 - p))[:, None] * X) / len(y)
    return w - lr * torch.linalg.solve(F, X.T @ (p - y) / 12)


def whole_matrix(w, X, y, lr):
    p = torch.sigmoid(X @ w)
    return X.T @ ((p * (1 - p))[:, None] * X) / len(y)


WRONG_ANSWERS = {
    "4-second-order/coin-by-its-probability": [0.16, 1.25, 0, 26.5625, 2.5],
    "4-second-order/precision": [0.5, 2, 0.03125, 32],
    "4-second-order/read-the-rings": ["a", "b", "d"],
    "4-second-order/natural-step": [
        plain_gradient,
        uphill,
        empirical,
        mixed_means,
        diagonal,
        step_alone,
        divisor_of_twelve,
        whole_matrix,
    ],
}
