"""The heavy ball on a quadratic: its matrix against the optimizer, its eigenvalues against LAPACK."""

import math
from itertools import pairwise, product

import pytest
import torch

from book.optim import Momentum, trajectory
from book.optim.heavy_ball import (
    REGIMES,
    best,
    critical_momentum,
    eigenvalues,
    iteration,
    rate,
    regime,
)
from tests.cases import each

PRODUCTS = [-0.3, 0.0, 1e-4, 0.01, 0.3, 0.99, 1.0, 1.7, 2.0, 2.9, 3.9, 4.0, 4.4]
MOMENTA = [0.0, 0.01, 0.25, 0.5, 0.8, 0.9, 0.999, 1.0, 1.1]
CASES = list(product(PRODUCTS, MOMENTA))
SPECTRA = [(1.0, 1.5), (1.0, 9.0), (0.01, 1.0), (2.0, 2000.0)]


def steps_of_the_optimizer(lr, momentum, curvatures, steps):
    """From 1 along each axis of a quadratic at once, shape (steps + 1, axes)."""
    λ = torch.tensor(curvatures, dtype=torch.float64)
    return trajectory(
        lambda p: Momentum(p, lr=lr, momentum=momentum),
        lambda x: (λ * x * x).sum() / 2,
        torch.ones_like(λ),
        steps,
    )


def path(momentum, p, steps):
    """Polyak's recursion in plain numbers, p being ηλ."""
    x = [1.0, 1.0]
    for _ in range(steps):
        x.append(x[-1] - p * x[-1] + momentum * (x[-1] - x[-2]))
    return x[1:]


@pytest.mark.long
@pytest.mark.parametrize("lr", [0.1, 0.5])
@pytest.mark.parametrize("momentum", MOMENTA)
def test_the_matrix_makes_the_steps_of_the_optimizer(momentum, lr):
    curvatures = [p / lr for p in PRODUCTS]
    walked = steps_of_the_optimizer(lr, momentum, curvatures, 40).T
    for p, curvature, found in zip(PRODUCTS, curvatures, walked, strict=True):
        torch.testing.assert_close(found.tolist(), path(momentum, p, 40), rtol=1e-9, atol=1e-11)
        pair, matrix = torch.ones(2, dtype=torch.float64), iteration(lr, momentum, curvature)
        for x in found[1:]:
            pair = matrix @ pair
            assert pair[0].item() == pytest.approx(x.item(), rel=1e-9, abs=1e-11)


@each("momentum", MOMENTA)
def test_the_eigenvalues_are_lapacks(momentum):
    for p in PRODUCTS:
        compare_with_lapack(p, momentum)


def compare_with_lapack(p, momentum):
    larger, smaller = eigenvalues(1.0, momentum, p)
    found = torch.linalg.eigvals(iteration(1.0, momentum, p)).tolist()
    apart = min(max(abs(larger - one), abs(smaller - other)) for one, other in (found, reversed(found)))
    assert apart < 3e-8  # a double root is known to the square root of the rounding error
    assert rate(1.0, momentum, p) == pytest.approx(max(map(abs, found)), abs=3e-8)
    assert abs(larger) >= abs(smaller)
    assert larger * smaller == pytest.approx(momentum, rel=1e-12)


def test_the_eigenvalues_far_from_a_double_root_are_exact_to_the_last_digits():
    for p, momentum in ((0.001, 0.5), (1.0, 0.9), (2.9, 0.5), (3.9, 0.999), (1e-12, 0.3)):
        found = torch.linalg.eigvals(iteration(1.0, momentum, p)).abs().max().item()
        assert rate(1.0, momentum, p) == pytest.approx(found, rel=1e-13)


@each("momentum", MOMENTA)
def test_the_regime_is_what_the_path_does(momentum):
    for p in PRODUCTS:
        compare_with_the_path(p, momentum)


def compare_with_the_path(p, momentum):
    name = regime(1.0, momentum, p)
    assert name in REGIMES
    x = path(momentum, p, 400)
    falls = all(0 <= after < before or before == 0 for before, after in pairwise(x))
    flips = [a * b < 0 for a, b in pairwise(x) if min(abs(a), abs(b)) > 1e-250]
    size = rate(1.0, momentum, p)
    match name:
        case "monotone":
            assert falls
            assert size < 1
        case "alternating":
            assert all(flips[5:])
            assert size < 1
        case "oscillating":
            assert not falls
            assert not all(flips)
            assert size == math.sqrt(momentum) < 1
        case "diverging":
            assert size > 1
            assert abs(x[-1]) > 1.05 or p == 0  # no gradient: nothing starts to move
        case _:
            assert size == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("name", REGIMES)
def test_every_regime_is_among_the_cases(name):
    assert name in {regime(1.0, momentum, p) for p, momentum in CASES}


