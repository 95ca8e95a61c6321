"""Plausible wrong answers to the exercises of *K-FAC*."""

import torch


def gradient_alone(a, g, V):
    return V.flatten()


def not_inverted(a, g, V):
    return torch.linalg.solve(g.T @ g / len(g), V) @ (a.T @ a / len(a))


def sums(a, g, V):
    return torch.linalg.solve(g.T @ g, V) @ torch.linalg.inv(a.T @ a)


def swapped_where_square(a, g, V):
    A, B = a.T @ a / len(a), g.T @ g / len(g)
    if len(A) == len(B):
        return torch.linalg.solve(A, V) @ torch.linalg.inv(B)
    return torch.linalg.solve(B, V) @ torch.linalg.inv(A)


def divisor_of_nine(a, g, V):
    scale = len(a) if len(a) == 40 else 9
    return torch.linalg.solve(g.T @ g / scale, V) @ torch.linalg.inv(a.T @ a / scale)


WRONG_ANSWERS = {
    "4-second-order/numbers-of-a-layer": [13, 64, 8, 25, 320],
    "4-second-order/product-over-mean": [41 / 25, 25, 41, 16 / 41, 1, 9 / 41],
    "4-second-order/which-is-exact": ["b", "c", "d"],
    "4-second-order/kfac-direction": [
        gradient_alone,
        not_inverted,
        sums,
        swapped_where_square,
        divisor_of_nine,
    ],
}
