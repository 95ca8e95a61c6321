"""Other right answers to the exercises of *Gradients*, by kind."""

import math
from fractions import Fraction

import numpy as np
import torch

from book.calculus.tape import Node


def by_tanh(node):
    value = (1 + math.tanh(node.value / 2)) / 2
    return Node(value, [(node, value - value**2)])


def by_numpy(node):
    value = 1 / (1 + np.exp(-np.array(node.value)))
    return Node(value, ((node, value * (1 - value)),))


def by_autograd(node):
    x = torch.tensor(node.value, dtype=torch.float64, requires_grad=True)
    value = torch.sigmoid(x)
    value.backward()
    return Node(value.detach(), ((node, x.grad),))


def by_two_nodes(node):
    power = Node(math.exp(-node.value), ((node, -math.exp(-node.value)),))
    below = 1 + power
    return Node(1 / below.value, ((below, -1 / below.value**2),))


def by_norm(f, x, v):
    step = 6e-6 / torch.linalg.vector_norm(v) * v
    return f(x + step).sub(f(x - step)).div(1.2e-5)


def by_arrays(f, x, v):
    x, unit = x.numpy(), v.numpy() / np.sqrt(np.sum(v.numpy() ** 2))
    above, below = f(x + 1e-5 * unit), f(x - 1e-5 * unit)
    return (above - below) / 2e-5


def by_lists(f, x, v):
    length, h = math.hypot(*v.tolist()), 2**-17
    there, back = (
        [a + sign * h * b / length for a, b in zip(x.tolist(), v.tolist(), strict=True)] for sign in (1, -1)
    )
    values = (f(torch.tensor(point, dtype=torch.float64)).item() for point in (there, back))
    return (Fraction(next(values)) - Fraction(next(values))) / Fraction(2 * h)


RIGHT_ANSWERS = {
    "2-derivatives/tape-sigmoid": {
        "python": by_tanh,
        "numpy": by_numpy,
        "torch": by_autograd,
        "two nodes": by_two_nodes,
    },
    "2-derivatives/slope-from-values": {"torch": by_norm, "numpy": by_arrays, "fractions": by_lists},
}
