"""Plausible wrong answers to the exercises of *Which way, and how far*."""

import torch


def sign_of_the_gradient(x, g, b, lr, momentum):
    b = momentum * b + (1 - momentum) * g
    return x - lr * torch.sign(g), b


def polyaks_sum(x, g, b, lr, momentum):
    b = momentum * b + g
    return x - lr * torch.sign(b), b


def old_average(x, g, b, lr, momentum):
    return x - lr * torch.sign(b), momentum * b + (1 - momentum) * g


def parameters_alone(x, g, b, lr, momentum):
    return x - lr * torch.sign(momentum * b + (1 - momentum) * g)


def in_place(x, g, b, lr, momentum):
    b *= momentum
    b += (1 - momentum) * g
    x -= lr * torch.sign(b)
    return x, b


def shares_swapped(x, g, b, lr, momentum):
    b = (1 - momentum) * b + momentum * g
    return x - lr * torch.sign(b), b


WRONG_ANSWERS = {
    "3-first-order/first-step": [0.01, 0.05, 0.5, 1.0, 0.2],
    "3-first-order/scaled-loss": ["a", "c", "d"],
    "3-first-order/signum": [
        *(sign_of_the_gradient, polyaks_sum, old_average),
        *(parameters_alone, in_place, shares_swapped),
    ],
}
