"""ulp and bits against every float16 and bfloat16, numpy and struct; the depths against exact powers."""

import math
import struct
from fractions import Fraction

import numpy as np
import pytest
import torch

from book.numerics import Bits, bits, overflow_depth, ulp, vanishing_depth
from tests.cases import each

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
PATTERNS = torch.arange(-(2**15), 2**15).to(torch.int16)
SPREAD = torch.cat(
    [torch.logspace(-320, 308, 500, dtype=torch.float64), torch.tensor([0.0, 1.0, 2.0, 5e-324])]
)


def numpy_spacing(x: torch.Tensor) -> torch.Tensor:
    with np.errstate(over="ignore", invalid="ignore"):
        return torch.from_numpy(np.spacing(np.abs(x.numpy())))


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.dtype == b.dtype and torch.equal(a.nan_to_num(-1, -2), b.nan_to_num(-1, -2))


def test_ulp_is_numpys_for_every_float16():
    x = PATTERNS.view(torch.float16)
    assert same(ulp(x), numpy_spacing(x))


def test_ulp_is_the_step_to_the_next_pattern_for_every_bfloat16():
    x = PATTERNS.view(torch.bfloat16).abs()
    following = (x.view(torch.int16) + 1).view(torch.bfloat16)
    finite = x.isfinite()
    assert same(ulp(x)[finite], (following.double() - x.double())[finite].bfloat16())
    assert ulp(x)[~finite].isnan().all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_ulp_is_numpys_in_the_long_dtypes(dtype):
    edges = torch.tensor([torch.finfo(dtype).max, torch.inf, -torch.inf, torch.nan], dtype=dtype)
    x = torch.cat([SPREAD.to(dtype), -SPREAD.to(dtype), edges])
    assert same(ulp(x), numpy_spacing(x))


def test_ulp_of_nothing_and_under_autograd():
    assert ulp(torch.empty(0, 3)).shape == (0, 3)
    assert not ulp(torch.tensor(1.0, requires_grad=True)).requires_grad


@pytest.mark.long
def test_bits_of_every_float16():
    for pattern, value in zip(PATTERNS.tolist(), PATTERNS.view(torch.float16).tolist(), strict=True):
        got = bits(value, torch.float16)
        if math.isnan(value):
            assert got.kind == "nan"
            assert math.isnan(got.value)
        else:
            word = f"{pattern % 2**16:016b}"
            assert (got.sign, got.exponent, got.fraction) == (word[0], word[1:6], word[6:])
            assert struct.pack("d", got.value) == struct.pack("d", value)


@pytest.mark.long
def test_bits_of_every_bfloat16():
    for pattern in range(2**16):
        word = f"{pattern:016b}"
        (value,) = struct.unpack(">f", struct.pack(">HH", pattern, 0))
        fields = Bits(word[0], word[1:9], word[9:])
        assert struct.pack("d", fields.value) == struct.pack("d", value) or math.isnan(value)
        assert math.isnan(fields.value) == math.isnan(value)
        assert math.isnan(value) or bits(value, torch.bfloat16) == fields


@pytest.mark.long
def test_bits_rounds_halves_to_even_between_any_two_float16():
    x = np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(np.float64)
    middle = (x[1:] + x[:-1]) / 2
    around = np.concatenate(
        [middle, np.nextafter(middle, 0), np.nextafter(middle, np.inf), [65519.99, 65520, 1e300]]
    )
    with np.errstate(over="ignore"):
        expected = around.astype(np.float16).astype(np.float64)
    assert [bits(v, torch.float16).value for v in around.tolist()] == expected.tolist()


def test_bits_rounds_once_where_a_tensor_rounds_twice():
    value = 1 + 2**-11 + 2**-40
    assert torch.tensor(value, dtype=torch.float16).item() == 1.0
    assert bits(value, torch.float16).value == 1 + 2**-10


@pytest.mark.parametrize(("dtype", "code"), [(torch.float32, ">f"), (torch.float64, ">d")])
def test_bits_is_structs_in_the_long_dtypes(dtype, code):
    edges = [math.inf, -math.inf, -0.0, 0.1, 5e-324, 2**-149, 2**-150, 1.5 * 2**-150, torch.finfo(dtype).max]
    for value in [*edges, *(v for v in (-SPREAD).tolist() if -torch.finfo(dtype).max <= v)]:
        word = "".join(f"{byte:08b}" for byte in struct.pack(code, value))
        got = bits(value, dtype)
        assert got.sign + got.exponent + got.fraction == word
        assert got.value == struct.unpack(code, struct.pack(code, value))[0]


