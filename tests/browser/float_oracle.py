"""What a format holds for a typed number, by torch's floats and exact fractions."""

import math
from fractions import Fraction

import torch

from book import numerics


def typed_size(text: str) -> Fraction | None:
    """What was typed, without its sign, by Python's own reading of numbers; None for inf and nan."""
    text = text.lower().replace(" ", "").lstrip("+-").replace("^", "**")
    if text.startswith(("nan", "inf")):
        return None
    base, _, power = text.partition("**")
    if power:
        return Fraction(base) ** int(power)
    above, _, below = text.partition("/")
    return Fraction(above) / Fraction(below or "1")


def is_negative(text: str) -> bool:
    return text.strip().startswith("-")


def beyond(x: torch.Tensor) -> Fraction:
    """The value of a float ≥ 0; for inf the number that would come next."""
    if x.isinf():
        last = torch.tensor(torch.finfo(x.dtype).max, dtype=x.dtype)
        return 2 * Fraction(last.item()) - Fraction(neighbour(last, -1).item())
    return Fraction(x.item())


def neighbour(x: torch.Tensor, step: int) -> torch.Tensor:
    return torch.nextafter(x, torch.full_like(x, step * math.inf))


def word(x: torch.Tensor) -> int:
    bits = numerics.bits(x.item(), x.dtype)
    return int(bits.sign + bits.exponent + bits.fraction, 2)


def rounded(size: Fraction, dtype: torch.dtype) -> torch.Tensor:
    """The nearest of three floats around a size, the even one of two: no rounding is done twice."""
    try:
        guess = torch.tensor(float(size), dtype=torch.float64).to(dtype)
    except OverflowError:
        guess = torch.tensor(math.inf, dtype=dtype)
    around = [neighbour(guess, -1), guess, neighbour(guess, 1)]
    around = [x for x in around if x >= 0]
    return min(around, key=lambda x: (abs(beyond(x) - size), word(x) % 2))


def stored(text: str, name: str) -> torch.Tensor:
    """The float that torch's formats hold for a typed number; a nan is torch's own."""
    size, dtype = typed_size(text), getattr(torch, name)
    if size is None:
        x = torch.tensor(math.nan if "nan" in text else math.inf, dtype=dtype)
    else:
        x = rounded(size, dtype)
    return -x if is_negative(text) else x


def kind(x: torch.Tensor) -> str:
    kind = numerics.bits(x.item(), x.dtype).kind
    return {"inf": "infinity", "nan": "not a number"}.get(kind, kind)


def equal(a: float, b: float) -> bool:
    return (a == b and math.copysign(1, a) == math.copysign(1, b)) or (math.isnan(a) and math.isnan(b))


def story(text: str, name: str) -> str:
    """What has happened to a typed number."""
    size, x = typed_size(text), stored(text, name).abs()
    if size is None or x.isinf():
        return "overflow" if size else kind(x)
    if beyond(x) == size:
        return "exact"
    other = neighbour(x, 1 if size > beyond(x) else -1)
    if x == 0:
        return "underflow"
    return "tie" if 2 * abs(beyond(x) - size) == abs(beyond(other) - beyond(x)) else "near"
