"""The problems of two to four numbers: valleys, bad scales and a helix, without data."""

import math

import torch
from torch import Tensor

from book.problems.statement import Known, Problem


def _rosenbrock(x: Tensor) -> Tensor:
    return torch.stack([10 * (x[1] - x[0] ** 2), 1 - x[0]])


def _freudenstein_roth(x: Tensor) -> Tensor:
    a, b = x
    return torch.stack([-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b])


def _powell_badly_scaled(x: Tensor) -> Tensor:
    return torch.stack([1e4 * x[0] * x[1] - 1, (-x[0]).exp() + (-x[1]).exp() - 1.0001])


def _brown_badly_scaled(x: Tensor) -> Tensor:
    return torch.stack([x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2])


def _beale(x: Tensor) -> Tensor:
    powers = torch.stack([x[1], x[1] ** 2, x[1] ** 3])
    return x.new_tensor([1.5, 2.25, 2.625]) - x[0] * (1 - powers)


def _helical_valley(x: Tensor) -> Tensor:
    """θ is the angle of (x₁, x₂) in turns, from −1/4 to 3/4: the cut lies along the negative x₂ axis."""
    turns = (x[1] / x[0]).atan() / (2 * math.pi) + 0.5 * (x[0] < 0)
    return torch.stack([10 * (x[2] - 10 * turns), 10 * (x[:2].norm() - 1), x[2]])


def _powell_singular(x: Tensor) -> Tensor:
    """The Hessian is singular at the minimum."""
    a, b, c, d = x
    return torch.stack([a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2])


def _wood(x: Tensor) -> Tensor:
    a, b, c, d = x
    return torch.stack(
        [
            10 * (b - a**2),
            1 - a,
            90**0.5 * (d - c**2),
            1 - c,
            10**0.5 * (b + d - 2),
            (b - d) / 10**0.5,
        ]
    )


SMALL = (
    Problem(1, "Rosenbrock", _rosenbrock, (-1.2, 1.0), (Known(0.0, (1.0, 1.0)),)),
    Problem(
        2,
        "Freudenstein and Roth",
        _freudenstein_roth,
        (0.5, -2.0),
        (Known(0.0, (5.0, 4.0)), Known(48.98425367924, ((53 - 4 * 22**0.5) / 3, (2 - 22**0.5) / 3))),
    ),
    Problem(
        3,
        "Powell, badly scaled",
        _powell_badly_scaled,
        (0.0, 1.0),
        (Known(0.0, (1.0981593296998e-5, 9.1061467398666)),),
    ),
    Problem(4, "Brown, badly scaled", _brown_badly_scaled, (1.0, 1.0), (Known(0.0, (1e6, 2e-6)),)),
    Problem(5, "Beale", _beale, (1.0, 1.0), (Known(0.0, (3.0, 0.5)),)),
    Problem(7, "Helical valley", _helical_valley, (-1.0, 0.0, 0.0), (Known(0.0, (1.0, 0.0, 0.0)),)),
    Problem(13, "Powell, singular", _powell_singular, (3.0, -1.0, 0.0, 1.0), (Known(0.0, (0.0,) * 4),)),
    Problem(14, "Wood", _wood, (-3.0, -1.0, -3.0, -1.0), (Known(0.0, (1.0,) * 4),)),
)
