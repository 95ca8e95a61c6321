"""Plausible wrong answers to the exercises of *Stochastic gradient descent*."""

import torch


def with_replacement(N, B, generator):
    return list(torch.randint(N, (N,), generator=generator).split(B))


def in_order(N, B, generator):
    return list(torch.arange(N).split(B))


def drops_the_last(N, B, generator):
    order = torch.randperm(N, generator=generator)
    return [order[k : k + B] for k in range(0, N - B + 1, B)]


def without_the_generator(N, B, generator):
    return list(torch.randperm(N).split(B))


def shuffles_within_batches(N, B, generator):
    batches = torch.arange(N).split(B)
    return [batch[torch.randperm(len(batch), generator=generator)] for batch in batches]


def B_batches(N, B, generator):
    return list(torch.randperm(N, generator=generator).chunk(B))


WRONG_ANSWERS = {
    "3-first-order/quieter-batch": [512, 181, 8, 32768],
    "3-first-order/hover-closer": [0.04, 0.2857, 0.02, 0.0198],
    "3-first-order/wait-longer": ["a", "c", "d"],
    "3-first-order/epoch": [
        with_replacement,
        in_order,
        drops_the_last,
        without_the_generator,
        shuffles_within_batches,
        B_batches,
    ],
}
