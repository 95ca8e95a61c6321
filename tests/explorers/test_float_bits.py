"""Float bits, the widget: which texts it takes for a number."""

import random

import pytest
import traitlets

from book.explorers import FloatBits
from book.explorers.float_bits.widget import readable
from tests.cases import each

GOOD = [
    "0.1",
    "-1/3",
    "2**-24",
    "2^10",
    ".5",
    "5.",
    "1E+3",
    "1 / 4",
    "+1e-8",
    "nan",
    "-inf",
    "Infinity",
    "- 1",
]
GOOD += ["nan 0x7e01", "0/5", "1/0.01", "1e-2000", "2**2000", "0" * 400]
BAD = [
    "",
    "abc",
    "--1",
    "1/0",
    "1/0e5",
    "1/2/3",
    "0x10",
    "1e99999",
    "1e2001",
    "2**9999",
    "2**2001",
    "1_000",
    "1,5",
]
BAD += ["nan 0xz", "nan 0x" + "1" * 17, "١", "+-inf", ".", "/2", "1/", "0" * 401, "1 2"]


@each("text", GOOD)
def test_numbers_are_taken_as_typed(text):
    assert FloatBits(text).value == text


def test_spaces_around_a_number_go():
    assert FloatBits("  1  /  4 ").value == "1 / 4"


@each("text", BAD)
def test_what_is_no_number_is_refused_in_words(text):
    with pytest.raises(traitlets.TraitError, match=r"is not a number this explorer reads. Try 0.1"):
        FloatBits(text)


def test_how_python_prints_a_float_is_read():
    draw = random.Random(1)
    for text in (repr(draw.uniform(-1, 1) * 10.0 ** draw.randint(-300, 300)) for _ in range(100)):
        assert readable(text) == text
