"""Plausible wrong answers to the exercises of *Critical points*."""

import torch

from book.exercises.derivatives.critical_points import escape_direction


def the_last_column(H):
    return torch.linalg.eigh(H).eigenvectors[:, -1]


def always_the_first(H):
    return torch.linalg.eigh(H).eigenvectors[:, 0]


def scaled_by_its_eigenvalue(H):
    return escape_direction(H) * torch.linalg.eigvalsh(H)[0].abs()


def the_least_negative(H):
    eigenvalues, directions = torch.linalg.eigh(H)
    below = (eigenvalues < 0).nonzero().flatten()
    return directions[:, below[-1]] if len(below) else torch.zeros(len(H))


def as_a_column(H):
    return escape_direction(H)[:, None]


def in_place(H):
    H -= torch.eye(len(H)) * 0.1
    return escape_direction(H)


WRONG_ANSWERS = {
    "2-derivatives/smallest-eigenvalue": [0, 3, -9, -6, -1.5],
    "2-derivatives/escape-time": [41.06, 61.91, 69.08, 32.91, 833333.3, 151.55],
    "2-derivatives/silent-test": ["a", "c", "d"],
    "2-derivatives/one-in-a-thousand": [4, 6, 7, 10, 8],
    "2-derivatives/escape-direction": [
        the_last_column,
        always_the_first,
        scaled_by_its_eigenvalue,
        the_least_negative,
        as_a_column,
        in_place,
    ],
}
