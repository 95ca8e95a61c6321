"""Plausible wrong answers to the exercises of *Sixteen bits*."""

import math

from book.exercises.numbers.sixteen_bits import loss_scale


def without_power_of_two(gradients):
    return 65504 / gradients.abs().max().item()


def fixed_scale(gradients):
    return 2.0**16


def by_the_smallest(gradients):
    return 2.0 ** math.floor(math.log2(65504 / gradients.abs().min().item()))


def rounded_up(gradients):
    return 2.0 ** math.ceil(math.log2(65504 / gradients.abs().max().item()))


def without_abs(gradients):
    return 2.0 ** math.floor(math.log2(65504 / gradients.max().item()))


def up_to_65536(gradients):
    return 2.0 ** math.floor(math.log2(65536 / gradients.abs().max().item()))


def never_below_one(gradients):
    return max(1.0, loss_scale(gradients))


WRONG_ANSWERS = {
    "1-numbers/gradient-depth": [66, 63, 13, 75, 134, 68],
    "1-numbers/stochastic-step": [0.128, 0.512, 0.001, 0.0, 0.5, 0.744, 0.3],
    "1-numbers/loss-scale": [
        without_power_of_two,
        fixed_scale,
        by_the_smallest,
        rounded_up,
        without_abs,
        up_to_65536,
        never_below_one,
    ],
}
