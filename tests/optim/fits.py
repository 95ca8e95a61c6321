"""Small least-squares problems with their starts: residuals as functions on tensors."""

import numpy as np
import torch

DOUBLE = torch.float64


def tensor(*values):
    return torch.tensor(values, dtype=DOUBLE)


def rosenbrock(x):
    return torch.stack([10 * (x[1] - x[0] ** 2), 1 - x[0]])


def beale(x):
    return torch.stack(
        [1.5 - x[0] * (1 - x[1]), 2.25 - x[0] * (1 - x[1] ** 2), 2.625 - x[0] * (1 - x[1] ** 3)]
    )


def box(x):
    t = 0.1 * torch.arange(1.0, 11.0, dtype=DOUBLE)
    fits = torch.exp(-t * x[0]) - torch.exp(-t * x[1])
    return fits - x[2] * (torch.exp(-t) - torch.exp(-10 * t))


def wood(x):
    ten = 10**0.5
    return torch.stack(
        [
            10 * (x[1] - x[0] ** 2),
            1 - x[0],
            90**0.5 * (x[3] - x[2] ** 2),
            1 - x[2],
            ten * (x[1] + x[3] - 2),
            (x[1] - x[3]) / ten,
        ]
    )


def bard(x):
    y = tensor(0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)
    u = torch.arange(1.0, 16.0, dtype=DOUBLE)
    v = 16 - u
    return y - (x[0] + u / (v * x[1] + torch.minimum(u, v) * x[2]))


def meyer(x):
    y = tensor(
        34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872
    )
    t = 45 + 5 * torch.arange(1.0, 17.0, dtype=DOUBLE)
    return x[0] * torch.exp(x[1] / (t + x[2])) - y


def osborne(x):
    y = tensor(
        0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658
    )
    t = 10 * torch.arange(14.0, dtype=DOUBLE)
    return y - (x[0] + x[1] * torch.exp(-t * x[3]) + x[2] * torch.exp(-t * x[4]))


def freudenstein(x):
    return torch.stack(
        [
            -13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1],
            -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1],
        ]
    )


FITS = {  # name: residuals, start, source
    "rosenbrock": (rosenbrock, [-1.2, 1.0], "Moré, Garbow and Hillstrom 1"),
    "freudenstein": (freudenstein, [0.5, -2.0], "2"),
    "beale": (beale, [1.0, 1.0], "5"),
    "bard": (bard, [1.0, 1.0, 1.0], "8"),
    "meyer": (meyer, [0.02, 4000.0, 250.0], "10"),
    "box": (box, [0.0, 10.0, 20.0], "12"),
    "wood": (wood, [-3.0, -1.0, -3.0, -1.0], "14"),
    "osborne": (osborne, [0.5, 1.5, -1.0, 0.01, 0.02], "17, the first 14 of its 33 points"),
}


def residual_function(r):
    return lambda x: r(torch.tensor(np.asarray(x), dtype=DOUBLE)).numpy()


def jacobian_function(r):
    return lambda x: torch.func.jacrev(r)(torch.tensor(np.asarray(x), dtype=DOUBLE)).numpy()
