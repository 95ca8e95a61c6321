"""Reading an answer as a number, and when two numbers count as one; `js/exercise.js` mirrors this file."""

import math
import re
from typing import Any

from book.exercises.results import tensor

# What JavaScript's `\s` and `trim` take for a space; Python's own differ in seven characters.
SPACE = "[\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+"
_DECIMAL = r"((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)"
_FACTOR = re.compile(rf"([+-]?)(?:{_DECIMAL}(?:\^([+-]?){_DECIMAL})?|(inf|infinity|∞|nan))")

SLIPS = (
    ((-1,), "The size is right, the sign is not."),
    ((2, 1 / 2), "You are off by a factor of two."),
    ((10, 1 / 10, 100, 1 / 100, 1000, 1 / 1000), "The digits are right, the power of ten is not."),
    (
        (math.log(10), 1 / math.log(10)),
        "You are off by a factor of ln 10 ≈ 2.303: `log` has base e, `log10` has base ten.",
    ),
    (
        (math.log(2), 1 / math.log(2)),
        "You are off by a factor of ln 2 ≈ 0.693: `log` has base e, `log2` has base two.",
    ),
)


def is_blank(answer: object) -> bool:
    """Whether an answer is still the placeholder: `...` in a notebook, an empty field on the page.

    Examples:
        >>> is_blank(...), is_blank(" "), is_blank(None), is_blank(0)
        (True, True, False, False)
    """
    return answer is ... or (isinstance(answer, str) and not trimmed(answer))


def trimmed(text: str) -> str:
    """Return a text without the spaces around it.

    Examples:
        >>> trimmed(" B ")
        'B'
    """
    return re.sub(f"^{SPACE}|{SPACE}$", "", text)


def read_number(answer: Any) -> float | None:
    """Return an answer as a float, or None where it is not one number.

    A number is whatever `tensor` reads as a single one, but no bool and no list. A text is a decimal, a
    power, a product or a quotient, with a decimal point: "1,500" is 1.5 to some readers and 1500 to others,
    so a comma is refused.

    Examples:
        >>> read_number("2^-10"), read_number("3 × 10^2"), read_number("−1/4"), read_number("1,5")
        (0.0009765625, 300.0, -0.25, None)
    """
    if isinstance(answer, str):
        return _read_text(answer)
    if isinstance(answer, bool | list | tuple | range) or str(getattr(answer, "dtype", "")).endswith("bool"):
        return None
    try:
        value = tensor(answer)
    except OverflowError:
        return math.inf if answer > 0 else -math.inf
    except Exception:  # what an object of anybody's raises when it is asked for its number
        return None
    return value.item() if value.numel() == 1 else None


def _read_text(text: str) -> float | None:
    text = re.sub(SPACE, "", text.lower()).replace("−", "-").replace("**", "^")
    first, *rest = re.split(r"([*/])", re.sub("[×·]", "*", text))
    value = _read_factor(first)
    for operator, piece in zip(rest[::2], rest[1::2], strict=True):
        factor = _read_factor(piece)
        if value is None or factor is None:
            return None
        value = value * factor if operator == "*" else _divide(value, factor)
    return value


def _read_factor(piece: str) -> float | None:
    match = _FACTOR.fullmatch(piece)
    if not match:
        return None
    sign, base, exponent_sign, exponent, name = match.groups()
    size = _power(float(base), float(f"{exponent_sign or ''}{exponent or 1}")) if base else _named(name)
    return -size if sign == "-" else size


def _named(name: str) -> float:
    return math.nan if name == "nan" else math.inf


def _power(base: float, exponent: float) -> float:
    try:
        return base**exponent
    except (OverflowError, ZeroDivisionError):
        return math.inf


def _divide(value: float, divisor: float) -> float:
    return value / divisor if divisor else math.nan


def same(value: float, target: float, rtol: float) -> bool:
    """Whether `value` is `target` within the relative tolerance; inf is only inf, nan only nan, 0 only 0.

    Examples:
        >>> same(1.009, 1, 0.01), same(1.02, 1, 0.01), same(math.nan, math.nan, 0)
        (True, False, True)
    """
    if not (math.isfinite(value) and math.isfinite(target)):
        return value == target or (math.isnan(value) and math.isnan(target))
    return abs(value - target) <= rtol * abs(target)


def slip(value: float, answer: float, rtol: float) -> str | None:
    """Return the hint for a common slip that leads from `answer` to `value`, or None.

    Examples:
        >>> slip(-3, 3, 0.01)
        'The size is right, the sign is not.'
    """
    if answer == 0 or not math.isfinite(answer):
        return None
    hints = (hint for factors, hint in SLIPS if any(same(value, answer * f, rtol) for f in factors))
    return next(hints, None)
