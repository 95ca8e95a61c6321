"""Other right answers to the exercises of *Stochastic gradient descent*, by kind."""

import random

import numpy as np
import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler


def by_argsort(N, B, generator):
    order = torch.rand(N, generator=generator).argsort()
    return [order[start : start + B] for start in range(0, N, B)]


def by_numpy(N, B, generator):
    seed = torch.randint(2**31, (1,), generator=generator).item()
    order = np.random.default_rng(seed).permutation(N)
    return np.split(order, range(B, N, B))


def by_python(N, B, generator):
    order = list(range(N))
    random.Random(torch.randint(2**31, (1,), generator=generator).item()).shuffle(order)
    while order:
        yield order[:B]
        order = order[B:]


def by_sampler(N, B, generator):
    return BatchSampler(RandomSampler(range(N), generator=generator), B, drop_last=False)


def by_loader(N, B, generator):
    return DataLoader(torch.arange(N), B, shuffle=True, generator=generator)


RIGHT_ANSWERS = {
    "3-first-order/epoch": {
        "torch": by_argsort,
        "numpy": by_numpy,
        "python": by_python,
        "sampler": by_sampler,
        "library": by_loader,
    },
}
