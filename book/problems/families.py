"""The problems that have as many numbers as one asks for."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from book.problems.statement import Family, Known

A = 1e-5**0.5  # the root of the weight in the two penalty functions


def _count(x: Tensor) -> Tensor:
    """1, 2, …, n."""
    return torch.arange(1, len(x) + 1).to(x)


def _watson(x: Tensor) -> Tensor:
    t = _count(x.new_empty(29))[:, None] / 29
    k = _count(x) - 1
    slope = (t ** k[:-1] * (k[1:] * x[1:])).sum(1)
    height = (t**k * x).sum(1)
    return torch.cat([slope - height**2 - 1, x[:1], x[1:2] - x[:1] ** 2 - 1])


def _extended_rosenbrock(x: Tensor) -> Tensor:
    return torch.cat([10 * (x[1::2] - x[::2] ** 2), 1 - x[::2]])


def _extended_powell(x: Tensor) -> Tensor:
    """The Hessian is singular at the minimum."""
    a, b, c, d = x.reshape(-1, 4).T
    return torch.cat([a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2])


def _penalty_1(x: Tensor) -> Tensor:
    return torch.cat([A * (x - 1), (x @ x - 0.25)[None]])


def _penalty_2(x: Tensor) -> Tensor:
    e, i = (x / 10).exp(), (_count(x) / 10).exp()
    pairs = A * (e[1:] + e[:-1] - i[1:] - i[:-1])
    ball = (_count(x).flip(0) * x**2).sum() - 1
    return torch.cat([x[:1] - 0.2, pairs, A * (e[1:] - math.exp(-0.1)), ball[None]])


def _variably_dimensioned(x: Tensor) -> Tensor:
    total = _count(x) @ (x - 1)
    return torch.cat([x - 1, total[None], (total**2)[None]])


def _trigonometric(x: Tensor) -> Tensor:
    """It has many minima; 0 is reached at x = 0 and elsewhere."""
    return len(x) - x.cos().sum() + _count(x) * (1 - x.cos()) - x.sin()


def _brown_almost_linear(x: Tensor) -> Tensor:
    return torch.cat([x[:-1] + x.sum() - (len(x) + 1), x.prod()[None] - 1])


def _discrete_boundary_value(x: Tensor) -> Tensor:
    h = 1 / (len(x) + 1)
    padded = torch.nn.functional.pad(x, (1, 1))
    return 2 * x - padded[:-2] - padded[2:] + h**2 * (x + h * _count(x) + 1) ** 3 / 2


def _discrete_integral_equation(x: Tensor) -> Tensor:
    h = 1 / (len(x) + 1)
    t = h * _count(x)
    cubes = (x + t + 1) ** 3
    before, after = (t * cubes).cumsum(0), ((1 - t) * cubes).flip(0).cumsum(0).flip(0) - (1 - t) * cubes
    return x + h / 2 * ((1 - t) * before + t * after)


def _broyden_tridiagonal(x: Tensor) -> Tensor:
    padded = torch.nn.functional.pad(x, (1, 1))
    return (3 - 2 * x) * x - padded[:-2] - 2 * padded[2:] + 1


def _broyden_banded(x: Tensor) -> Tensor:
    """Each residual sees five numbers before its own and one after it."""
    band = torch.nn.functional.pad(x * (1 + x), (5, 1)).unfold(0, 7, 1).sum(1)
    return x * (2 + 5 * x**2) + 1 - (band - x * (1 + x))


def _linear_full_rank(x: Tensor) -> Tensor:
    """m = 2n residuals."""
    shift = x.sum() / len(x) + 1
    return torch.cat([x - shift, -shift.expand(len(x))])


def _linear_rank_1(x: Tensor) -> Tensor:
    """m = 2n residuals; a whole plane of minima, and a singular Hessian everywhere."""
    return _count(x.new_empty(2 * len(x))) * (_count(x) @ x) - 1


def _linear_rank_1_zeros(x: Tensor) -> Tensor:
    """As rank 1, with the first and the last row and column 0."""
    inner = _count(x.new_empty(2 * len(x) - 2)) * (_count(x)[1:-1] @ x[1:-1]) - 1
    return torch.nn.functional.pad(inner, (1, 1), value=-1.0)


def _chebyquad(x: Tensor) -> Tensor:
    """The mean of each shifted Chebyshev polynomial over the points, less its integral."""
    y = 2 * x - 1
    before, now, means = torch.ones_like(y), y, []
    for _ in x:
        means.append(now.mean())
        before, now = now, 2 * y * now - before
    i = _count(x)
    return torch.stack(means) + torch.where(i % 2 == 0, 1 / (i**2 - 1), 0.0)


def _zero(point=None, others: Mapping[int, tuple[float, ...]] = {}):
    """A minimum of 0 in each dimension, at a point that has one number n times, if that is given; others."""
    return lambda n: (Known(0.0, None if point is None else (point,) * n), *map(Known, others.get(n, ())))


def _some(values: Mapping[int, tuple[float, ...]]):
    """Minima known in some dimensions."""
    return lambda n: tuple(Known(value) for value in values.get(n, ()))


def _almost_linear_minima(n: int) -> tuple[Known, ...]:
    """Ones; another zero, at a point with n equal entries but one; and 1, at (0, …, 0, n + 1)."""
    return Known(0.0, (1.0,) * n), Known(1.0, (*(0.0,) * (n - 1), n + 1.0))


def _between_rank_1(n: int) -> tuple[Known, ...]:
    m = 2 * n
    return (Known(m * (m - 1) / (2 * (2 * m + 1))),)


def _between_rank_1_zeros(n: int) -> tuple[Known, ...]:
    m = 2 * n
    return (Known((m * m + 3 * m - 6) / (2 * (2 * m - 3))),)


def _grid(n: int) -> list[float]:
    return [i / (n + 1) for i in range(1, n + 1)]


def _parabola(n: int) -> list[float]:
    return [t * (t - 1) for t in _grid(n)]


TRIGONOMETRIC = {  # beside 0, where the standard start leads to, by one method or another
    10: (2.79505612187828e-5,),
    100: (3.660378657644e-7, 1.1411006146e-6, 1.7169514406e-6, 1.8409625434e-6, 2.4053973952e-6),
}
BROYDEN = {1000: (0.712527909585608,)}
WATSON = {6: (2.28767005355235e-3,), 9: (1.39976013809171e-6,)}
PENALTY_1 = {4: (2.24997750089994e-5,), 10: (7.08765146709037e-5,)}
PENALTY_2 = {4: (9.37629300735544e-6,), 10: (2.93660537456746e-4,)}
CHEBYQUAD = dict.fromkeys((1, 2, 3, 4, 5, 6, 7, 9), (0.0,)) | {
    8: (3.51687372567792e-3,),
    10: (4.77271369637536e-3, 6.5039548008823e-3),
}

FAMILIES = (
    Family(20, "Watson", _watson, lambda n: [0.0] * n, _some(WATSON), largest=31),
    Family(
        21,
        "Extended Rosenbrock",
        _extended_rosenbrock,
        lambda n: [-1.2, 1.0] * (n // 2),
        _zero(1.0),
        multiple=2,
    ),
    Family(
        22,
        "Extended Powell, singular",
        _extended_powell,
        lambda n: [3.0, -1.0, 0.0, 1.0] * (n // 4),
        _zero(0.0),
        multiple=4,
    ),
    Family(23, "Penalty I", _penalty_1, lambda n: list(range(1, n + 1)), _some(PENALTY_1)),
    Family(24, "Penalty II", _penalty_2, lambda n: [0.5] * n, _some(PENALTY_2)),
    Family(
        25,
        "Variably dimensioned",
        _variably_dimensioned,
        lambda n: [1 - i / n for i in range(1, n + 1)],
        _zero(1.0),
    ),
    Family(26, "Trigonometric", _trigonometric, lambda n: [1 / n] * n, _zero(0.0, TRIGONOMETRIC)),
    Family(27, "Brown almost-linear", _brown_almost_linear, lambda n: [0.5] * n, _almost_linear_minima),
    Family(28, "Discrete boundary value", _discrete_boundary_value, _parabola, _zero()),
    Family(29, "Discrete integral equation", _discrete_integral_equation, _parabola, _zero()),
    Family(30, "Broyden tridiagonal", _broyden_tridiagonal, lambda n: [-1.0] * n, _zero(others=BROYDEN)),
    Family(31, "Broyden banded", _broyden_banded, lambda n: [-1.0] * n, _zero()),
    Family(
        32,
        "Linear, full rank",
        _linear_full_rank,
        lambda n: [1.0] * n,
        lambda n: (Known(float(n), (-1.0,) * n),),
    ),
    Family(33, "Linear, rank 1", _linear_rank_1, lambda n: [1.0] * n, _between_rank_1),
    Family(34, "Linear, rank 1 with zeros", _linear_rank_1_zeros, lambda n: [1.0] * n, _between_rank_1_zeros),
    Family(35, "Chebyquad", _chebyquad, _grid, _some(CHEBYQUAD)),
)
