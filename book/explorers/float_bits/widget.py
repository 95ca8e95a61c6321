"""Float bits: one number in one format, bit by bit, with what rounding made of it."""

import json
import re
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.formats import FORMATS

TABLE = json.loads(Path(__file__).with_name("float-bits.json").read_text("utf-8"))
DEFAULTS = TABLE["defaults"]


def readable(text: str) -> str:
    """Return a number as it was typed, with single spaces: 0.1, -1e-8, 1/3, 2**-24, inf, nan, `nan 0x7e01`.

    Raises:
        ValueError: the text is not such a number.

    Examples:
        >>> readable(" -1  / 3 ")
        '-1 / 3'
        >>> readable("1/0")
        Traceback (most recent call last):
        ValueError: '1/0' is not a number this explorer reads. Try 0.1, 1e-8, 1/3, 2**-24, inf or nan.
    """
    text = " ".join(text.split())
    if not (_match("special", text) or _is_power(text) or _is_quotient(text)):
        raise ValueError(f"{text!r} is not a number this explorer reads. {TABLE['help']}")
    return text


def _match(kind: str, text: str) -> re.Match | None:
    return re.fullmatch(TABLE[kind], text.lower())


def _is_power(text: str) -> bool:
    power = _match("power", text)
    return bool(power) and abs(int(power[1])) <= TABLE["largestExponent"]


def _is_quotient(text: str) -> bool:
    quotient = _match("quotient", text)
    return bool(quotient) and all(map(_is_decimal, filter(None, quotient.groups())))


def _is_decimal(text: str) -> bool:
    decimal = _match("decimal", text)
    if decimal is None or len(text) > TABLE["longestDecimal"]:
        return False
    return abs(int(decimal[4] or 0)) <= TABLE["largestExponent"]


class FloatBits(Explorer):
    """Type a number or flip its bits in float16, bfloat16, float32 or float64.

    Args:
        value: the number as text, such as "0.1", "-1e-8", "1/3", "2**-24", "inf", "nan"; or a Python number.
        dtype: the format to store it in.

    Raises:
        traitlets.TraitError: the value is not a number or the dtype is none of the four.

    Examples:
        >>> FloatBits(0.1, dtype="bfloat16")
        FloatBits(value='0.1', dtype='bfloat16')
    """

    tag = "descent-float-bits"
    state = ("value", "dtype")
    fallback = (
        "Float bits: an explorer that shows the sign, exponent and fraction bits of a number, its exact "
        "value and its neighbours. It runs on the book's page and in a live notebook."
    )
    value = traitlets.Unicode(DEFAULTS["value"]).tag(sync=True)
    dtype = traitlets.Enum(FORMATS, DEFAULTS["dtype"]).tag(sync=True)

    def __init__(self, value: str | float = DEFAULTS["value"], dtype: str = DEFAULTS["dtype"], **options):
        super().__init__(value=str(value), dtype=dtype, **options)

    @traitlets.validate("value")
    def _readable(self, proposal):
        try:
            return readable(proposal["value"])
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
