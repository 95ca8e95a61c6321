"""Problems of Hock and Schittkowski (Test Examples for Nonlinear Programming Codes, 1981), by their numbers.

Each has its start, its known minimum, h(x) = 0 and c(x) ≤ 0; bounds are written as inequalities. The book
writes its inequalities g(x) ≥ 0, so c is −g.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt

import torch
from torch import Tensor

from book.optim.constrained import Problem


@dataclass(frozen=True)
class Example:
    f: Callable[[Tensor], Tensor]
    start: tuple[float, ...]
    minimum: float
    h: Callable[[Tensor], Tensor] | None = None
    c: Callable[[Tensor], Tensor] | None = None

    @property
    def problem(self) -> Problem:
        return Problem(self.f, self.h, self.c)

    @property
    def x0(self) -> Tensor:
        return torch.tensor(self.start, dtype=torch.float64)


def vector(*entries) -> Tensor:
    return torch.stack(entries)


def at_least(low: float):
    return lambda x: low - x


def f100(x):
    a, b, c, d, e, f, g = x
    return (
        (a - 10) ** 2
        + 5 * (b - 12) ** 2
        + c**4
        + 3 * (d - 11) ** 2
        + 10 * e**6
        + 7 * f**2
        + g**4
        - 4 * f * g
        - 10 * f
        - 8 * g
    )


def c100(x):
    a, b, c, d, e, f, g = x
    return -vector(
        127 - 2 * a**2 - 3 * b**4 - c - 4 * d**2 - 5 * e,
        282 - 7 * a - 3 * b - 10 * c**2 - d + e,
        196 - 23 * a - b**2 - 6 * f**2 + 8 * g,
        -4 * a**2 - b**2 + 3 * a * b - 2 * c**2 - 5 * f + 11 * g,
    )


def f113(x):
    a, b, c, d, e, f, g, h, i, j = x
    return (
        a**2
        + b**2
        + a * b
        - 14 * a
        - 16 * b
        + (c - 10) ** 2
        + 4 * (d - 5) ** 2
        + (e - 3) ** 2
        + 2 * (f - 1) ** 2
        + 5 * g**2
        + 7 * (h - 11) ** 2
        + 2 * (i - 10) ** 2
        + (j - 7) ** 2
        + 45
    )


def c113(x):
    a, b, c, d, e, f, g, h, i, j = x
    return -vector(
        105 - 4 * a - 5 * b + 3 * g - 9 * h,
        -10 * a + 8 * b + 17 * g - 2 * h,
        8 * a - 2 * b - 5 * i + 2 * j + 12,
        -3 * (a - 2) ** 2 - 4 * (b - 3) ** 2 - 2 * c**2 + 7 * d + 120,
        -5 * a**2 - 8 * b - (c - 6) ** 2 + 2 * d + 40,
        -0.5 * (a - 8) ** 2 - 2 * (b - 4) ** 2 - 3 * e**2 + f + 30,
        -(a**2) - 2 * (b - 2) ** 2 + 2 * a * b - 14 * e + 6 * f,
        3 * a - 6 * b - 12 * (i - 8) ** 2 + 7 * j,
    )


def h78(x):
    return vector(x.square().sum() - 10, x[1] * x[2] - 5 * x[3] * x[4], x[0] ** 3 + x[1] ** 3 + 1)


def box(low, high):
    low, high = torch.tensor(low, dtype=torch.float64), torch.tensor(high, dtype=torch.float64)
    return lambda x: torch.cat([low - x, x - high])


EXAMPLES = {
    6: Example(lambda x: (1 - x[0]) ** 2, (-1.2, 1), 0, h=lambda x: 10 * (x[1] - x[0] ** 2)[None]),
    7: Example(
        lambda x: torch.log(1 + x[0] ** 2) - x[1],
        (2, 2),
        -sqrt(3),
        h=lambda x: ((1 + x[0] ** 2) ** 2 + x[1] ** 2 - 4)[None],
    ),
    9: Example(
        lambda x: torch.sin(pi * x[0] / 12) * torch.cos(pi * x[1] / 16),
        (0, 0),
        -0.5,
        h=lambda x: (4 * x[0] - 3 * x[1])[None],
    ),
    10: Example(
        lambda x: x[0] - x[1],
        (-10, 10),
        -1,
        c=lambda x: -(-3 * x[0] ** 2 + 2 * x[0] * x[1] - x[1] ** 2 + 1)[None],
    ),
    11: Example(
        lambda x: (x[0] - 5) ** 2 + x[1] ** 2 - 25,
        (4.9, 0.1),
        -8.498464223,
        c=lambda x: (x[0] ** 2 - x[1])[None],
    ),
    12: Example(
        lambda x: 0.5 * x[0] ** 2 + x[1] ** 2 - x[0] * x[1] - 7 * x[0] - 7 * x[1],
        (0, 0),
        -30,
        c=lambda x: (4 * x[0] ** 2 + x[1] ** 2 - 25)[None],
    ),
    14: Example(
        lambda x: (x[0] - 2) ** 2 + (x[1] - 1) ** 2,
        (2, 2),
        9 - 2.875 * sqrt(7),
        h=lambda x: (x[0] - 2 * x[1] + 1)[None],
        c=lambda x: (0.25 * x[0] ** 2 + x[1] ** 2 - 1)[None],
    ),
    22: Example(
        lambda x: (x[0] - 2) ** 2 + (x[1] - 1) ** 2,
        (2, 2),
        1,
        c=lambda x: vector(x[0] + x[1] - 2, x[0] ** 2 - x[1]),
    ),
    27: Example(
        lambda x: 0.01 * (x[0] - 1) ** 2 + (x[1] - x[0] ** 2) ** 2,
        (2, 2, 2),
        0.04,
        h=lambda x: (x[0] + x[2] ** 2 + 1)[None],
    ),
    28: Example(
        lambda x: (x[0] + x[1]) ** 2 + (x[1] + x[2]) ** 2,
        (-4, 1, 1),
        0,
        h=lambda x: (x[0] + 2 * x[1] + 3 * x[2] - 1)[None],
    ),
    29: Example(
        lambda x: -x[0] * x[1] * x[2],
        (1, 1, 1),
        -16 * sqrt(2),
        c=lambda x: (x[0] ** 2 + 2 * x[1] ** 2 + 4 * x[2] ** 2 - 48)[None],
    ),
    35: Example(
        lambda x: (
            9
            - 8 * x[0]
            - 6 * x[1]
            - 4 * x[2]
            + 2 * x[0] ** 2
            + 2 * x[1] ** 2
            + x[2] ** 2
            + 2 * x[0] * x[1]
            + 2 * x[0] * x[2]
        ),
        (0.5, 0.5, 0.5),
        1 / 9,
        c=lambda x: torch.cat([(x[0] + x[1] + 2 * x[2] - 3)[None], -x]),
    ),
    39: Example(
        lambda x: -x[0],
        (2, 2, 2, 2),
        -1,
        h=lambda x: vector(x[1] - x[0] ** 3 - x[2] ** 2, x[0] ** 2 - x[1] - x[3] ** 2),
    ),
    40: Example(
        lambda x: -x.prod(),
        (0.8, 0.8, 0.8, 0.8),
        -0.25,
        h=lambda x: vector(x[0] ** 3 + x[1] ** 2 - 1, x[0] ** 2 * x[3] - x[2], x[3] ** 2 - x[1]),
    ),
    42: Example(
        lambda x: (x - torch.arange(1, 5)).square().sum(),
        (1, 1, 1, 1),
        28 - 10 * sqrt(2),
        h=lambda x: vector(x[0] - 2, x[2] ** 2 + x[3] ** 2 - 2),
    ),
    43: Example(
        lambda x: (
            x[0] ** 2 + x[1] ** 2 + 2 * x[2] ** 2 + x[3] ** 2 - 5 * x[0] - 5 * x[1] - 21 * x[2] + 7 * x[3]
        ),
        (0, 0, 0, 0),
        -44,
        c=lambda x: vector(
            x.square().sum() + x[0] - x[1] + x[2] - x[3] - 8,
            x[0] ** 2 + 2 * x[1] ** 2 + x[2] ** 2 + 2 * x[3] ** 2 - x[0] - x[3] - 10,
            2 * x[0] ** 2 + x[1] ** 2 + x[2] ** 2 + 2 * x[0] - x[1] - x[3] - 5,
        ),
    ),
    48: Example(
        lambda x: (x[0] - 1) ** 2 + (x[1] - x[2]) ** 2 + (x[3] - x[4]) ** 2,
        (3, 5, -3, 2, -2),
        0,
        h=lambda x: vector(x.sum() - 5, x[2] - 2 * (x[3] + x[4]) + 3),
    ),
    52: Example(
        lambda x: (4 * x[0] - x[1]) ** 2 + (x[1] + x[2] - 2) ** 2 + (x[3] - 1) ** 2 + (x[4] - 1) ** 2,
        (2, 2, 2, 2, 2),
        1859 / 349,
        h=lambda x: vector(x[0] + 3 * x[1], x[2] + x[3] - 2 * x[4], x[1] - x[4]),
    ),
    61: Example(
        lambda x: 4 * x[0] ** 2 + 2 * x[1] ** 2 + 2 * x[2] ** 2 - 33 * x[0] + 16 * x[1] - 24 * x[2],
        (0, 0, 0),
        -143.6461422,
        h=lambda x: vector(3 * x[0] - 2 * x[1] ** 2 - 7, 4 * x[0] - x[2] ** 2 - 11),
    ),
    65: Example(
        lambda x: (x[0] - x[1]) ** 2 + (x[0] + x[1] - 10) ** 2 / 9 + (x[2] - 5) ** 2,
        (-5, 5, 0),
        0.9535288567,
        c=lambda x: torch.cat([(x.square().sum() - 48)[None], box((-4.5, -4.5, -5), (4.5, 4.5, 5))(x)]),
    ),
    71: Example(
        lambda x: x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2],
        (1, 5, 5, 1),
        17.0140173,
        h=lambda x: (x.square().sum() - 40)[None],
        c=lambda x: torch.cat([(25 - x.prod())[None], box((1,) * 4, (5,) * 4)(x)]),
    ),
    76: Example(
        lambda x: (
            x[0] ** 2
            + 0.5 * x[1] ** 2
            + x[2] ** 2
            + 0.5 * x[3] ** 2
            - x[0] * x[2]
            + x[2] * x[3]
            - x[0]
            - 3 * x[1]
            + x[2]
            - x[3]
        ),
        (0.5, 0.5, 0.5, 0.5),
        -4.681818181,
        c=lambda x: torch.cat(
            [
                vector(
                    x[0] + 2 * x[1] + x[2] + x[3] - 5,
                    3 * x[0] + x[1] + 2 * x[2] - x[3] - 4,
                    1.5 - x[1] - 4 * x[2],
                ),
                -x,
            ]
        ),
    ),
    77: Example(
        lambda x: (x[0] - 1) ** 2 + (x[0] - x[1]) ** 2 + (x[2] - 1) ** 2 + (x[3] - 1) ** 4 + (x[4] - 1) ** 6,
        (2, 2, 2, 2, 2),
        0.24150513,
        h=lambda x: vector(
            x[0] ** 2 * x[3] + torch.sin(x[3] - x[4]) - 2 * sqrt(2),
            x[1] + x[2] ** 4 * x[3] ** 2 - 8 - sqrt(2),
        ),
    ),
    78: Example(lambda x: x.prod(), (-2, 1.5, 2, -1, -1), -2.91970041, h=h78),
    79: Example(
        lambda x: (
            (x[0] - 1) ** 2
            + (x[0] - x[1]) ** 2
            + (x[1] - x[2]) ** 2
            + (x[2] - x[3]) ** 4
            + (x[3] - x[4]) ** 4
        ),
        (2, 2, 2, 2, 2),
        0.0787768209,
        h=lambda x: vector(
            x[0] + x[1] ** 2 + x[2] ** 3 - 2 - 3 * sqrt(2),
            x[1] - x[2] ** 2 + x[3] + 2 - 2 * sqrt(2),
            x[0] * x[4] - 2,
        ),
    ),
    80: Example(
        lambda x: x.prod().exp(),
        (-2, 2, 2, -1, -1),
        0.0539498478,
        h=h78,
        c=box((-2.3, -2.3, -3.2, -3.2, -3.2), (2.3, 2.3, 3.2, 3.2, 3.2)),
    ),
    100: Example(f100, (1, 2, 0, 4, 0, 1, 1), 680.6300573, c=c100),
    113: Example(f113, (2, 3, 5, 5, 1, 2, 7, 3, 6, 10), 24.3062091, c=c113),
}
