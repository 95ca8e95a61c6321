"""Plausible wrong answers to the exercises of *The speedrun*."""

import torch


def divided_by_the_eigenvalues(C):
    variances, directions = torch.linalg.eigh(C)
    return (directions / variances).T


def not_transposed(C):
    variances, directions = torch.linalg.eigh(C)
    return directions / variances.sqrt()


def in_double(C):
    variances, directions = torch.linalg.eigh(C.double())
    return (directions / variances.sqrt()).T


def with_both_signs(C):
    variances, directions = torch.linalg.eigh(C)
    rows = (directions / variances.sqrt()).T
    return torch.cat([rows, -rows])


def in_place(C):
    variances, directions = torch.linalg.eigh(C)
    return C.copy_((directions / variances.sqrt()).T)


WRONG_ANSWERS = {
    "6-project/runs-needed": [61, 61.4656, 16, 8, 246, 35],
    "6-project/half-speed": [0.64, 0.865, 0.5, 0.0975, 0.23],
    "6-project/what-a-tie-says": ["a", "b", "d"],
    "6-project/whitening": [
        *(divided_by_the_eigenvalues, not_transposed),
        *(in_double, with_both_signs, in_place),
    ],
}
