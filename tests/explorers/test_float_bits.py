"""Float bits: what is typed is read exactly, every line says what torch and IEEE 754 say."""

import math
import random
from fractions import Fraction

import pytest
import torch

from book.explorers.float_bits.typed import parse
from book.explorers.float_bits.widget import readout
from book.explorers.shared.formats import FORMATS


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0.1", Fraction(1, 10)),
        (" +1e-8 ", Fraction(1, 10**8)),
        ("-1/3", Fraction(1, 3)),
        ("2**-24", Fraction(1, 2**24)),
        ("2^10", Fraction(1024)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("1E+3", Fraction(1000)),
        ("1 / 4", Fraction(1, 4)),
    ],
)
def test_numbers_are_read_exactly(text, size):
    assert parse(text).size == size
    assert parse(text).negative == text.strip().startswith("-")


WRONG = ["", "abc", "--1", "1/0", "1/2/3", "0x10", "1e99999", "2**9999", "1_000", "1,5", "nan 0xz", "١"]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_number_is_refused_in_words(text):
    with pytest.raises(ValueError, match="Try 0"):
        parse(text)


STORIES = [
    ("0.1", "float16", "0.1 is not a float16. The nearest one is 0.0999755859375, 0.4 of a spacing away."),
    (
        "0.1",
        "float64",
        "The nearest one is 0.10000000000000000555, 0.4 of a spacing away.",
    ),
    ("2049", "float16", "2049 lies exactly halfway between 2050.0 and 2048.0. The tie goes"),
    ("-2051", "float16", "-2051 lies exactly halfway between -2050.0 and -2052.0. The tie goes"),
    ("65519.99", "float16", "65519.99 is not a float16. The nearest one is 65504"),
    (
        "65520",
        "float16",
        "65520 overflows. float16 ends at 65504.0; from 65520 on, everything rounds to inf",
    ),
    (
        "-1e39",
        "float32",
        "float32 ends at -3.4028234663852886e+38; from -3.4028235677973366e+38 on",
    ),
    ("1e-8", "float16", "1e-8 underflows."),
    ("2**-25", "float16", "2**-25 underflows."),
    ("3/2", "bfloat16", "3/2 is a bfloat16: it is stored without error."),
    ("5.96e-8", "float16", "It is subnormal: 1 of 11 significant bits are left."),
    ("inf", "float32", "Infinity: the exponent is all ones and the fraction is zero."),
    ("nan", "float32", "Not a number: the exponent is all ones"),
]


@pytest.mark.parametrize(("text", "dtype", "story"), STORIES)
def test_the_story_names_what_happened(text, dtype, story):
    assert story in readout(text, dtype)["story"]


@pytest.mark.parametrize("dtype", FORMATS)
def test_neighbours_and_limits_are_torchs(dtype):
    kind, draw = getattr(torch, dtype), random.Random(3)
    info = torch.finfo(kind)
    texts = [repr(draw.uniform(-9, 9) * 10.0 ** draw.randint(-9, 3)) for _ in range(100)]
    for text in [*texts, "0", "-0", repr(-info.tiny)]:
        shown, x = readout(text, dtype), torch.tensor(float(text), dtype=kind)
        assert shown["python"] == str(x.item())
        for key, end in (("below", -math.inf), ("above", math.inf)):
            assert shown[key] == str(torch.nextafter(x, torch.tensor(end, dtype=kind)).item())
    assert float(shown["largest"]) == info.max
    assert float(shown["smallest_normal"]) == info.smallest_normal
    assert float(shown["smallest_subnormal"]) == torch.nextafter(x * 0, x.abs()).item()


def test_beyond_the_infinities_there_is_nothing():
    shown = readout("inf", "float16")
    assert (shown["below"], shown["above"], shown["spacing"]) == ("65504.0", "none", "none")
    assert readout("nan", "float16")["below"] == "none"


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("nan", "0 11111 1000000000"),
        ("-nan 0x7c01", "1 11111 0000000001"),
        ("nan 0x1", "0 11111 1000000000"),
        ("-0", "1 00000 0000000000"),
        ("-inf", "1 11111 0000000000"),
    ],
)
def test_special_values_keep_their_bits(text, bits):
    assert readout(text, "float16")["bits"] == bits


def test_the_parts_multiply_to_the_value():
    for text in ("0.1", "-300", "1e-7", "6e-8", "0"):
        shown = readout(text, "float16")
        power = 2.0 ** int(shown["power"].removeprefix("2^"))
        assert float(shown["sign"] + "1") * power * float(shown["significand"]) == float(shown["exact"])
