"""Plausible wrong answers to the exercises of *Floating point*."""

import math

import torch

from book.exercises.numbers.floating_point import loss_scale, variance


def textbook_variance(x):
    return (x**2).mean() - x.mean() ** 2


def unbiased_variance(x):
    return ((x - x.mean()) ** 2).sum() / (len(x) - 1)


def standard_deviation(x):
    return variance(x).sqrt()


def widened_variance(x):
    return textbook_variance(x.double()).to(x.dtype)


def variance_in_float64(x):
    return variance(x.double())


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
    "1-numbers/float32-counter": [
        2**23,
        2**24 + 1,
        2**25,
        2**31 - 1,
        torch.finfo(torch.float32).max,
        2048,
        "10^7",
    ],
    "1-numbers/gradient-depth": [66, 63, 13, 75, 134, 68],
    "1-numbers/finite-difference": ["b", "c", "d"],
    "1-numbers/stable-variance": [
        textbook_variance,
        unbiased_variance,
        standard_deviation,
        widened_variance,
        variance_in_float64,
    ],
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
