"""Reading an explorer's sentences: the numbers in them, held against computed ones."""

import math
import re
from decimal import Decimal
from fractions import Fraction

NUMBER = re.compile(r"(?<![\w.])[-−]?(?:\d+(?:\.\d+)?(?:e[+−-]?\d+|·10\^-?\d+)?|inf\b|∞)")


def numbers_in(text: str) -> list[str]:
    """Return the numbers of a sentence as they are written; digits within a name, such as float16, are none.

    Examples:
        >>> numbers_in("exp(1000) is 3.4e+38 in float32, −2·10^-5 or -inf.")
        ['1000', '3.4e+38', '−2·10^-5', '-inf']
    """
    return NUMBER.findall(text)


def read(text: str) -> Fraction | float:
    """Return a written number exactly; infinities and nan as floats."""
    text = text.replace("−", "-").replace("·10^", "e").replace("∞", "inf")
    return Fraction(text) if re.search(r"\d", text) else float(text)


def agrees(text: str, value: Fraction | float, digits: int) -> bool:
    """Tell whether a written number is the value, rounded to so many significant digits, and no longer.

    Examples:
        >>> [agrees(text, Fraction(1, 3), 4) for text in ("0.3333", "0.333", "0.33333")]
        [True, False, False]
        >>> agrees("−inf", -math.inf, 4)
        True
    """
    shown = read(text)
    if isinstance(value, float) and not math.isfinite(value):
        return shown == value or (math.isnan(value) and shown != shown)
    exact = Fraction(value)
    decimal = Decimal(exact.numerator) / Decimal(exact.denominator)
    last_place = Fraction(10) ** (decimal.adjusted() - digits + 1) if exact else 0
    whole, point, behind = re.match(r"[−-]?(\d*)(\.?)(\d*)", text).groups()
    short = not point or len((whole + behind).lstrip("0")) <= digits
    return short and abs(shown - exact) <= last_place * Fraction(500_001, 1_000_000)


def is_expansion(text: str, value: Fraction, most: int) -> bool:
    """Tell whether a text is a binary fraction in full, or its first digits and how many there are.

    Examples:
        >>> is_expansion("0.125", Fraction(1, 8), 20), is_expansion("0.12… (3 digits)", Fraction(1, 8), 2)
        (True, True)
    """
    if "…" not in text:
        return Fraction(text) == value
    shown, count = text.removesuffix(" digits)").split(" (")
    mantissa, power = shown.split("…")
    exponent = int(power.removeprefix(" × 10^") or 0)
    unit = Fraction(10) ** (exponent - len(mantissa.partition(".")[2]))
    cut = abs(value) // unit * unit == abs(Fraction(mantissa)) * Fraction(10) ** exponent
    whole = abs(value).numerator * 5 ** (value.denominator.bit_length() - 1)
    digits = len(mantissa.replace(".", "").lstrip("-0"))
    return cut and digits == most and int(count) == len(str(whole).rstrip("0"))
