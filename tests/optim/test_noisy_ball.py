"""The mean square of a noisy ball: against the optimizer, the matrix, the long run."""

import math
from functools import partial
from itertools import product

import pytest
import torch

from book.optim import Momentum, trajectory
from book.optim.heavy_ball import iteration, rate
from book.optim.noisy_ball import expected_squares, hovering_square
from tests.cases import each

CASES = [(0.1, 0.0, 1.0), (1.9, 0.0, 1.0), (0.1, 0.9, 1.0), (0.5, 0.5, 0.2), (2.9, 0.5, 1.0), (0.3, 0.8, 4.0)]
CASES += [(0.01, 0.6, 0.5), (1.0, 0.0, 1.0), (0.25, 0.25, 1.0)]


@pytest.mark.long
@pytest.mark.parametrize(("lr", "momentum", "curvature"), CASES[:6])
def test_it_is_the_mean_over_runs_of_the_optimizer(lr, momentum, curvature):
    """Over 40,000 balls: the mean of x² has a standard error of √2/200 of itself, at most."""
    balls, steps, noise = 40_000, 30, 0.5
    rng = torch.Generator().manual_seed(2)
    draws = (noise * torch.randn(balls, dtype=torch.float64, generator=rng) for _ in range(steps))
    start = torch.ones(balls, dtype=torch.float64)
    make = partial(Momentum, lr=lr, momentum=momentum)
    path = trajectory(make, lambda x: curvature * x.square().sum() / 2, start, steps, noise=draws)
    wanted = expected_squares(lr, momentum, curvature, noise, steps)
    torch.testing.assert_close(path.square().mean(dim=1), wanted, rtol=5 * math.sqrt(2) / 200, atol=0)


@each(("lr", "momentum", "curvature"), CASES)
def test_without_noise_it_is_the_square_of_the_path(lr, momentum, curvature):
    matrix, pair = iteration(lr, momentum, curvature), torch.full((2,), -3.0, dtype=torch.float64)
    for found in expected_squares(lr, momentum, curvature, 0.0, 60, start=-3.0).tolist():
        assert found == pytest.approx(pair[0].item() ** 2, abs=1e-9 * 9)
        pair = matrix @ pair


@each(("lr", "momentum", "curvature"), CASES)
def test_transient_and_fluctuation_add_up(lr, momentum, curvature):
    squares = partial(expected_squares, lr, momentum, curvature, steps=80)
    parts = squares(noise=0.0, start=2.0) + squares(noise=0.7, start=0.0)
    torch.testing.assert_close(squares(noise=0.7, start=2.0), parts, rtol=1e-12, atol=1e-14)


@each(("lr", "momentum", "curvature"), CASES)
def test_in_the_long_run_it_is_the_formula(lr, momentum, curvature):
    after = expected_squares(lr, momentum, curvature, 0.7, 5000)[-1].item()
    assert after == pytest.approx(hovering_square(lr, momentum, curvature, 0.7), rel=1e-9)


def test_the_formula_solves_the_equation_of_what_does_not_change():
    for lr, momentum, curvature in CASES:
        a = 1 + momentum - lr * curvature
        V = hovering_square(lr, momentum, curvature, 2.0)
        C = a * V / (1 + momentum)
        after = a * a * V + momentum**2 * V - 2 * a * momentum * C + 4 * lr * lr
        assert after == pytest.approx(V, rel=1e-9)


def test_at_a_small_rate_momentum_hovers_as_far_out_as_descent_at_the_effective_rate():
    for momentum in (0.5, 0.9):
        lr = 1e-5 * (1 - momentum)
        assert hovering_square(lr, momentum, 1.0, 1.0) == pytest.approx(5e-6, rel=1e-4)


def test_what_does_not_converge_hovers_nowhere_and_what_is_not_disturbed_at_the_minimum():
    for lr, momentum, curvature in product((0.5, 3.0), (0.0, 0.4, 1.0), (-1.0, 1.0)):
        infinite = hovering_square(lr, momentum, curvature, 1.0) == math.inf
        assert infinite == (rate(lr, momentum, curvature) >= 1)
    assert hovering_square(0.5, 0.9, 1.0, 0.0) == hovering_square(0.0, 0.9, 1.0, 1.0) == 0


REFUSED = [
    ({"noise": -1.0}, "noise"),
    ({"noise": math.nan}, "noise"),
    ({"lr": -0.1}, "Invalid learning rate: -0.1"),
    ({"momentum": math.nan}, "Invalid momentum value: nan"),
    ({"curvature": math.inf}, "The curvature must be a finite number; got inf"),
]
FINE = {"lr": 0.1, "momentum": 0.5, "curvature": 1.0, "noise": 1.0}


@pytest.mark.parametrize(("patch", "words"), REFUSED)
def test_what_makes_no_sense_is_refused(patch, words):
    for function in (partial(expected_squares, steps=3), hovering_square):
        with pytest.raises(ValueError, match=words):
            function(**(FINE | patch))


def test_steps_are_counted():
    assert len(expected_squares(**FINE, steps=0)) == 1
    for wrong in (-1, 2.5):
        with pytest.raises((TypeError, ValueError), match="steps"):
            expected_squares(**FINE, steps=wrong)
    with pytest.raises(ValueError, match="start"):
        expected_squares(**FINE, steps=1, start=math.inf)
