"""The problems that fit a curve to data."""

import torch
from torch import Tensor

from book.problems.statement import Known, Problem


def _times(x: Tensor, m: int, step: float = 1.0) -> Tensor:
    """step, 2 step, …, m step."""
    return step * torch.arange(1, m + 1).to(x)


def _jennrich_sampson(x: Tensor) -> Tensor:
    i = _times(x, 10)
    return 2 + 2 * i - ((i * x[0]).exp() + (i * x[1]).exp())


def _bard(x: Tensor) -> Tensor:
    """Its second minimum is only approached, with x₂ and x₃ far out, where the fit is a constant."""
    u = _times(x, 15)
    v = 16 - u
    return x.new_tensor(BARD) - (x[0] + u / (v * x[1] + u.minimum(v) * x[2]))


def _gaussian(x: Tensor) -> Tensor:
    t = (8 - _times(x, 15)) / 2
    return x[0] * (-x[1] * (t - x[2]) ** 2 / 2).exp() - x.new_tensor(GAUSSIAN)


def _meyer(x: Tensor) -> Tensor:
    t = 45 + _times(x, 16, 5.0)
    return x[0] * (x[1] / (t + x[2])).exp() - x.new_tensor(MEYER)


def _gulf(x: Tensor) -> Tensor:
    """As in the paper's own program: its formula misprints |yᵢ − x₂| as |yᵢ m i x₂|."""
    t = _times(x, 99, 0.01)
    y = 25 + (-50 * t.log()) ** (2 / 3)
    return (-((y - x[1]).abs() ** x[2]) / x[0]).exp() - t


def _box(x: Tensor) -> Tensor:
    """Also 0 wherever x₁ = x₂ and x₃ = 0, along a line."""
    t = _times(x, 10, 0.1)
    return (-t * x[0]).exp() - (-t * x[1]).exp() - x[2] * ((-t).exp() - (-10 * t).exp())


def _kowalik_osborne(x: Tensor) -> Tensor:
    """Its second minimum is only approached, as x₁ → ∞ with x₂ → −14.07."""
    u = x.new_tensor(KOWALIK_U)
    return x.new_tensor(KOWALIK_Y) - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


def _brown_dennis(x: Tensor) -> Tensor:
    t = _times(x, 20, 0.2)
    return (x[0] + t * x[1] - t.exp()) ** 2 + (x[2] + x[3] * t.sin() - t.cos()) ** 2


def _osborne_1(x: Tensor) -> Tensor:
    t = 10 * (_times(x, 33) - 1)
    return x.new_tensor(OSBORNE_1) - (x[0] + x[1] * (-t * x[3]).exp() + x[2] * (-t * x[4]).exp())


def _biggs(x: Tensor) -> Tensor:
    t = _times(x, 13, 0.1)
    y = (-t).exp() - 5 * (-10 * t).exp() + 3 * (-4 * t).exp()
    return x[2] * (-t * x[0]).exp() - x[3] * (-t * x[1]).exp() + x[5] * (-t * x[4]).exp() - y


def _osborne_2(x: Tensor) -> Tensor:
    t = (_times(x, 65) - 1) / 10
    bumps = x[1:4, None] * (-((t - x[8:11, None]) ** 2) * x[5:8, None]).exp()
    return x.new_tensor(OSBORNE_2) - (x[0] * (-t * x[4]).exp() + bumps.sum(0))


BARD = (0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)
_RISE = (0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521)
GAUSSIAN = (*_RISE, 0.3989, *reversed(_RISE))
MEYER = (
    *(34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744),
    *(8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872),
)
KOWALIK_Y = (0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246)
KOWALIK_U = (4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625)
OSBORNE_1 = (
    *(0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751),
    *(0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490),
    *(0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406),
)
OSBORNE_2 = (
    *(1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608),
    *(0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661),
    *(0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428),
    *(0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559),
    *(0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054),
)

BARD_FAR = Known(sum((y - sum(BARD) / len(BARD)) ** 2 for y in BARD))  # x₁ the mean, x₂ and x₃ → ∞

FITS = (
    Problem(6, "Jennrich and Sampson", _jennrich_sampson, (0.3, 0.4), (Known(124.362182355615),)),
    Problem(8, "Bard", _bard, (1.0, 1.0, 1.0), (Known(8.21487730657898e-3), BARD_FAR)),
    Problem(9, "Gaussian", _gaussian, (0.4, 1.0, 0.0), (Known(1.12793276961873e-8),)),
    Problem(10, "Meyer", _meyer, (0.02, 4000.0, 250.0), (Known(87.9458551706737),)),
    Problem(11, "Gulf research and development", _gulf, (5.0, 2.5, 0.15), (Known(0.0, (50.0, 25.0, 1.5)),)),
    Problem(
        12,
        "Box, three-dimensional",
        _box,
        (0.0, 10.0, 20.0),
        (Known(0.0, (1.0, 10.0, 1.0)), Known(0.0, (10.0, 1.0, -1.0))),
    ),
    Problem(
        15, "Kowalik and Osborne", _kowalik_osborne, (0.25, 0.39, 0.415, 0.39), (Known(3.07505603849237e-4),)
    ),
    Problem(16, "Brown and Dennis", _brown_dennis, (25.0, 5.0, -5.0, -1.0), (Known(85822.2016263563),)),
    Problem(17, "Osborne 1", _osborne_1, (0.5, 1.5, -1.0, 0.01, 0.02), (Known(5.4648946974825e-5),)),
    Problem(
        18,
        "Biggs EXP6",
        _biggs,
        (1.0, 2.0, 1.0, 1.0, 1.0, 1.0),
        (Known(0.0, (1.0, 10.0, 1.0, 5.0, 4.0, 3.0)), Known(5.65564992549995e-3)),
    ),
    Problem(
        19,
        "Osborne 2",
        _osborne_2,
        (1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5),
        (Known(4.01377362935477e-2),),
    ),
)
