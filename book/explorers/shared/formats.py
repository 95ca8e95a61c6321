"""The four formats as integers and fractions: every float is exact here, and rounding is to nearest even.

`js/floats.js` is the same arithmetic in the browser; a test holds the two together, string by string.
"""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Format:
    """A binary floating-point format: one sign bit, then the exponent, then the fraction.

    A float without its sign is its *rank*: 0 is zero, 1 the smallest subnormal, `infinity` the rank of inf.

    Examples:
        >>> half = FORMATS["float16"]
        >>> half.nearest(Fraction(65504)), half.infinity
        (31743, 31744)
        >>> half.magnitude(1) == Fraction(1, 2**24)
        True
    """

    name: str
    exponent_bits: int
    fraction_bits: int

    @property
    def width(self) -> int:
        return 1 + self.exponent_bits + self.fraction_bits

    @property
    def bias(self) -> int:
        return 2 ** (self.exponent_bits - 1) - 1

    @property
    def infinity(self) -> int:
        return (2**self.exponent_bits - 1) << self.fraction_bits

    def magnitude(self, rank: int) -> Fraction:
        """Return the exact value of a rank; the rank of inf gives the power of two that would come next."""
        exponent, fraction = divmod(rank, 2**self.fraction_bits)
        significand = fraction + (2**self.fraction_bits if exponent else 0)
        return significand * power_of_two(max(exponent, 1) - self.bias - self.fraction_bits)

    def nearest(self, value: Fraction) -> int:
        """Return the rank of the float nearest to a value ≥ 0, ties to even, as IEEE 754 asks."""
        if value == 0:
            return 0
        smallest = 1 - self.bias
        exponent = max(binary_exponent(value), smallest)
        steps = round(value / power_of_two(exponent - self.fraction_bits))
        return min(steps + (exponent - smallest) * 2**self.fraction_bits, self.infinity)

    def round(self, value: float) -> float:
        """Return a Python float rounded to this format.

        Examples:
            >>> FORMATS["bfloat16"].round(990.0), FORMATS["float16"].round(-70000.0)
            (992.0, -inf)
        """
        if value in (0.0, float("inf"), float("-inf")) or value != value:
            return value
        rank = self.nearest(abs(Fraction(value)))
        size = float("inf") if rank == self.infinity else float(self.magnitude(rank))
        return -size if value < 0 else size


FORMATS = {
    "float16": Format("float16", 5, 10),
    "bfloat16": Format("bfloat16", 8, 7),
    "float32": Format("float32", 8, 23),
    "float64": Format("float64", 11, 52),
}


@dataclass(frozen=True)
class Stored:
    """A float of a format, by its sign and its rank."""

    format: Format
    negative: bool
    rank: int

    @property
    def kind(self) -> str:
        if self.rank >= self.format.infinity:
            return "infinity" if self.rank == self.format.infinity else "not a number"
        if self.rank >= 2**self.format.fraction_bits:
            return "normal"
        return "subnormal" if self.rank else "zero"

    @property
    def finite(self) -> bool:
        return self.rank < self.format.infinity

    @property
    def value(self) -> float:
        if self.kind == "not a number":
            return float("nan")
        size = float(self.format.magnitude(self.rank)) if self.finite else float("inf")
        return -size if self.negative else size

    @property
    def spacing(self) -> Fraction:
        return self.format.magnitude(self.rank + 1) - self.format.magnitude(self.rank)

    def beside(self, step: int) -> "Stored | None":
        """Return the next float up (step 1) or down (step -1) the number line; None beyond the infinities."""
        if self.kind == "not a number" or (not self.finite and (step < 0) == self.negative):
            return None
        if self.rank == 0:
            return Stored(self.format, step < 0, 1)
        rank = self.rank + (-step if self.negative else step)
        return Stored(self.format, self.negative, rank)


def power_of_two(exponent: int) -> Fraction:
    return Fraction(1 << exponent) if exponent >= 0 else Fraction(1, 1 << -exponent)


def binary_exponent(value: Fraction) -> int:
    """Return the e with 2**e ≤ value < 2**(e+1)."""
    guess = value.numerator.bit_length() - value.denominator.bit_length()
    return guess if power_of_two(guess) <= value else guess - 1


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


def exact(value: Fraction, most: int = 60) -> str:
    """Write a binary fraction ≥ 0 in full, up to `most` significant digits.

    Examples:
        >>> exact(Fraction(0.1))
        '0.1000000000000000055511151231257827021181583404541015625'
        >>> exact(Fraction(2) ** -1074, most=6)
        '4.94065… × 10^-324 (751 digits)'
    """
    if value == 0:
        return "0"
    places = value.denominator.bit_length() - 1
    whole = str(value.numerator * 5**places)
    exponent, digits = len(whole) - 1 - places, whole.rstrip("0")
    if len(digits) <= most:
        return lay_out(digits, exponent, 40)
    if -4 <= exponent < most - 1:
        return f"{lay_out(digits[:most], exponent, most)}… ({len(digits)} digits)"
    return f"{digits[0]}.{digits[1:most]}… × 10^{exponent} ({len(digits)} digits)"


def lay_out(digits: str, exponent: int, plain_below: int) -> str:
    """Place the point: plain where -4 ≤ exponent < plain_below, with an exponent elsewhere."""
    if -4 <= exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    if 0 <= exponent < plain_below:
        whole, rest = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
        return f"{whole}.{rest}" if rest else whole
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
