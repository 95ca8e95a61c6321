"""The names of the four floating-point formats, and numbers written with so many significant digits."""

import json
from fractions import Fraction
from pathlib import Path

FORMATS = tuple(json.loads(Path(__file__).with_name("formats.json").read_text("utf-8")))


def significant(value: Fraction | float, digits: int) -> str:
    """Write a number with so many significant digits, ties to even, as Python's format `g` does.

    Examples:
        >>> significant(Fraction(1, 3), 4), significant(6.1035e-05, 3), significant(float("-inf"), 4)
        ('0.3333', '6.1e-05', '-inf')
    """
    if value in (float("inf"), float("-inf")) or value != value:
        return str(value)
    size = abs(Fraction(value))
    if size == 0:
        return "0"
    exponent = decimal_exponent(size)
    kept = round(size / Fraction(10) ** (exponent - digits + 1))
    exponent += kept == 10**digits
    return ("-" if value < 0 else "") + lay_out(str(kept).rstrip("0"), exponent, digits)


def decimal_exponent(value: Fraction) -> int:
    """Return the e with 10**e ≤ value < 10**(e+1)."""
    guess = len(str(value.numerator)) - len(str(value.denominator))
    return guess if Fraction(10) ** guess <= value else guess - 1


def lay_out(digits: str, exponent: int, plain_below: int) -> str:
    """Place the point: plain where -4 ≤ exponent < plain_below, with an exponent elsewhere."""
    if -4 <= exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    if 0 <= exponent < plain_below:
        whole, rest = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
        return f"{whole}.{rest}" if rest else whole
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
