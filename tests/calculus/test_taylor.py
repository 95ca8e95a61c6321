"""Forecasts of a step: their errors shrink as the theory says, and the best rate is where a scan finds it."""

import math

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from book.calculus import best_rate, curvature, gradient, hessian, linear_prediction, quadratic_prediction
from book.surfaces import beale, bowl, himmelblau, rosenbrock, saddle

F64 = torch.float64


def errors(f, x, step, predict):
    lengths = [2.0**-k for k in range(3, 9)]
    return [abs((predict(f, x, h * step) - f(x + h * step)).item()) for h in lengths]


@pytest.mark.parametrize(("predict", "order"), [(linear_prediction, 2), (quadratic_prediction, 3)])
@pytest.mark.parametrize("surface", [rosenbrock, beale, himmelblau], ids=lambda s: s.name)
def test_halving_the_step_divides_the_error_by_four_or_eight(surface, predict, order):
    step = torch.tensor([0.31, -0.17], dtype=F64)
    shrinking = errors(surface, surface.at_start(), step, predict)
    assert shrinking[-2] / shrinking[-1] == pytest.approx(2**order, rel=0.05)


def test_on_a_quadratic_the_second_order_forecast_is_exact():
    surface, step = bowl(30.0, angle=20.0), torch.tensor([-3.0, 5.0], dtype=F64)
    x = surface.at_start()
    torch.testing.assert_close(quadratic_prediction(surface, x, step), surface(x + step))


def test_the_forecasts_are_their_formulas():
    x, s = beale.at_start(), torch.tensor([0.2, 0.1], dtype=F64)
    g, H = gradient(beale, x), hessian(beale, x)
    torch.testing.assert_close(linear_prediction(beale, x, s), beale(x) + g @ s)
    torch.testing.assert_close(quadratic_prediction(beale, x, s), beale(x) + g @ s + s @ H @ s / 2)
    torch.testing.assert_close(curvature(beale, x, s), s @ H @ s)


@pytest.mark.parametrize("start", [(2.0, 1.0), (-1.0, 4.0), (5.0, 0.01)])
def test_the_best_rate_is_where_a_scan_finds_the_lowest_point(start):
    surface, x = bowl(8.0, angle=30.0), torch.tensor(start, dtype=F64)
    rates = torch.linspace(0, 1.2, 120_001, dtype=F64)
    scanned = rates[surface(x - rates[:, None] * gradient(surface, x)).argmin()]
    assert best_rate(surface, x) == pytest.approx(scanned.item(), abs=1e-5)
    assert 1 / 8 <= best_rate(surface, x) <= 1


def test_without_positive_curvature_there_is_no_best_rate():
    assert best_rate(saddle, torch.tensor([0.0, 1.0], dtype=F64)) == math.inf
    assert best_rate(lambda p: p.sum(), torch.tensor([0.0, 1.0], dtype=F64)) == math.inf


def test_where_the_gradient_is_zero_there_is_no_direction():
    assert math.isnan(best_rate(saddle, torch.zeros(2, dtype=F64)))


@pytest.mark.long
@given(st.integers(-30, 30), st.integers(-15, 15), st.sampled_from([torch.float32, F64]))
@settings(max_examples=100)
def test_the_best_rate_has_the_scale_of_the_curvature_alone(height, place, dtype):
    assume(abs(height + place) < 36)
    scale, λ = 10.0**height, torch.tensor([1.0, 3.0], dtype=dtype)
    x = torch.tensor([1.0, 2.0], dtype=dtype) * 10.0**place
    found = best_rate(lambda p: (λ * (p * scale) * (p / 2)).sum(), x)
    assert found * scale == pytest.approx(37 / 109, rel=1e-4)  # (1 + 36) / (1 + 27 · 4)


def test_no_rate_is_given_where_nothing_is_known():
    assert math.isnan(best_rate(lambda p: p.square().sum(), torch.tensor([1.0, math.nan])))
    assert math.isnan(best_rate(lambda p: p.square().sum(), torch.tensor([1.0, math.inf])))
    assert best_rate(lambda p: -p.square().sum(), torch.tensor([1.0, 2.0])) == math.inf


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [2.0**13, 1.0, 2.0**-14])
def test_the_best_rate_overflows_in_no_dtype(dtype, scale):
    found = best_rate(lambda p: scale * p.square().sum(), torch.full((100,), 2.0**-5, dtype=dtype))
    assert found == pytest.approx(1 / (2 * scale), rel=0.02)


def test_the_best_rate_may_be_beyond_the_dtype():
    x = torch.tensor([1.0, 2.0])
    assert best_rate(lambda p: 1e-40 * p.square().sum(), x) == pytest.approx(5e39, rel=1e-3)
