"""Plausible wrong answers to the exercises of *AdaGrad*."""

import torch


def repeated_row_once(x, s, rows, grads, lr):
    x, s = x.clone(), s.clone()
    s[rows] += grads**2
    x[rows] -= lr * grads / (s[rows].sqrt() + 1e-10)
    return x, s


def squares_before_adding(x, s, rows, grads, lr):
    s = s.index_add(0, rows, grads**2)
    g = torch.zeros_like(x).index_add(0, rows, grads)
    return x - lr * g / (s.sqrt() + 1e-10), s


def old_sum(x, s, rows, grads, lr):
    g = torch.zeros_like(x).index_add(0, rows, grads)
    return x - lr * g / (s.sqrt() + 1e-10), s + g**2


def without_eps(x, s, rows, grads, lr):
    x, s = x.clone(), s.clone()
    s[rows] += grads**2
    x[rows] -= lr * grads / s[rows].sqrt()
    return x, s


def in_place(x, s, rows, grads, lr):
    s.index_add_(0, rows, grads**2)
    x[rows] -= lr * grads / (s[rows].sqrt() + 1e-10)
    return x, s


def table_alone(x, s, rows, grads, lr):
    return repeated_row_once(x, s, rows, grads, lr)[0]


def every_row(x, s, rows, grads, lr):
    return x + 0 * s, s + grads.square().sum(dim=0)


WRONG_ANSWERS = {
    "3-first-order/adagrad-four-steps": [0.8, 0.4, 0.05, 0.557, 0.2083],
    "3-first-order/adagrad-slowed": [2500, 10_000, 30_000, 22_500],
    "3-first-order/adagrad-read-the-way": ["a", "b", "d"],
    "3-first-order/adagrad-rows": [
        repeated_row_once,
        squares_before_adding,
        old_sum,
        without_eps,
        in_place,
        table_alone,
        every_row,
    ],
}
