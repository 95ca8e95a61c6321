"""Plausible wrong answers to the exercises of *The Hessian*."""

import torch
from torch.func import grad


def only_the_slope(f, x, v):
    return (grad(f)(x) * v).sum()


def the_gradient(f, x, v):
    return grad(f)(x)


def at_the_direction(f, x, v):
    return grad(lambda p: (grad(f)(p) * v).sum())(v)


def the_curvature(f, x, v):
    return v * grad(lambda p: (grad(f)(p) * v).sum())(x)


def with_a_long_step(f, x, v):
    return grad(f)(x + v) - grad(f)(x)


def of_the_whole_matrix(f, x, v):
    return torch.func.hessian(f)(x) @ v


def with_a_matrix_product(f, x, v):
    return grad(lambda p: grad(f)(p) @ v)(x)


WRONG_ANSWERS = {
    "2-derivatives/curvature-along-diagonal": [18, 14, 7, 8, 12.73],
    "2-derivatives/best-step": [7.4, 0.111, 0.2, 0.222, 0.2703, 0.7265],
    "2-derivatives/too-long-a-step": ["a", "c", "d"],
    "2-derivatives/double-backward": [
        only_the_slope,
        the_gradient,
        at_the_direction,
        the_curvature,
        with_a_long_step,
        of_the_whole_matrix,
        with_a_matrix_product,
    ],
}
