"""Other right answers to the exercises of *The comparison*, by kind."""

from fractions import Fraction
from functools import partial
from itertools import combinations
from math import comb

import numpy as np
import torch


def by_torch(accuracies, m):
    return torch.combinations(torch.tensor(accuracies, dtype=torch.float64), m).amax(dim=1).mean()


def by_numpy(accuracies, m):
    return np.array(list(combinations(accuracies, m))).max(axis=1).mean()


def by_formula(accuracies, m):
    """The k-th smallest is the largest of a choice of m in comb(k, m - 1) of all cases."""
    ways = [comb(k, m - 1) for k in range(len(accuracies))]
    return sum(Fraction(a) * n for a, n in zip(sorted(accuracies), ways, strict=True)) / sum(ways)


def mean_of(reduce, accuracies, m):
    best = [reduce(chosen) for chosen in combinations(accuracies, m)]
    return sum(best) / len(best)


RIGHT_ANSWERS = {
    "6-project/best-of": {
        "torch": by_torch,
        "numpy": by_numpy,
        "fractions": by_formula,
        "partial": partial(mean_of, max),
    },
}
