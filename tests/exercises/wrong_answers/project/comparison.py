"""Plausible wrong answers to the exercises of *The comparison*."""

from itertools import combinations, product
from statistics import mean


def the_first_ones(accuracies, m):
    return max(accuracies[:m])


def with_putting_back(accuracies, m):
    return mean(max(chosen) for chosen in product(accuracies, repeat=m))


def the_last_of_each(accuracies, m):
    return mean(chosen[-1] for chosen in combinations(accuracies, m))


def neighbours_only(accuracies, m):
    return mean(max(accuracies[i : i + m]) for i in range(len(accuracies) - m + 1))


def each_value_once(accuracies, m):
    values = set(accuracies)
    return mean(max(chosen) for chosen in combinations(values, min(m, len(values))))


WRONG_ANSWERS = {
    "6-project/half-width": [0.387, 1.226, 0.490, 0.1975, 0.274, 1.097],
    "6-project/broken-rule": ["a", "c", "d"],
    "6-project/leaves": ["a", "b", "d"],
    "6-project/best-of": [
        *(the_first_ones, with_putting_back, the_last_of_each),
        *(neighbours_only, each_value_once),
    ],
}
