"""The three sums against exact fractions, with the error bounds that the theory gives, in all four dtypes."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from book.numerics import kahan_sum, naive_sum, pairwise_sum
from tests.cases import each

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
SUMS = (naive_sum, pairwise_sum, kahan_sum)


def random_terms(n, dtype, low=-1.0):
    generator = torch.Generator().manual_seed(n)
    return (torch.rand(n, generator=generator, dtype=torch.float64) * (1 - low) + low).to(dtype)


def error(result, x):
    """|result - Σx| in units of eps Σ|x|, exactly."""
    terms = [Fraction(v) for v in x.tolist()]
    gap = abs(Fraction(result.item()) - sum(terms))
    return float(gap / (Fraction(torch.finfo(x.dtype).eps) * sum(map(abs, terms))))


@pytest.mark.long
@each("dtype", DTYPES)
@each("low", [-1.0, 0.0])
@each("n", [1, 2, 3, 7, 64, 1000])
def test_each_sum_keeps_its_bound(n, low, dtype):
    x = random_terms(n, dtype, low)
    bounds = {
        naive_sum: n / 2,
        pairwise_sum: math.ceil(math.log2(n) + 1) / 2,
        kahan_sum: 1 + n * torch.finfo(dtype).eps,
    }
    for function, bound in bounds.items():
        result = function(x)
        assert result.dtype == dtype
        assert result.shape == ()
        assert error(result, x) <= bound


def test_naive_sum_adds_in_order_and_in_the_dtype():
    x = random_terms(3000, torch.float32)
    total = np.float32(0)
    for term in x.numpy():
        total = np.float32(total + term)
    assert naive_sum(x).item() == total
    assert naive_sum(torch.full((4096,), 1.0, dtype=torch.float16)) == 2048
    assert naive_sum(torch.tensor([1e16, 1.0, 1.0, -1e16], dtype=torch.float64)) == 0


def test_pairwise_sum_adds_neighbours_first():
    assert pairwise_sum(torch.full((4096,), 1.0, dtype=torch.float16)) == 4096
    assert pairwise_sum(torch.tensor([1e16, 1.0, 1.0, -1e16], dtype=torch.float64)) == 0
    assert pairwise_sum(torch.tensor([1e16, -1e16, 1.0, 1.0, 3.0], dtype=torch.float64)) == 5


def test_kahan_sum_keeps_what_rounding_takes():
    assert kahan_sum(torch.full((4096,), 1.0, dtype=torch.float16)) == 4096
    assert kahan_sum(torch.tensor([1e16, 1.0, 1.0, -1e16], dtype=torch.float64)) == 2
    assert kahan_sum(torch.full((10_000,), 0.1)) == torch.tensor(10_000 * 0.1)


@each("dtype", DTYPES)
@each("function", SUMS)
def test_extremes(function, dtype):
    info = torch.finfo(dtype)
    smallest = info.smallest_normal * info.eps
    empty = function(torch.empty(0, dtype=dtype))
    assert (empty.item(), empty.dtype, empty.shape) == (0, dtype, ())
    assert function(torch.full((5,), smallest, dtype=dtype)).item() == 5 * smallest
    assert function(torch.tensor([info.max, info.max], dtype=dtype)) == torch.inf
    assert function(torch.tensor([1.0, torch.inf], dtype=dtype)) == torch.inf
    assert function(torch.tensor([torch.inf, -torch.inf], dtype=dtype)).isnan()
    assert function(torch.tensor([1.0, torch.nan, 1.0], dtype=dtype)).isnan()


def test_only_kahan_turns_an_infinite_sum_into_nan():
    x = torch.tensor([1.0, torch.inf, 1.0])
    assert naive_sum(x) == pairwise_sum(x) == torch.inf
    assert kahan_sum(x).isnan()


@pytest.mark.parametrize("function", SUMS)
def test_the_gradient_of_a_sum_is_ones(function):
    x = random_terms(7, torch.float64).requires_grad_()
    (gradient,) = torch.autograd.grad(function(x), x)
    assert gradient.tolist() == [1.0] * 7
