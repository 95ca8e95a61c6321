"""The explorers' arithmetic, shared/floats.js, against torch, exact fractions and Python's formatting."""

import math
import random
import struct
from decimal import Decimal
from fractions import Fraction

import pytest
import torch

from book import numerics
from book.explorers import FloatBits
from book.explorers.shared.formats import FORMATS
from tests.browser.computed import evaluated

pytestmark = pytest.mark.browser

TAG = FloatBits.tag


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


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_patterns_of_a_short_format_have_torchs_value(browser, name):
    patterns = torch.arange(-(2**15), 2**15, 5, dtype=torch.int32).to(torch.int16)
    values = patterns.view(dtype(name)).to(torch.float64).tolist()
    given = [[word < 0, word % 2**15] for word in patterns.tolist()]
    value = f"given.map(([negative, rank]) => toNumber(FORMATS.{name}, negative, BigInt(rank)))"
    assert all(map(same, evaluated(browser, TAG, value, given), values))
    finite = [(abs(x), rank) for x, (_, rank) in zip(values, given, strict=True) if math.isfinite(x)]
    nearest = f"given.map((x) => Number(nearest(FORMATS.{name}, fromNumber(x))))"
    assert evaluated(browser, TAG, nearest, [x for x, _ in finite]) == [rank for _, rank in finite]


@pytest.mark.parametrize("name", FORMATS)
def test_rounding_is_torchs(run, name):
    draw = random.Random(1)
    spread = torch.tensor([draw.gauss(0, 1000) for _ in range(500)]).double().tolist()  # floats of float32
    wide = numbers(500, "float64" if name in ("float32", "float64") else "float32")  # torch rounds by float32
    x = torch.tensor([*wide, *spread, 0.0, -0.0, math.inf, -math.inf], dtype=torch.float64)
    rounded = run(TAG, f"given.map((x) => roundTo(FORMATS.{name}, x))", x.tolist())
    assert all(map(same, map(float, rounded), x.to(dtype(name)).double().tolist()))


@pytest.mark.parametrize("name", FORMATS)
def test_bits_and_spacing_are_those_of_numerics(run, name):
    stored = f"""given.map((x) => {{ const stored = store(parse(String(Math.abs(x))), FORMATS.{name});
      return [stored.rank, finite(stored) ? spacingOf(stored) : null]; }})"""
    for value, (rank, spacing) in zip(numbers(200, name), run(TAG, stored, numbers(200, name)), strict=True):
        bits = numerics.bits(value, dtype(name))
        assert int(bits.exponent + bits.fraction, 2) == rank
        if math.isfinite(bits.value) and abs(bits.value) < torch.finfo(dtype(name)).max:
            ulp = numerics.ulp(torch.tensor(bits.value, dtype=dtype(name))).item()
            assert float(Fraction(spacing["n"], spacing["d"])) == ulp


@pytest.mark.parametrize("digits", [1, 2, 4, 6, 17])
def test_significant_digits_are_pythons(run, digits):
    near = [0.5, 2.5, 1000.5, 99999.5, 9.9999996, 1e-4, 9.99995e-5, 0.0, math.inf, -math.inf, math.nan]
    given = numbers(150) + near
    assert run(TAG, f"given.map((x) => significant(x, {digits}))", given) == [
        f"{x:.{digits}g}" for x in given
    ]


def test_a_number_is_printed_as_python_prints_it(run):
    near = [
        0.0,
        -0.0,
        1.0,
        1e16,
        9999999999999998.0,
        1e22,
        1e-4,
        9.999e-5,
        -2050.0,
        5e-324,
        math.inf,
        math.nan,
    ]
    given = numbers(300) + near + [round(x, 3) for x in numbers(50, "float32") if abs(x) < 1e9]
    assert run(TAG, "given.map(pythonRepr)", given) == list(map(repr, given))


def test_exact_is_the_whole_expansion(run):
    given = list(map(abs, numbers(100)))
    for x, text in zip(
        given, run(TAG, "given.map((x) => exactText(fromNumber(x), 800))", given), strict=True
    ):
        assert "…" not in text
        assert Decimal(text) == Decimal(x)
    short = "given.map(([x, most]) => exactText(fromNumber(x), most))"
    assert run(TAG, short, [[1 + 2**-52, 20], [5e-324, 6], [0.1, 60]]) == [
        "1.0000000000000002220… (53 digits)",
        "4.94065… × 10^-324 (751 digits)",
        "0.1000000000000000055511151231257827021181583404541015625",
    ]
