"""What a reader types into the float-bits explorer, read exactly."""

import re
from dataclasses import dataclass
from fractions import Fraction

from book.explorers.shared.formats import power_of_two

LARGEST_EXPONENT = 2000
_DECIMAL = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,5})?")
_SPECIAL = {"nan": "nan", "inf": "inf", "infinity": "inf"}


@dataclass(frozen=True)
class Typed:
    """What was typed: its text, its sign, and its exact size; `size` is None for inf and nan."""

    text: str
    negative: bool
    size: Fraction | None
    special: str = ""
    payload: int = 0


def parse(text: str) -> Typed:
    """Read a number exactly: 0.1, -1e-8, 1/3, 2**-24, inf, nan, or a nan with its bits as `nan 0x7e01`.

    Raises:
        ValueError: the text is not such a number.

    Examples:
        >>> parse("1/3").size
        Fraction(1, 3)
        >>> parse("-inf").special
        'inf'
    """
    text = " ".join(text.split())
    body = text.lower().lstrip("+-")
    negative, sign_length = text.startswith("-"), len(text) - len(body)
    if special := re.fullmatch(r"(nan|inf|infinity)(?: 0x([0-9a-f]{1,16}))?", body):
        if sign_length < 2:
            return Typed(text, negative, None, _SPECIAL[special[1]], int(special[2] or "0", 16))
    elif sign_length < 2 and (size := _size(body)) is not None:
        return Typed(text, negative, size)
    raise ValueError(f"{text!r} is not a number this explorer reads. Try 0.1, 1e-8, 1/3, 2**-24, inf or nan.")


def _size(body: str) -> Fraction | None:
    if power := re.fullmatch(r"2(?:\*\*|\^)([+-]?[0-9]{1,4})", body):
        return power_of_two(int(power[1])) if abs(int(power[1])) <= LARGEST_EXPONENT else None
    parts = [_decimal(part.strip()) for part in body.split("/")]
    if None in parts or len(parts) > 2 or (len(parts) == 2 and parts[1] == 0):
        return None
    return parts[0] / parts[1] if len(parts) == 2 else parts[0]


def _decimal(text: str) -> Fraction | None:
    match = _DECIMAL.fullmatch(text)
    if not match or len(text) > 400 or abs(int((match[2] or "e0")[1:])) > LARGEST_EXPONENT:
        return None
    return Fraction(text)
