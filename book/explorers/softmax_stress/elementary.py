"""exp and log in whole numbers, rounded once: the same last digit on every machine and in the browser.

Two math libraries may differ in the last bit of exp. Here both languages do the same integer arithmetic
with 160 bits after the point (`js/elementary.js` is the other half), so their results cannot differ.
"""

import math
from fractions import Fraction

from book.explorers.shared.formats import Format, binary_exponent, power_of_two

POINT = 160
ONE = 1 << POINT
FAR = 800.0  # beyond ±800 exp is inf or 0 in all four formats


def exp(x: float, form: Format) -> float:
    """Return e**x, correctly rounded to the format.

    Examples:
        >>> from book.explorers.shared.formats import FORMATS
        >>> exp(89.0, FORMATS["float32"]), exp(1.0, FORMATS["float64"]) == math.e
        (inf, True)
    """
    if math.isnan(x):
        return x
    if abs(x) > FAR:
        return math.inf if x > 0 else 0.0
    power, rest = divmod(math.floor(Fraction(x) * ONE), LOG_2)
    term = total = ONE
    n = 0
    while term:  # the Taylor series of exp
        n += 1
        term = term * rest // (ONE * n)
        total += term
    return _rounded(Fraction(total) * power_of_two(power - POINT), form)


def log(x: float, form: Format) -> float:
    """Return the natural logarithm, correctly rounded to the format; -inf at 0, nan below.

    Examples:
        >>> from book.explorers.shared.formats import FORMATS
        >>> log(0.0, FORMATS["float16"]), log(0.5, FORMATS["float64"]) == math.log(0.5)
        (-inf, True)
    """
    if x == 0:
        return -math.inf
    if not x > 0 or math.isinf(x):
        return x if x > 0 else math.nan
    power = binary_exponent(Fraction(x))
    scaled = math.floor(Fraction(x) * power_of_two(-power) * ONE)
    total = power * LOG_2 + _log_fixed(scaled)
    return _rounded(Fraction(total, ONE), form)


def _log_fixed(scaled: int) -> int:
    """Return ONE × log(s) for scaled = ONE × s and 1 ≤ s ≤ 2, by the series of 2 atanh((s - 1) / (s + 1))."""
    ratio = (scaled - ONE) * ONE // (scaled + ONE)
    power, total, n = ratio, 0, 1
    while power:
        total += power // n
        power = power * ratio // ONE * ratio // ONE
        n += 2
    return 2 * total


def _rounded(value: Fraction, form: Format) -> float:
    rank = form.nearest(abs(value))
    size = math.inf if rank >= form.infinity else float(form.magnitude(rank))
    return -size if value < 0 else size


LOG_2 = _log_fixed(2 * ONE)
