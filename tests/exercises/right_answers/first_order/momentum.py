"""Other right answers to the exercises of *Momentum*, by kind."""

from itertools import pairwise

import numpy as np
import torch


def by_library(gradient, x, rates, momentum):
    x = torch.nn.Parameter(x.clone())
    method = torch.optim.SGD([x], lr=1.0, momentum=momentum)
    for lr in rates:
        method.param_groups[0]["lr"] = lr
        x.grad = gradient(x.detach())
        method.step()
    return x


def by_numpy(gradient, x, rates, momentum):
    path = [np.asarray(x), np.asarray(x)]
    for old, new in pairwise([rates[0], *rates]):
        path.append(path[-1] - new * (gradient(path[-1]) + momentum * (path[-2] - path[-1]) / old))
    return path[-1]


def by_recursion(gradient, x, rates, momentum, last=None):
    """Backwards: the last point from the two before it."""
    *sooner, lr = rates
    if not sooner:
        return x - lr * gradient(x)
    here = by_recursion(gradient, x, sooner, momentum)
    before = by_recursion(gradient, x, sooner[:-1], momentum) if sooner[:-1] else x
    return here - lr * gradient(here) - momentum * lr * (before - here) / sooner[-1]


RIGHT_ANSWERS = {
    "3-first-order/two-points": {"library": by_library, "numpy": by_numpy, "python": by_recursion},
}
