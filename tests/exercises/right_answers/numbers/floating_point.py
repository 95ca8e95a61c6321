"""Other right answers to the exercises of *Floating point*, by kind."""

import math
from fractions import Fraction

import numpy as np
import torch


def by_halving(x, w, p):
    power = Fraction(2) ** (2 - 2 ** (w - 1))
    while 2 * power <= Fraction(x):
        power *= 2
    return power / 2 ** (p - 1)


def by_numpy(x, w, p):
    return np.ldexp(1.0, max(np.frexp(x)[1] - 1, 2 - 2 ** (w - 1)) - p + 1)


def by_logarithm(x, w, p):
    return 2.0 ** (max(math.floor(math.log2(x)), 2 - 2 ** (w - 1)) + 1 - p)


def by_torch(x, w, p):
    exponent = torch.tensor(x, dtype=torch.float64).frexp().exponent - 1
    return torch.ldexp(torch.tensor(1.0), exponent.clamp(min=2 - 2 ** (w - 1)) - (p - 1))


RIGHT_ANSWERS = {
    "1-numbers/gap-of-a-format": {
        "fractions": by_halving,
        "numpy": by_numpy,
        "python": by_logarithm,
        "torch": by_torch,
    },
}
