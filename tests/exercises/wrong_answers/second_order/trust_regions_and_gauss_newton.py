"""Plausible wrong answers to the exercises of *Trust regions and Gauss–Newton*."""

import torch


def longer(J, r, factor, sign=-1):
    J, zeros = torch.cat([J, factor * torch.eye(J.shape[1]).to(J)]), torch.zeros(J.shape[1]).to(J)
    return torch.linalg.lstsq(J, sign * torch.cat([r, zeros])).solution


def uphill(J, r, damping):
    return longer(J, r, damping**0.5, sign=1)


def no_root(J, r, damping):
    return longer(J, r, damping)


def normal_equations(J, r, damping):
    return torch.linalg.solve(J.T @ J + damping * torch.eye(J.shape[1]).to(J), -J.T @ r)


def gradient(J, r, damping):
    return -(J.T @ r) / damping


def as_column(J, r, damping):
    return longer(J, r, damping**0.5)[:, None]


def as_many_rows(J, r, damping):
    below = damping**0.5 * torch.eye(len(J)).to(J)[:, : J.shape[1]]
    return torch.linalg.lstsq(torch.cat([J, below]), -torch.cat([r, 0 * r])).solution


WRONG_ANSWERS = {
    "4-second-order/next-radius": [0.5, 2, 4, 1, 0.8],
    "4-second-order/when-gauss-newton-is-newton": ["a", "c", "d"],
    "4-second-order/damped-step": [
        uphill,
        no_root,
        normal_equations,
        as_column,
        gradient,
        as_many_rows,
    ],
}
