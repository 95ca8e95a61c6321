"""Plausible wrong answers to the exercises of *Floating point*."""

import math

import torch

from book.exercises.numbers.floating_point import gap


def one_bit_too_fine(x, w, p):
    return gap(x, w, p) / 2


def machine_epsilon_times_x(x, w, p):
    return x * 2.0 ** (1 - p)


def nearest_power(x, w, p):
    return 2.0 ** (round(math.log2(x)) - (p - 1))


def without_subnormals(x, w, p):
    return 2.0 ** (math.floor(math.log2(x)) - (p - 1))


def the_gap_at_one(x, w, p):
    return 2.0 ** (1 - p)


def one_power_too_low(x, w, p):
    return 2.0 ** (max(math.floor(math.log2(x)), 1 - 2 ** (w - 1)) - (p - 1))


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
    "1-numbers/time-stamp": [64, 256, 1, 107, 215, 1000],
    "1-numbers/gap-of-a-format": [
        one_bit_too_fine,
        machine_epsilon_times_x,
        nearest_power,
        without_subnormals,
        the_gap_at_one,
        one_power_too_low,
    ],
}
