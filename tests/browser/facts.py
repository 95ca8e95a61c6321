"""What a sentence says, held against the numbers it is about."""

import math
import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[−-]?\d+(?:\.\d+)?(?:e[+−-]\d+|·10\^-?\d+)?|−?∞")


def numbers_in(text: str) -> list[str]:
    """Return the numbers of a text, as they are written, in their order.

    Examples:
        >>> numbers_in("It falls by −0.25, then by 1.5·10^-7: 2 steps. A minus sign 3 − 1 is none of them.")
        ['−0.25', '1.5·10^-7', '2', '3', '1']
    """
    return _NUMBER.findall(text)


def value_of(text: str) -> float:
    """Return the number that a text stands for.

    Examples:
        >>> value_of("−0.25"), value_of("1.5·10^-7"), value_of("2.5e+06"), value_of("∞")
        (-0.25, 1.5e-07, 2500000.0, inf)
    """
    return float(text.replace("−", "-").replace("·10^", "e").replace("∞", "inf"))


def rounds(text: str, number: float, digits: int | None = None, places: int | None = None) -> bool:
    """Return whether a text is a number rounded to so many significant digits, or places behind the point.

    Examples:
        >>> rounds("0.3333", 1 / 3, digits=4), rounds("0.3334", 1 / 3, digits=4), rounds("0.5", 0.50004, digits=4)
        (True, False, True)
        >>> rounds("1720", 1719.6, digits=3), rounds("1720", 1719.4, digits=3)  # to the unit at least
        (True, False)
        >>> rounds("1.20", 1.2, places=2), rounds("1.2", 1.2, places=2), rounds("∞", float("inf"), digits=4)
        (True, False, True)
    """  # noqa: E501
    if not math.isfinite(number):
        return value_of(text) == number
    if places is not None:
        written, unit = len(text.partition(".")[2]) == places, 10.0**-places
    else:
        whole, _, rest = re.match(r"[−-]?([\d.]*)", text)[1].partition(".")
        written = len((whole + rest).lstrip("0")) <= digits or not rest
        unit = 10.0 ** (math.floor(math.log10(abs(number))) - digits + 1) if number else 0.0
        unit = min(1.0, unit) if re.fullmatch(r"[−-]?\d+", text) else unit
    return written and abs(value_of(text) - number) <= 0.5000001 * unit


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
