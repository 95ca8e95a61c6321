"""Lengths of vectors from the smallest to the largest numbers, against Python's own."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from book.numerics.vector import dot, f64, length, norm, power_of_two

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
often = settings(max_examples=300)


@pytest.mark.long
@often
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=6), st.integers(-300, 300), st.sampled_from(DTYPES))
def test_a_length_is_right_at_every_scale(entries, power, dtype):
    v = torch.tensor([entry * 10.0**power for entry in entries], dtype=dtype)
    exact = math.hypot(*v.double().tolist())
    info = torch.finfo(dtype)
    near = pytest.approx(exact, rel=8 * info.eps, abs=info.smallest_normal * info.eps)
    assert length(v).item() == near or exact > info.max * (1 - 8 * info.eps)
    assert torch.equal(length(v[None], dim=1), length(v)[None])


def test_a_length_of_what_is_not_finite_or_not_there():
    assert length(f64(3, math.inf)) == math.inf
    assert length(f64(3, math.nan)).isnan()
    assert length(f64()) == 0
    assert length(torch.zeros(2, 3), dim=1).tolist() == [0, 0]


def test_a_length_has_the_derivative_of_a_norm():
    for v in (f64(3, 4), f64(1e-200, 0), f64(1e200, 1e200)):
        slope = torch.func.grad(length)(v)
        torch.testing.assert_close(slope, v / v.abs().max() / (v / v.abs().max()).norm())


@pytest.mark.long
@pytest.mark.parametrize("dtype", DTYPES)
@given(entries=st.lists(st.floats(-1, 1), min_size=1, max_size=4), power=st.integers(-40, 40))
def test_products_and_scales_hold_at_every_size_of_the_dtype(dtype, entries, power):
    v = torch.tensor([entry * 2.0**power for entry in entries], dtype=dtype)
    if not v.isfinite().all():
        return
    exact = math.fsum(entry**2 for entry in v.tolist())
    assert dot(v, v) == pytest.approx(exact, rel=1e-12)
    assert norm(v) == pytest.approx(math.sqrt(exact), rel=1e-12)
    scale = power_of_two(v)
    assert math.frexp(scale)[0] == 0.5
    if v.abs().max() >= torch.finfo(dtype).smallest_normal:
        assert 0.5 <= (v / scale).abs().max() <= 2


def test_a_scale_is_1_where_there_is_none():
    for entries in ([0.0, 0.0], [math.inf, 1.0], [math.nan]):
        assert power_of_two(torch.tensor(entries)) == 1
