"""Plausible wrong answers to the exercises of *The Jacobian*."""

import torch

from book.exercises.derivatives.jacobian import softmax_vjp


def with_the_diagonal_alone(p, u):
    return p * (1 - p) * u  # softmax taken for an elementwise function


def with_the_largest_alone(p, u):
    i = u.argmax()
    return p[i] * (u - p) * u[i] if u.count_nonzero() == 1 else p * (u - u.mean())


def the_matrix(p, u):
    return torch.diag(p) - torch.outer(p, p)


def in_place(p, u):
    u -= (u * p).sum()
    return p * u


def with_the_wrong_sign(p, u):
    return -softmax_vjp(p, u)


WRONG_ANSWERS = {
    "2-derivatives/area-of-a-tiny-square": [5, 0.11, 0.5, 0.06, 0.25, -0.05],
    "2-derivatives/cheap-order": [2_550_000, 2_500_000, 50_000, 2_500, 52_550, 53_500, 105_000],
    "2-derivatives/weights-without-effect": [2, 8, 6, 7, 28, 16, 32],
    "2-derivatives/softmax-vjp": [
        with_the_diagonal_alone,
        with_the_largest_alone,
        the_matrix,
        in_place,
        with_the_wrong_sign,
    ],
}
