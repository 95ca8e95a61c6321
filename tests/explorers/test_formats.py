"""The explorers' arithmetic against torch, Python's own formatting, and mpmath."""

import math
import random
import struct
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
import torch

from book import numerics
from book.explorers.shared.formats import FORMATS, Stored, exact, significant
from book.explorers.softmax_stress.elementary import exp, log

NAMES = tuple(FORMATS)
SHORT = ("float16", "bfloat16")


def dtype(name: str) -> torch.dtype:
    return getattr(torch, name)


def numbers(n: int, name: str = "float64") -> list[float]:
    """Random finite bit patterns of float64 (else of float32): every size from subnormal to huge."""
    draw, code = random.Random(0), "d" if name == "float64" else "f"
    size = struct.calcsize(code)
    words = (struct.unpack(code, draw.randbytes(size))[0] for _ in range(2 * n))
    return [x for x in words if math.isfinite(x)][:n]


def same(a: float, b: float) -> bool:
    return (a == b and math.copysign(1, a) == math.copysign(1, b)) or (math.isnan(a) and math.isnan(b))


@pytest.mark.parametrize("name", SHORT)
def test_patterns_of_a_short_format_have_torchs_value(name):
    patterns = torch.arange(-(2**15), 2**15, 5, dtype=torch.int32).to(torch.int16)
    values = patterns.view(dtype(name)).to(torch.float64).tolist()
    for word, value in zip(patterns.tolist(), values, strict=True):
        stored = Stored(FORMATS[name], word < 0, word % 2**15)
        assert same(stored.value, value)
        if math.isfinite(value):
            assert FORMATS[name].nearest(abs(Fraction(value))) == stored.rank


@pytest.mark.parametrize("name", NAMES)
def test_rounding_is_torchs(name):
    draw = random.Random(1)
    ends = [0.0, -0.0, math.inf, -math.inf]
    spread = [FORMATS["float32"].round(draw.gauss(0, 1000)) for _ in range(500)]
    wide = numbers(500, "float64" if name in ("float32", "float64") else "float32")  # torch rounds by float32
    x = torch.tensor([*wide, *spread, *ends], dtype=torch.float64)
    expected = x.to(dtype(name)).double().tolist()
    rounded = [FORMATS[name].round(value) for value in x.tolist()]
    assert all(same(a, b) for a, b in zip(rounded, expected, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_bits_and_spacing_are_those_of_numerics(name):
    form = FORMATS[name]
    for value in numbers(200, name):
        bits = numerics.bits(value, dtype(name))
        stored = Stored(form, value < 0, form.nearest(abs(Fraction(value))))
        assert int(bits.exponent + bits.fraction, 2) == stored.rank
        if stored.finite and stored.rank + 1 < form.infinity:
            spacing = numerics.ulp(torch.tensor(bits.value, dtype=dtype(name))).item()
            assert float(stored.spacing) == spacing


@pytest.mark.parametrize("digits", [1, 2, 4, 6, 17])
def test_significant_digits_are_pythons(digits):
    near = [0.5, 2.5, 1000.5, 99999.5, 9.9999996, 1e-4, 9.99995e-5, 0.0, math.inf, -math.inf, math.nan]
    for x in numbers(150) + near:
        assert significant(x, digits) == f"{x:.{digits}g}"


def test_exact_is_the_whole_expansion():
    for x in map(abs, numbers(100)):
        text = exact(Fraction(x), most=800)
        assert "…" not in text
        assert Decimal(text) == Decimal(x)
    assert exact(Fraction(1) + Fraction(1, 2**52), most=20) == "1.0000000000000002220… (53 digits)"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("function", [exp, log])
def test_exp_and_log_are_correctly_rounded(name, function):
    form, draw = FORMATS[name], random.Random(2)
    limit = 12 if name == "float16" else 800
    for x in [form.round(draw.uniform(-limit, limit) * draw.random() ** 6) for _ in range(100)]:
        x = abs(x) if function is log else x
        with mpmath.workprec(400):
            value = getattr(mpmath, function.__name__)(mpmath.mpf(x))
        assert same(function(x, form), _nearest(value, form))


def _nearest(value: mpmath.mpf, form) -> float:
    if not mpmath.isfinite(value):
        return float(value)
    sign, mantissa, exponent, _ = value._mpf_
    fraction = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    size = Stored(form, False, form.nearest(fraction)).value
    return -size if sign else size


@pytest.mark.parametrize(("x", "e", "l"), [(math.inf, math.inf, math.inf), (-math.inf, 0.0, math.nan)])
def test_exp_and_log_at_the_ends(x, e, l):  # noqa: E741
    form = FORMATS["float32"]
    assert same(exp(x, form), e)
    assert same(log(x, form), l)
    assert math.isnan(exp(math.nan, form))
    assert math.isnan(log(math.nan, form))
