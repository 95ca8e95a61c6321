"""What a float is made of, how far apart neighbours stand, where a product leaves the range."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from book.numerics.arguments import check_dtype, floating
from book.numerics.number_types import plain_numbers


@floating
def ulp(x: Tensor) -> Tensor:
    """The spacing at x: the distance from |x| to the next larger float of the same dtype.

    At 0 it is the smallest subnormal. At the largest float the next one is inf, and so is the spacing, as in
    `numpy.spacing`. inf and nan give nan; an empty tensor stays empty. It carries no gradient.

    Args:
        x: any shape, one of the four float dtypes.

    Raises:
        TypeError: x is not a tensor of a float dtype.

    Source:
        Goldberg, "What every computer scientist should know about floating-point arithmetic", 1991.

    Examples:
        >>> ulp(torch.tensor([1.0, 2.0, 1e8]))
        tensor([1.1921e-07, 2.3842e-07, 8.0000e+00])
    """
    size = x.detach().abs()
    return torch.nextafter(size, torch.full_like(size, torch.inf)) - size


@dataclass(frozen=True)
class Bits:
    """The three fields of a float, as strings of 0 and 1.

    Examples:
        >>> Bits(sign="1", exponent="01111", fraction="1000000000").value
        -1.5
    """

    sign: str
    exponent: str
    fraction: str

    @property
    def kind(self) -> str:
        """One of "zero", "subnormal", "normal", "inf", "nan"."""
        if "0" not in self.exponent:
            return "nan" if "1" in self.fraction else "inf"
        if "1" not in self.exponent:
            return "subnormal" if "1" in self.fraction else "zero"
        return "normal"

    @property
    def value(self) -> float:
        """The number that the fields stand for, exactly."""
        sign = (-1.0) ** int(self.sign)
        if self.kind in ("inf", "nan"):
            return sign * float(self.kind)
        hidden = 1 if self.kind == "normal" else 0
        bias = 2 ** (len(self.exponent) - 1) - 1
        power = int(self.exponent, 2) - bias + (1 - hidden)  # subnormals share the lowest exponent
        return sign * math.ldexp(int(f"{hidden}{self.fraction}", 2), power - len(self.fraction))

    def __str__(self) -> str:
        return f"{self.sign} {self.exponent} {self.fraction}"


@plain_numbers
def bits(value: float, dtype: torch.dtype) -> Bits:
    """Round a number to a dtype, to nearest and ties to even, and take the result apart.

    Args:
        value: a Python float; inf and nan too.
        dtype: one of the four float dtypes.

    Raises:
        TypeError: the dtype is not one of the four.

    Source:
        IEEE Standard for Floating-Point Arithmetic, IEEE 754, 2019, section 3.4.

    Examples:
        >>> print(bits(0.1, torch.float16), bits(0.1, torch.float16).value)
        0 01011 1001100110 0.0999755859375
        >>> bits(1e-7, torch.float16).kind
        'subnormal'
    """
    check_dtype(dtype)
    width, fraction = torch.finfo(dtype).bits, _fraction_bits(dtype)
    integers = {16: torch.int16, 32: torch.int32, 64: torch.int64}
    pattern = torch.tensor(_rounded(value, dtype), dtype=dtype).view(integers[width]).item()
    word = f"{pattern % 2**width:0{width}b}"
    return Bits(word[0], word[1 : width - fraction], word[width - fraction :])


@plain_numbers
def vanishing_depth(factor: float, dtype: torch.dtype) -> int:
    """The smallest n at which factorⁿ, computed exactly and rounded once, becomes 0.

    Half the smallest subnormal still rounds to 0, so n is the first whole number with |factor|ⁿ at most that.
    This is the depth of the exact power. A product that is rounded after every factor agrees with it where
    |factor| is a power of two, and within one step for any |factor| up to 1/2. Above 1/2 the product never
    reaches 0: it stops at a subnormal near smallest / (2 (1 - |factor|)), where the next factor takes off
    less than half a spacing. Hardware that flushes subnormals gives 0 from the smallest normal number down.

    Args:
        factor: 0 < |factor| < 1, taken as given: round it to the dtype first where the loop will hold it so.
        dtype: one of the four float dtypes.

    Raises:
        TypeError: the dtype is not one of the four.
        ValueError: the powers of the factor do not shrink.

    Examples:
        >>> vanishing_depth(0.25, torch.float32), vanishing_depth(0.25, torch.float16)
        (75, 13)
    """
    check_dtype(dtype)
    if not 0 < abs(factor) < 1:
        raise ValueError(
            f"Powers of {factor} do not shrink to 0; the factor must lie between 0 and 1 in size."
        )
    smallest = torch.finfo(dtype).smallest_normal * torch.finfo(dtype).eps
    return math.ceil((math.log2(smallest) - 1) / math.log2(abs(factor)))


@plain_numbers
def overflow_depth(factor: float, dtype: torch.dtype) -> int:
    """The smallest n at which factorⁿ, computed exactly and rounded once, becomes inf.

    That is the first power at or above the largest float plus half its spacing. A product that is rounded
    after every factor agrees where |factor| is a power of two, and within one step as long as its roundings
    add up to less than one factor. Close to 1 they do not: for 1.0078125 in bfloat16 this gives 11401, and
    the loop takes 12288 steps.

    Args:
        factor: |factor| > 1, finite, taken as given.
        dtype: one of the four float dtypes.

    Raises:
        TypeError: the dtype is not one of the four.
        ValueError: the powers of the factor do not grow, or the factor is not finite.

    Examples:
        >>> overflow_depth(2.0, torch.float32), overflow_depth(2.0, torch.float16)
        (128, 16)
    """
    check_dtype(dtype)
    if not 1 < abs(factor) < math.inf:
        raise ValueError(
            f"Powers of {factor} do not grow to inf step by step; the factor must be finite and above 1."
        )
    top = math.frexp(torch.finfo(dtype).max)[1]
    limit = top + math.log2(1 - torch.finfo(dtype).eps / 4)  # the largest float plus half its spacing
    return math.ceil(limit / math.log2(abs(factor)))


def _fraction_bits(dtype: torch.dtype) -> int:
    return -round(math.log2(torch.finfo(dtype).eps))


def _rounded(value: float, dtype: torch.dtype) -> float:
    """The nearest number of the dtype; a tensor would round twice, to float32 on the way to float16."""
    if not math.isfinite(value) or value == 0:
        return value
    lowest = round(math.log2(torch.finfo(dtype).smallest_normal))
    spacing = max(math.frexp(value)[1] - 1, lowest) - _fraction_bits(dtype)
    nearest = math.ldexp(round(math.ldexp(value, -spacing)), spacing)
    return math.copysign(nearest if abs(nearest) <= torch.finfo(dtype).max else math.inf, value)