@each("momentum", MOMENTA)
def test_the_long_run_is_the_rate(momentum):
    """Over a span of 400 steps the largest of fifty neighbours shrinks by the rate to that power."""
    for p in PRODUCTS:
        if 0.3 < rate(1.0, momentum, p) < 1.5 and p != 0:
            x = [abs(value) for value in path(momentum, p, 900)]
            shrunk = (max(x[850:900]) / max(x[450:500])) ** (1 / 400)
            assert shrunk == pytest.approx(rate(1.0, momentum, p), abs=5e-3)


@pytest.mark.parametrize("p", [0.01, 0.3, 0.99, 1.7, 3.5])
def test_critical_damping_is_the_fastest_momentum(p):
    grid = [i / 2000 for i in range(2001)]
    rates = [rate(1.0, momentum, p) for momentum in grid]
    at = critical_momentum(1.0, p)
    assert grid[rates.index(min(rates))] == pytest.approx(at, abs=1.5e-3)
    assert rate(1.0, at, p) == pytest.approx(math.sqrt(at), abs=1e-7)
    assert not any(value.imag for value in eigenvalues(1.0, at * 0.999, p))
    assert all(value.imag for value in eigenvalues(1.0, at * 1.001 + 1e-9, p))


@pytest.mark.parametrize(("smallest", "largest"), SPECTRA)
def test_the_best_pair_is_polyaks_and_critically_damped_at_both_ends(smallest, largest):
    lr, momentum = best(smallest, largest)
    root = math.sqrt(largest / smallest)
    assert momentum == pytest.approx(((root - 1) / (root + 1)) ** 2, rel=1e-12)
    assert lr * largest == pytest.approx((1 + math.sqrt(momentum)) ** 2, rel=1e-12)
    assert lr * smallest == pytest.approx((1 - math.sqrt(momentum)) ** 2, rel=1e-9)
    for curvature in (smallest, largest, math.sqrt(smallest * largest)):
        assert rate(lr, momentum, curvature) == pytest.approx((root - 1) / (root + 1), abs=1e-7)


@pytest.mark.parametrize(("smallest", "largest"), SPECTRA)
def test_no_pair_on_a_grid_is_faster_than_the_best(smallest, largest):
    lr, momentum = best(smallest, largest)
    reached = rate(lr, momentum, smallest) - 1e-7

    def slower(eta, mu):
        return max(rate(eta, mu, smallest), rate(eta, mu, largest)) >= reached

    around = [0.0, *(0.5 + i / 40 for i in range(41))]
    assert all(slower(lr * a, momentum * b) for a, b in product(around, around))
    assert all(slower(i / 20 / largest, j / 20) for i, j in product(range(100), range(25)))


def test_a_curvature_in_between_is_never_the_slowest():
    for momentum, lr in product((0.0, 0.3, 0.8), (0.1, 1.0, 2.5)):
        ends = max(rate(lr, momentum, 0.1), rate(lr, momentum, 1.5))
        between = [rate(lr, momentum, 0.1 + 1.4 * i / 50) for i in range(51)]
        assert max(between) <= ends + 1e-12


REFUSED = [
    (iteration, (-0.1, 0.5, 1.0), "Invalid learning rate: -0.1"),
    (rate, (0.1, -0.5, 1.0), "Invalid momentum value: -0.5"),
    (rate, (0.1, math.nan, 1.0), "Invalid momentum value: nan"),
    (eigenvalues, (0.1, 0.5, math.inf), "The curvature must be a finite number; got inf"),
    (regime, (math.inf, 0.5, 1.0), "Invalid learning rate: inf"),
    (critical_momentum, (0.1, -1.0), "needs a curvature of at least 0; got -1.0"),
    (best, (0.0, 1.0), "must be positive, the smallest first; got 0.0 and 1.0"),
    (best, (2.0, 1.0), "must be positive, the smallest first"),
    (best, (1.0, math.inf), "must be positive"),
]


@each(("function", "arguments", "sentence"), REFUSED)
def test_what_makes_no_sense_is_refused(function, arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        function(*arguments)


@pytest.mark.parametrize("curvature", [1e100, 1e200, 1e300, -1e200])
def test_eigenvalues_far_beyond_stability(curvature):
    larger, smaller = eigenvalues(lr=1.0, momentum=0.5, curvature=curvature)
    assert larger.real == pytest.approx(-curvature, rel=1e-12)
    assert smaller.real == pytest.approx(-0.5 / curvature, rel=1e-12, abs=0)
    assert rate(1.0, 0.5, curvature) == pytest.approx(abs(curvature), rel=1e-12)


def test_the_best_pair_of_the_largest_curvatures():
    assert best(1e308, 1e308) == (pytest.approx(1e-308, rel=1e-12), 0.0)
