"""Plausible wrong answers to the exercises of *One training step*."""

import torch

from book.exercises.numbers.one_training_step import train_step


def ascent(w, x, y, lr):
    return 2 * w - train_step(w, x, y, lr)


def without_relu_gate(w, x, y, lr):
    h = (w[0] * x + w[1]).clamp(min=0)
    error = w[2] * h - y
    return w - lr * torch.stack([error * w[2] * x, error * w[2], error * h])


def with_the_new_w3(w, x, y, lr):
    z = w[0] * x + w[1]
    error = w[2] * z.clamp(min=0) - y
    w3 = w[2] - lr * error * z.clamp(min=0)
    d_z = error * w3 * (z > 0)
    return torch.stack([w[0] - lr * d_z * x, w[1] - lr * d_z, w3])


def without_the_half(w, x, y, lr):
    return train_step(w, x, y, 2 * lr)


def in_place(w, x, y, lr):
    w -= w - train_step(w, x, y, lr)
    return w


def with_a_fixed_rate(w, x, y, lr):
    return train_step(w, x, y, 0.01)


WRONG_ANSWERS = {
    "1-numbers/first-gradient": [2.0, 3.0, 8.0, -4.0, 12.0, 1.0],
    "1-numbers/train-step": [
        ascent,
        without_relu_gate,
        with_the_new_w3,
        without_the_half,
        in_place,
        with_a_fixed_rate,
    ],
    "1-numbers/flat-at-one-half": ["a", "c", "d"],
    "1-numbers/formula-or-descent": [500.0, 8.33, 1016.67, 20.0],
}