def test_bits_rounds_to_the_nearest_bfloat16():
    for value in (0.1, 1 / 3, math.pi, 3.3e38, 1e-40, 1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-8 + 2**-40):
        floats = PATTERNS.view(torch.bfloat16).double()
        near = [Fraction(v) for v in floats[(floats > value / 2) & (floats < 2 * value)].tolist()]
        gap = min(abs(v - Fraction(value)) for v in near)
        got = bits(value, torch.bfloat16)
        assert abs(Fraction(got.value) - Fraction(value)) == gap
        ties = {v for v in near if abs(v - Fraction(value)) == gap}
        assert len(ties) == 1 or got.fraction[-1] == "0"


@pytest.mark.parametrize("dtype", DTYPES)
def test_kinds(dtype):
    info = torch.finfo(dtype)
    kinds = {
        0.0: "zero",
        info.smallest_normal * info.eps: "subnormal",
        info.smallest_normal: "normal",
    }
    kinds |= {info.max: "normal", math.inf: "inf", -math.inf: "inf", math.nan: "nan"}
    assert {value: bits(value, dtype).kind for value in kinds} == kinds
    assert bits(info.smallest_normal * info.eps / 2, dtype).kind == "zero"
    assert bits(-0.0, dtype).sign == "1"


def test_bits_prints_its_fields():
    assert str(bits(-1.5, torch.bfloat16)) == "1 01111111 1000000"


def depth_by_products(factor: float, dtype: torch.dtype) -> tuple[int, float]:
    """Multiply until nothing changes any more; give the number of steps and the last product."""
    factor, product = torch.tensor([factor, 1.0], dtype=dtype)
    steps = 0
    while not torch.equal(following := product * factor, product):
        product, steps = following, steps + 1
    return steps, product.item()


@each("dtype", DTYPES)
@each("factor", [0.5, 0.25, 0.001, 0.3, -0.3, 0.6, 0.9, 0.97])
def test_vanishing_depth_is_that_of_the_exact_power(factor, dtype):
    half = Fraction(torch.finfo(dtype).smallest_normal * torch.finfo(dtype).eps) / 2
    n = vanishing_depth(factor, dtype)
    assert abs(Fraction(factor)) ** n <= half < abs(Fraction(factor)) ** (n - 1)


@each("dtype", DTYPES)
@each("factor", [2.0, 4.0, 1.5, 3.0, -3.0, 10.0, 1.1, 60000.0])
def test_overflow_depth_is_that_of_the_exact_power(factor, dtype):
    top = Fraction(torch.finfo(dtype).max)
    limit = top + (Fraction(2) ** math.frexp(float(top))[1] - top) / 2
    n = overflow_depth(factor, dtype)
    assert abs(Fraction(factor)) ** n >= limit > abs(Fraction(factor)) ** (n - 1)


@pytest.mark.parametrize("dtype", DTYPES)
def test_depths_agree_with_rounded_products_for_powers_of_two(dtype):
    for factor in (0.5, 0.25, 0.125):
        assert depth_by_products(factor, dtype) == (vanishing_depth(factor, dtype), 0.0)
    for factor in (2.0, 4.0, 8.0):
        assert depth_by_products(factor, dtype) == (overflow_depth(factor, dtype), math.inf)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_vanishing_depth_is_within_one_step_of_the_rounded_product_for_every_factor_up_to_a_half(dtype):
    factors = PATTERNS.view(dtype)
    factors = factors[(factors > 0.001) & (factors <= 0.5)]
    product, steps = torch.ones_like(factors), torch.zeros(len(factors), dtype=torch.int64)
    while product.any():
        product, steps = product * factors, steps + (product > 0)
    predicted = torch.tensor([vanishing_depth(factor, dtype) for factor in factors.tolist()])
    assert (steps - predicted).abs().max() == 1
    assert (steps == predicted).double().mean() > 0.95


@each("dtype", DTYPES)
@each("factor", [1.1, 1.5, 3.0, 7.3, 10.0])
def test_overflow_depth_is_within_one_step_of_the_rounded_product(factor, dtype):
    held = torch.tensor(factor, dtype=dtype).item()
    steps, last = depth_by_products(held, dtype)
    assert last == math.inf
    assert abs(steps - overflow_depth(held, dtype)) <= 1


def test_overflow_depth_near_one_in_a_short_dtype_is_not_the_rounded_products():
    assert overflow_depth(1.0078125, torch.bfloat16) == 11401
    assert depth_by_products(1.0078125, torch.bfloat16) == (12288, math.inf)


@each("dtype", DTYPES)
@each("factor", [0.6, 0.75, 0.9])
def test_a_rounded_product_with_a_factor_above_a_half_stops_at_a_subnormal(factor, dtype):
    smallest = torch.finfo(dtype).smallest_normal * torch.finfo(dtype).eps
    _, last = depth_by_products(factor, dtype)
    assert 0 < last <= smallest / (2 * (1 - factor)) + smallest
