"""Plausible wrong answers to the exercises of *AdaHessian*."""

import torch


def only_products(product, probes):
    return torch.stack([product(z) for z in probes]).mean(dim=0)


def summed(product, probes):
    return torch.stack([z * product(z) for z in probes]).sum(dim=0)


def trace(product, probes):
    return torch.stack([z @ product(z) for z in probes]).mean()


def sizes(product, probes):
    return torch.stack([z * product(z) for z in probes]).mean(dim=0).abs()


def sizes_first(product, probes):
    return torch.stack([(z * product(z)).abs() for z in probes]).mean(dim=0)


def by_division(product, probes):
    return torch.stack([product(z) / z for z in probes]).mean(dim=0)


WRONG_ANSWERS = {
    "4-second-order/variance-of-a-probe": [29, 33, 5, 7],
    "4-second-order/probes-needed": [30, 90, 300, 9],
    "4-second-order/a-hundred-probes": ["a", "c", "d"],
    "4-second-order/write-hutchinson": [
        only_products,
        summed,
        trace,
        sizes,
        sizes_first,
        by_division,
    ],
}
