"""Numbers as typed in each format, and what the browser computes and writes for them."""

import random
import struct
from fractions import Fraction

import torch

from book.explorers import FloatBits
from book.explorers.shared.formats import FORMATS
from tests.browser.computed import computed

TELLING = [
    "0.1",
    "1/3",
    "2049",
    "65504",
    "65519.99",
    "65520",
    "1e-7",
    "5.96e-8",
    "1e-8",
    "nan",
    "inf",
    "-inf",
]
TELLING += ["-nan 0x7c01", "0", "-0", "2**-24", "2**-25", "5e-324", "2.5e-324", "1e400", "1e-400", "-1e39"]
TELLING += ["1.7976931348623158e308", "1.7976931348623159e308", "9007199254740993", "1e22", "1e16", "-2051"]
TELLING += ["nan 0x1", "3/2", " +1e-8 ", "2^10", ".5", "5.", "1E+3", "1 / 4", "-300", "6e-8"]


def float_states() -> list[tuple[str, str]]:
    """Numbers as typed, in each format: the telling ones and hundreds of random sizes."""
    draw, states = random.Random(4), []
    for dtype in FORMATS:
        near = [draw.uniform(-10, 10) * 10.0 ** draw.randint(-9, 6) for _ in range(60)]
        near = [f"{x:.{draw.randint(1, 17)}g}" for x in near]
        wide = [repr(struct.unpack("d", draw.randbytes(8))[0]) for _ in range(30)]
        ties = [f"{2 * draw.randint(1024, 2047) + 1}" for _ in range(10)]
        ends = [repr(-torch.finfo(getattr(torch, dtype)).tiny)]
        states += [(text, dtype) for text in [*TELLING, *near, *wide, *ties, *ends]]
    return states


def shown_floats(browser) -> dict[tuple[str, str], tuple[dict, dict]]:
    """Return for each state what the browser computes, and what it writes."""
    states = [{"value": value, "dtype": dtype} for value, dtype in float_states()]
    return dict(zip(float_states(), computed(browser, FloatBits.tag, states), strict=True))


def fraction(pair: dict) -> Fraction:
    return Fraction(pair["n"], pair["d"])
