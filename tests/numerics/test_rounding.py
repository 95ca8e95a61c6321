"""Rounding to fewer bits against torch's own casts, exact fractions, and the law of large numbers."""

import math
from fractions import Fraction

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from book.numerics import round_stochastically, round_to
from tests.cases import each

EVERY_FLOAT16 = torch.arange(-(2**15), 2**15).to(torch.int16).view(torch.float16)
STORED = {torch.float16: 10, torch.bfloat16: 7, torch.float32: 23, torch.float64: 52}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.dtype == b.dtype and torch.equal(a.nan_to_num(-1, -2, -3), b.nan_to_num(-1, -2, -3))


def gap_at(number: float, kept: int) -> Fraction:
    """The distance between float32 of so few bits of fraction, at and above a number."""
    return Fraction(2) ** (max(math.frexp(number)[1] - 1, -126) - kept)


def floats(count: int = 200_000) -> torch.Tensor:
    """float32 of every pattern, by chance: of each size, subnormal, inf and nan among them."""
    patterns = torch.randint(-(2**31), 2**31, (count,), generator=seeded())
    return patterns.to(torch.int32).view(torch.float32)


def test_seven_bits_of_a_float32_are_torchs_bfloat16():
    x = torch.cat([floats(), torch.tensor([0.0, -0.0, torch.inf, -torch.inf, torch.nan, 3.4e38])])
    assert same(round_to(x, 7), x.bfloat16().float())


def test_ten_bits_of_a_float32_are_torchs_float16_where_float16_is_normal():
    x = torch.randn(200_000, generator=seeded()).clamp(-6e4, 6e4)
    x = x[x.abs() >= 2.0**-14]
    assert same(round_to(x, 10), x.half().float())


@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.integers(0, 23))
@example(3.4028234663852886e38, 23)
@example(0.0, 0)
def test_the_result_is_a_nearest_number_with_so_few_bits(number, kept):
    x = torch.tensor(number)
    rounded = round_to(x, kept)
    gap = gap_at(number, kept)
    if rounded.isfinite():
        assert abs(Fraction(rounded.item()) - Fraction(number)) <= gap / 2
        assert (Fraction(rounded.item()) / gap).denominator == 1


@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.integers(0, 23), st.integers(0, 99))
def test_chance_chooses_one_of_the_two_neighbours(number, kept, seed):
    x = torch.tensor(number)
    gap = gap_at(number, kept)
    rounded = round_stochastically(x, kept, seeded(seed))
    if rounded.isfinite():
        assert abs(Fraction(rounded.item()) - Fraction(number)) < gap
        assert (Fraction(rounded.item()) / gap).denominator == 1


@each("dtype", STORED)
@each("way", [round_to, round_stochastically])
def test_what_is_exact_stays_and_so_do_inf_and_nan(way, dtype):
    x = torch.tensor([0.0, -0.0, 1.0, -2.0, 1.5, torch.inf, -torch.inf, torch.nan], dtype=dtype)
    assert same(way(x, 1), x)
    assert torch.equal(way(x, 1).signbit()[:4], x.signbit()[:4])
    whole = EVERY_FLOAT16.to(dtype) if dtype != torch.bfloat16 else floats().bfloat16()
    assert same(way(whole, STORED[dtype]), whole)


@pytest.mark.parametrize("dtype", STORED)
def test_ties_go_to_even(dtype):
    x = torch.tensor([1.25, 1.75, -1.25, -1.75, 2.5, 3.5], dtype=dtype)
    assert round_to(x, 1).tolist() == [1.0, 2.0, -1.0, -2.0, 2.0, 4.0]


@each("dtype", STORED)
@each("part", [0.125, 0.5, 0.75])
def test_the_mean_of_chance_is_the_number(part, dtype):
    x = torch.full((40_000,), 1 + part / 8, dtype=dtype)
    for sign in (1, -1):
        up = (round_stochastically(sign * x, 3, seeded()).double().abs() > 1).double().mean()
        assert abs(up - part) < 5 * (part * (1 - part) / len(x)) ** 0.5


def test_two_seeds_differ_and_one_seed_repeats():
    x = torch.rand(1000, generator=seeded())
    first, again, other = (round_stochastically(x, 4, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("way", [round_to, round_stochastically])
def test_shapes_strides_and_gradients(way):
    x = torch.rand(4, 6, generator=seeded(), requires_grad=True)
    assert way(x.T, 3).shape == (6, 4)
    assert not way(x, 3).requires_grad
    assert way(torch.empty(0, 3), 3).shape == (0, 3)
    if way is round_to:
        assert torch.equal(way(x.T, 3), way(x, 3).T)


@pytest.mark.parametrize("way", [round_to, round_stochastically])
def test_what_is_refused(way):
    with pytest.raises(TypeError, match=r"takes a tensor and got float"):
        way(1.0, 3)
    for bits in (-1, 24, 2.5):
        with pytest.raises(ValueError, match="fraction"):
            way(torch.ones(2), bits)


def test_a_view_with_torchs_negative_bit_is_rounded_too():
    view = torch.tensor([1 + 2.003j]).conj().imag
    assert view.is_neg()
    assert torch.equal(round_to(view, 7), round_to(view.clone().resolve_neg(), 7))
