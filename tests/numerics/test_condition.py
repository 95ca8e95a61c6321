"""Condition numbers against mpmath's singular values and known closed forms."""

import math
from fractions import Fraction

import mpmath
import pytest
import torch

from book.numerics import condition_number, digits_lost, hilbert, relative_condition
from tests.cases import each

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def exact_condition(A):
    with mpmath.workdps(60):
        singular = mpmath.svd_r(mpmath.matrix(A.tolist()), compute_uv=False)
        return float(max(singular) / min(singular))


@each("dtype", DTYPES)
@each("n", [1, 2, 4, 7])
def test_condition_number_of_rounded_hilbert_matrices_against_mpmath(n, dtype):
    A = hilbert(n, dtype)
    assert condition_number(A) == pytest.approx(exact_condition(A), rel=1e-13 * condition_number(A) + 1e-14)


def test_the_hilbert_matrix_of_order_ten_loses_thirteen_digits():
    assert condition_number(hilbert(10)) == pytest.approx(1.6025e13, rel=1e-3)
    assert 13 < digits_lost(condition_number(hilbert(10))) < 13.5


def test_condition_number_of_a_rectangle_and_of_a_scaled_rotation():
    assert condition_number(torch.tensor([[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]])) == pytest.approx(1.5)
    assert condition_number(1e-30 * torch.tensor([[0.6, -0.8], [0.8, 0.6]])) == pytest.approx(1, rel=1e-6)


def test_condition_number_at_extremes():
    assert condition_number(torch.zeros(2, 2)) == math.inf
    assert condition_number(torch.tensor([[1.0, 0.0], [0.0, 0.0]])) == math.inf
    assert condition_number(torch.tensor([[1.0, 2.0], [2.0, 4.0]])) > 1e15
    for bad in (math.nan, math.inf):
        assert math.isnan(condition_number(torch.tensor([[bad, 0.0], [0.0, 1.0]])))
    huge = torch.tensor([[1e300, 0.0], [0.0, 5e-324]], dtype=torch.float64)
    assert condition_number(huge) == math.inf


@pytest.mark.parametrize("dtype", DTYPES)
def test_hilbert_is_the_exact_fractions_rounded(dtype):
    A = hilbert(9, dtype)
    assert A.dtype == dtype
    for i in range(9):
        for j in range(9):
            exact = Fraction(1, i + j + 1)
            assert abs(Fraction(A[i, j].item()) - exact) <= Fraction(torch.finfo(dtype).eps) / 2 * exact


@pytest.mark.parametrize("dtype", DTYPES)
def test_relative_condition_against_closed_forms(dtype):
    x = torch.tensor([0.5, 1.5, 3.0], dtype=dtype)
    room = {"rtol": 8 * torch.finfo(dtype).eps, "atol": 0.0}
    for f, closed in (
        (torch.log, 1 / x.double().log().abs()),
        (torch.exp, x.double()),
        (torch.sqrt, torch.full((3,), 0.5, dtype=torch.float64)),
        (lambda x: x - 1, (x / (x - 1)).double().abs()),
    ):
        result = relative_condition(f, x)
        assert result.dtype == dtype
        torch.testing.assert_close(result.double(), closed, **room)


def test_relative_condition_at_extremes():
    assert relative_condition(lambda x: x - 1, torch.tensor(1.0)) == torch.inf
    assert relative_condition(lambda x: x**2, torch.tensor(0.0)).isnan()
    assert relative_condition(torch.exp, torch.tensor([torch.inf, torch.nan])).isnan().all()
    assert relative_condition(torch.exp, torch.empty(0)).shape == (0,)
    assert relative_condition(torch.ones_like, torch.ones(2)).tolist() == [0, 0]
    assert relative_condition(torch.exp, torch.tensor(1e-40)) == torch.tensor(1e-40)


def test_relative_condition_leaves_its_argument_alone():
    x = torch.tensor(2.0)
    assert not relative_condition(torch.log, x).requires_grad
    assert not x.requires_grad


def test_relative_condition_predicts_the_error_of_a_difference():
    x = torch.tensor(1.0009765625, dtype=torch.float64)
    nudged = x * (1 + 1e-9)
    amplified = ((nudged - 1) - (x - 1)) / (x - 1) / 1e-9
    assert amplified.item() == pytest.approx(relative_condition(lambda x: x - 1, x).item(), rel=1e-4)


def test_digits_lost():
    assert digits_lost(1.0) == 0
    assert digits_lost(0.0) == -math.inf
    assert digits_lost(math.inf) == math.inf
    assert math.isnan(digits_lost(math.nan))
    assert digits_lost(1e300) == pytest.approx(300)
    assert digits_lost(torch.tensor(1e6)) == pytest.approx(6)


def test_the_factors_of_a_relative_condition_may_be_large():
    x = torch.tensor(1e20) * (1 + 2.0**-20)
    found = relative_condition(lambda x: 1e20 * (x - 1e20), x)
    exact = x.item() / (x.item() - torch.tensor(1e20).item())
    assert found.item() == pytest.approx(exact, rel=1e-6)
    tiny = relative_condition(lambda x: 1e-25 * x.square(), torch.tensor(1e-9))
    assert tiny.item() == pytest.approx(2, rel=0.5)  # f(x) is subnormal there, and has few digits


@pytest.mark.parametrize("power", [-30, -10, 10, 30])
def test_a_power_has_its_exponent_as_condition_at_every_scale(power):
    x = torch.tensor(10.0**power)
    assert relative_condition(torch.sqrt, x).item() == pytest.approx(0.5, rel=1e-6)


def test_where_the_value_overflows_there_is_no_relative_condition():
    x = torch.tensor([1e15, 1e25, -1e30])
    assert relative_condition(torch.square, x).isnan().tolist() == [False, True, True]
