"""Other right answers to the exercises of *Stable softmax*, by kind."""

import math

import numpy as np
import torch
import torch.nn.functional as F


def by_logsigmoid(x, y):
    return -(y * F.logsigmoid(x) + (1 - y) * F.logsigmoid(-x))


def by_its_sign(logits, labels):
    return F.softplus((1 - 2 * labels) * logits)


def by_logaddexp_of_zero(x, y):
    zero = torch.zeros_like(x)
    return torch.where(y == 1, torch.logaddexp(zero, -x), torch.logaddexp(zero, x))


class Sigmoid(torch.autograd.Function):
    """-log σ(x), from numpy, with its slope."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.from_numpy(np.logaddexp(0, -x.numpy()))

    @staticmethod
    def backward(ctx, above):
        (x,) = ctx.saved_tensors
        return -above * torch.sigmoid(-x)


def by_numpy(x, y):
    return Sigmoid.apply(torch.where(y == 1, x, -x))


def by_logaddexp(m1, d1, m2, d2):
    m = torch.tensor([m1, m2]).max()
    return m, (torch.tensor([d1, d2]) * torch.exp(torch.tensor([m1, m2]) - m)).sum()


def by_array(*pieces):
    maxima, sums = np.array(pieces).reshape(2, 2).T
    return np.array([maxima.max(), sums @ np.exp(maxima - maxima.max())])


def by_order(m1, d1, m2, d2):
    (m, d), (low, rest) = sorted([(m1, d1), (m2, d2)], reverse=True)
    return [m, d + rest * math.exp(low - m)]


RIGHT_ANSWERS = {
    "1-numbers/binary-cross-entropy": {
        "torch": by_its_sign,
        "another function": by_logsigmoid,
        "logaddexp": by_logaddexp_of_zero,
        "numpy": by_numpy,
    },
    "1-numbers/merge": {"torch": by_logaddexp, "numpy": by_array, "python": by_order},
}
