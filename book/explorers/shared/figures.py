"""Numbers as the explorers write them: the other half of js/figures.js, string for string."""

import math
from decimal import ROUND_HALF_UP, Context, Decimal


def tidy(x: float, digits: int = 4) -> str:
    """Write a number with so many significant digits, ties away from zero; far from 1 with a power of ten.

    Examples:
        >>> tidy(1 / 3), tidy(-2.0), tidy(1.5e-7, 2), tidy(float("inf"))
        ('0.3333', '−2.000', '1.5·10^-7', '∞')
    """
    if math.isnan(x):
        return "undefined"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    kept = Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(Decimal(x))
    power = kept.adjusted() if kept else 0
    if x != 0 and (power < -3 or power > 5):
        text = f"{kept.scaleb(-power):.{digits - 1}f}·10^{power}"
    else:
        places = max(0, digits - 1 - power)
        text = str(Decimal(x).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
    return text.replace("-", "−", 1) if x < 0 else text.removeprefix("-")


def plain(x: float, digits: int = 4) -> str:
    """The same without zeros at the end: for a sentence.

    Examples:
        >>> plain(0.5), plain(-2.0), plain(3e8)
        ('0.5', '−2', '3·10^8')
    """
    mantissa, times, power = tidy(x, digits).partition("·")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + times + power
