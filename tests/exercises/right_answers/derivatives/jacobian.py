"""Other right answers to the exercises of *Jacobians*, by kind."""

import math
from operator import mul

import numpy as np
import torch


def by_vjp(p, u):
    return torch.func.vjp(lambda x: torch.softmax(x, dim=0), p.log())[1](u)[0]


def by_numpy(p, u):
    p, u = np.asarray(p), np.asarray(u)
    return np.ascontiguousarray((p * u - p.dot(u) * p)[::-1])[::-1]


def by_floats(p, u):
    mean = math.fsum(map(mul, p.tolist(), u.tolist()))
    return [a * (b - mean) for a, b in zip(p.tolist(), u.tolist(), strict=True)]


RIGHT_ANSWERS = {
    "2-derivatives/softmax-vjp": {"library": by_vjp, "numpy": by_numpy, "python": by_floats},
}
