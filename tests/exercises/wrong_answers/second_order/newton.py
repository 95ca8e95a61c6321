"""Plausible wrong answers to the exercises of *Newton's method*."""

import torch


def uphill(g, H, floor):
    λ, Q = torch.linalg.eigh(H)
    return Q @ ((Q.T @ g) / λ.abs().clamp(min=floor))


def as_it_is(g, H, floor):
    return -torch.linalg.solve(H, g)


def only_the_floor(g, H, floor):
    λ, Q = torch.linalg.eigh(H)
    return -Q @ ((Q.T @ g) / λ.clamp(min=floor))


def no_floor(g, H, floor):
    λ, Q = torch.linalg.eigh(H)
    return -Q @ ((Q.T @ g) / λ.abs())


def floor_before_size(g, H, floor):
    λ, Q = torch.linalg.eigh(H)
    return -Q @ ((Q.T @ g) / torch.where(λ > 0, λ.clamp(min=floor), λ.abs()))


def not_turned_back(g, H, floor):
    λ, Q = torch.linalg.eigh(H)
    return -(Q.T @ g) / λ.abs().clamp(min=floor)


def a_matrix(g, H, floor):
    λ, Q = torch.linalg.eigh(H)
    return -Q @ torch.diag(1 / λ.abs().clamp(min=floor)) @ Q.T


def floor_added(g, H, floor):
    λ, Q = torch.linalg.eigh(H)
    return -Q @ ((Q.T @ g) / (λ.abs() + floor))


WRONG_ANSWERS = {
    "4-second-order/a-step-by-hand": [3.652, -0.652, 0.652, 1.467, 2],
    "4-second-order/four-digits": ["a", "c", "d"],
    "4-second-order/write-newton": [
        uphill,
        as_it_is,
        only_the_floor,
        no_floor,
        floor_before_size,
        not_turned_back,
        a_matrix,
        floor_added,
    ],
}
