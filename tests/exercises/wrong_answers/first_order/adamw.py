"""Plausible wrong answers to the exercises of *AdamW*."""

import torch


def _adam_parts(gradients):
    m, v = 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        yield (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)


def decay_times_alpha(x, gradients, multipliers, alpha, decay):
    for step, s in zip(_adam_parts(gradients), multipliers, strict=True):
        x = x - s * alpha * (step + decay * x)
    return x


def decay_without_schedule(x, gradients, multipliers, alpha, decay):
    for step, s in zip(_adam_parts(gradients), multipliers, strict=True):
        x = x - s * alpha * step - decay * x
    return x


def decay_after_the_step(x, gradients, multipliers, alpha, decay):
    for step, s in zip(_adam_parts(gradients), multipliers, strict=True):
        x = (x - s * alpha * step) * (1 - s * decay)
    return x


def penalty_in_the_gradient(x, gradients, multipliers, alpha, decay):
    m, v = torch.zeros_like(x), torch.zeros_like(x)
    for t, (g, s) in enumerate(zip(gradients, multipliers, strict=True), start=1):
        g = g + decay * x
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        x = x - s * alpha * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)
    return x


def no_schedule(x, gradients, multipliers, alpha, decay):
    return decay_without_schedule(x, gradients, [1.0] * len(multipliers), alpha, decay)


def in_place(x, gradients, multipliers, alpha, decay):
    for step, s in zip(_adam_parts(gradients), multipliers, strict=True):
        x -= s * (alpha * step + decay * x)
    return x


WRONG_ANSWERS = {
    "3-first-order/half-life": [33.33, 23105, 0.00693, 16.67, 33333],
    "3-first-order/where-it-settles": [20, -140, -0.05, -20000, -0.35],
    "3-first-order/a-sixth-weight": ["b", "c", "d"],
    "3-first-order/the-papers-schedule": [
        decay_times_alpha,
        decay_without_schedule,
        decay_after_the_step,
        penalty_in_the_gradient,
        no_schedule,
        in_place,
    ],
}
