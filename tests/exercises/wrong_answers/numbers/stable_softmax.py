"""Plausible wrong answers to the exercises of *Stable softmax*."""

import math

import torch

from book.exercises.numbers.stable_softmax import binary_cross_entropy


def through_the_sigmoid(x, y):
    p = torch.sigmoid(x)
    return -(y * p.log() + (1 - y) * (1 - p).log())


def with_swapped_labels(x, y):
    return binary_cross_entropy(x, 1 - y)


def with_a_branch_that_overflows(x, y):
    softplus = torch.where(x > 15, x, x.exp().log1p())
    return softplus - x * y


def with_cancellation(x, y):
    return torch.logaddexp(x, torch.zeros_like(x)) - x * y


def added_without_rescaling(m1, d1, m2, d2):
    return max(m1, m2), d1 + d2


def added_maxima(m1, d1, m2, d2):
    return m1 + m2, d1 + d2


def first_is_largest(m1, d1, m2, d2):
    return max(m1, m2), d1 + d2 * math.exp(m2 - m1)


def through_the_plain_sum(m1, d1, m2, d2):
    m = max(m1, m2)
    return m, (d1 * math.exp(m1) + d2 * math.exp(m2)) / math.exp(m)


WRONG_ANSWERS = {
    "1-numbers/logsumexp-by-hand": [500.0, 2000.0, 1.386294, 500.60206, math.inf],
    "1-numbers/float8-gap": [11.09, 10.957, 17.0, 5.118],
    "1-numbers/binary-cross-entropy": [
        with_swapped_labels,
        through_the_sigmoid,
        with_a_branch_that_overflows,
        with_cancellation,
    ],
    "1-numbers/merge": [
        added_maxima,
        added_without_rescaling,
        first_is_largest,
        through_the_plain_sum,
    ],
    "1-numbers/finite-loss": ["a", "c", "d"],
}
