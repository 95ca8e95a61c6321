"""Plausible wrong answers to the exercises of *Gradients*."""

import math

import torch

from book.calculus.tape import Node
from book.exercises.derivatives.gradient import slope


def value_alone(node):
    return 1 / (1 + math.exp(-node.value))


def untied(node):
    return Node(1 / (1 + math.exp(-node.value)))


def wrong_sign(node):
    value = 1 / (1 + math.exp(node.value))
    return Node(value, ((node, value * (1 - value)),))


def slope_of_exp(node):
    value = 1 / (1 + math.exp(-node.value))
    return Node(value, ((node, value),))


def slope_at_one_half_only(node):
    value = 1 / (1 + math.exp(-node.value))
    return Node(value, ((node, 0.2350037122),))


def forward(f, x, v):
    unit = v / v.norm()
    return (f(x + 1e-8 * unit) - f(x)) / 1e-8


def without_the_two(f, x, v):
    return 2 * slope(f, x, v)


def of_any_length(f, x, v):
    return slope(f, x, v) * v.norm()


def by_every_input(f, x, v):
    unit = v / v.norm()
    return sum(u * slope(f, x, e) for u, e in zip(unit, torch.eye(len(x), dtype=x.dtype), strict=True))


def in_place(f, x, v):
    v /= v.norm()
    return slope(f, x, v)


WRONG_ANSWERS = {
    "2-derivatives/slope-along": [-14, 18.8, 20.591, -0.56, 2.8],
    "2-derivatives/forgets-to-add": [18, 12, 10, 3],
    "2-derivatives/which-arm": ["a", "c", "d"],
    "2-derivatives/tape-sigmoid": [value_alone, untied, wrong_sign, slope_of_exp, slope_at_one_half_only],
    "2-derivatives/slope-from-values": [
        forward,
        without_the_two,
        of_any_length,
        by_every_input,
        in_place,
    ],
}
