"""What a sentence says, held against the numbers it is about."""

import math
import re
from collections.abc import Sequence
from fractions import Fraction

_NUMBER = re.compile(r"(?<![\w.])[−-]?(?:\d+(?:\.\d+)?(?:e[+−-]?\d+|·10\^-?\d+)?|inf\b|∞)")
_SLACK = Fraction(500_001, 1_000_000)  # half a unit, and what a computed number's own rounding may shift


def numbers_in(text: str) -> list[str]:
    """Return the numbers of a text, as they are written; digits within a name, such as float16, are none.

    Examples:
        >>> numbers_in("It falls by −0.25, then by 1.5·10^-7: 2 steps. A minus sign 3 − 1 is none of them.")
        ['−0.25', '1.5·10^-7', '2', '3', '1']
        >>> numbers_in("exp(1000) is 3.4e+38 in float32, or -inf.")
        ['1000', '3.4e+38', '-inf']
    """
    return _NUMBER.findall(text)


def value_of(text: str) -> Fraction | float:
    """Return the number that a text stands for, exactly; infinities and nan as floats.

    Examples:
        >>> value_of("−0.25"), value_of("1.5·10^-7") == Fraction("1.5e-7"), value_of("∞")
        (Fraction(-1, 4), True, inf)
    """
    text = text.replace("−", "-").replace("·10^", "e").replace("∞", "inf")
    return Fraction(text) if re.search(r"\d", text) else float(text)


def rounds(text: str, number: Fraction | float, digits: int | None = None, places: int | None = None) -> bool:
    """Return whether a text is a number rounded to so many significant digits, or places behind the point.

    Examples:
        >>> rounds("0.3333", 1 / 3, digits=4), rounds("0.3334", 1 / 3, digits=4), rounds("0.5", 0.50004, digits=4)
        (True, False, True)
        >>> rounds("1720", 1719.6, digits=3), rounds("1720", 1719.4, digits=3)  # to the unit at least
        (True, False)
        >>> rounds("1.20", 1.2, places=2), rounds("1.2", 1.2, places=2), rounds("∞", float("inf"), digits=4)
        (True, False, True)
        >>> rounds("0.33333", Fraction(1, 3), digits=4), rounds("nan", math.nan, digits=4)
        (False, True)
    """  # noqa: E501
    shown = value_of(text)
    if isinstance(number, float) and not math.isfinite(number):
        return shown == number or (math.isnan(number) and shown != shown)
    exact = Fraction(number)
    whole, point, behind = re.match(r"[−-]?(\d*)(\.?)(\d*)", text).groups()
    if places is not None:
        written, unit = len(behind) == places, Fraction(10) ** -places
    else:
        written = not point or len((whole + behind).lstrip("0")) <= digits
        unit = Fraction(10) ** (_exponent(exact) - digits + 1) if exact else Fraction(0)
        unit = min(Fraction(1), unit) if re.fullmatch(r"[−-]?\d+", text) else unit
    return written and abs(shown - exact) <= _SLACK * unit


def _exponent(number: Fraction) -> int:
    """Return the power of ten of the first digit that is not 0."""
    digits = len(str(abs(number.numerator))) - len(str(number.denominator))
    return digits if abs(number) >= Fraction(10) ** digits else digits - 1


def tells(text: str, wanted: Sequence[tuple[float, dict[str, int]]]) -> bool:
    """Return whether a text has exactly these numbers in this order, each as rounded as is said beside it.

    Examples:
        >>> tells("Step 3 falls by 0.667.", [(3, WHOLE), (2 / 3, {"digits": 3})])
        True
        >>> tells("Step 3 falls by 0.667.", [(2 / 3, {"digits": 3})])
        False
    """
    found = numbers_in(text)
    return len(found) == len(wanted) and all(
        rounds(one, number, **how) for one, (number, how) in zip(found, wanted, strict=True)
    )


WHOLE = {"places": 0}
