"""Finite differences: right to the digits that their error curve promises, with the step near its best."""

import math

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from book.calculus import central_difference, difference_step
from tests.cases import each

F64 = torch.float64
CASES = {
    "exp": (torch.exp, mpmath.exp, 1.0),
    "sin": (torch.sin, mpmath.cos, 1.0),
    "log": (torch.log, lambda x: 1 / x, 3.0),
    "cubic": (lambda x: 3 * x - x**3, lambda x: 3 - 3 * x**2, -1.7),
}


def error(name, h, dtype):
    f, slope, x = CASES[name]
    found = central_difference(lambda p: f(p)[0], torch.tensor([x], dtype=dtype), h)
    exact = slope(mpmath.mpf(torch.tensor(x, dtype=dtype).item()))
    return abs(float((mpmath.mpf(found.item()) - exact) / exact))


@pytest.mark.parametrize("name", CASES)
def test_the_default_step_is_good_to_two_thirds_of_the_digits(name):
    for dtype in (torch.float32, torch.float64):
        assert error(name, None, dtype) < 20 * torch.finfo(dtype).eps ** (2 / 3)


@each("dtype", ["bfloat16", "float16", "float32"])
@each("own", [True, False])
@settings(max_examples=20)
@given(entries=st.lists(st.floats(-2, 2), min_size=1, max_size=3))
def test_a_function_of_fewer_digits_than_its_point_gets_a_step_of_its_own(dtype, own, entries):
    """float32 values under float64's step have an error of a few per cent, without a word."""
    x, number = torch.tensor(entries, dtype=F64), getattr(torch if own else np, dtype, np.float32)

    def F(p):
        value = p.sin().sum()
        return value.to(number) if own else number(value.item())

    eps = float(torch.finfo(number).eps if own else np.finfo(number).eps)
    assert (central_difference(F, x) - x.cos()).abs().max() <= 4 * len(x) * eps ** (2 / 3)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_much_shorter_and_much_longer_steps_are_worse(name, dtype):
    h = difference_step(dtype)
    near = max(error(name, h * factor, dtype) for factor in (0.5, 0.7, 1.0, 1.4, 2.0))
    assert error(name, h * 300, dtype) > 30 * near or name == "cubic"
    assert max(error(name, h / 10**k, dtype) for k in (3, 3.2, 3.4)) > 5 * near


def test_the_error_of_a_long_step_is_the_third_derivative():
    for h in (1e-1, 1e-2, 1e-3):
        assert error("exp", h, F64) == pytest.approx(h**2 / 6, rel=1e-2)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_the_step_is_the_cube_root_of_epsilon(dtype):
    assert difference_step(dtype) == pytest.approx(math.cbrt(torch.finfo(dtype).eps))


def test_the_step_is_taken_as_it_was_stored():
    """Nothing but the step is rounded where f(x) = x, so its slope comes out exactly 1."""
    for x in (0.1, 1.1, 7.3):
        assert central_difference(torch.sum, torch.tensor([x])).item() == 1.0


def test_a_large_coordinate_gets_a_longer_step():
    seen = []
    central_difference(lambda p: seen.append(p.clone()) or p.sum(), torch.tensor([1e6, 0.1], dtype=F64))
    assert (seen[2] - seen[3])[0] / 2 == pytest.approx(1e6 * difference_step(F64), rel=1e-6)
    assert (seen[4] - seen[5])[1] / 2 == pytest.approx(difference_step(F64), rel=1e-6)


def test_shapes_are_those_of_gradient_and_jacobian():
    x = torch.tensor([1.0, 2.0, 3.0], dtype=F64)
    assert central_difference(torch.sum, x).shape == (3,)
    assert central_difference(lambda p: p[:2] ** 2, x).shape == (2, 3)
    assert central_difference(lambda p: torch.outer(p, p), x).shape == (3, 3, 3)


def test_a_function_that_is_not_made_of_torch_operations_will_do():
    slope = central_difference(lambda p: math.sin(p[0].item()), torch.tensor([1.0], dtype=F64))
    assert slope.item() == pytest.approx(math.cos(1.0), rel=1e-9)


def test_the_point_is_left_as_it_was():
    x = torch.tensor([1.0, 2.0], dtype=F64)
    central_difference(torch.sum, x)
    assert x.tolist() == [1.0, 2.0]


def test_central_differences_of_a_buffer_and_in_place():
    x, buffer = torch.tensor([1.0, 2.0], dtype=F64), torch.zeros(2, dtype=F64)
    for F in (
        lambda p: buffer.copy_(3 * p),
        lambda p: p.mul_(3),
        lambda p: np.multiply(3, p, out=buffer.numpy()),
    ):
        torch.testing.assert_close(central_difference(F, x), 3 * torch.eye(2, dtype=F64))


@pytest.mark.long
@settings(max_examples=200)
@given(st.floats(-1e30, 1e30), st.floats(1e-30, 1e30), st.sampled_from([torch.float16, torch.float32, F64]))
def test_a_difference_has_a_step_or_says_why_not(at, h, dtype):
    x, step = torch.tensor([at], dtype=dtype), torch.tensor(h, dtype=dtype)
    if not (x + step).isfinite() or not (x - step).isfinite() or (x + step == x) or (x - step == x):
        with pytest.raises(ValueError, match=r"x ± h (is x|must be finite)"):
            central_difference(torch.sum, x, h)
    else:
        slope = central_difference(torch.sum, x, h).item()
        assert slope == pytest.approx(1, rel=4 * torch.finfo(dtype).eps)


def test_the_sentence_about_a_lost_step_names_the_spacing():
    with pytest.raises(ValueError, match="float32 are 8 apart there, and x ± h is x"):
        central_difference(torch.sum, torch.tensor([1e8]), h=1.0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_a_step_beyond_the_dtype_is_refused_as_any_other(dtype):
    with pytest.raises(ValueError, match=f"x ± h must be finite in {dtype}"):
        central_difference(torch.sum, torch.ones(2, dtype=dtype), h=1e300)


def test_values_of_two_shapes_are_refused():
    with pytest.raises(ValueError, match=r"values have one shape; this one returned \(1,\) and \(2,\)"):
        central_difference(lambda p: p[p < 1], torch.tensor([0.5, 1.0]))
