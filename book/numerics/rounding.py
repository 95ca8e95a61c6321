"""Fewer bits: a float rounded to a shorter fraction, to the nearest or up and down by chance."""

import torch
from torch import Generator, Tensor

from book.numerics.arguments import floating
from book.numerics.number_types import whole

# By dtype: the integer of the same width, and how many bits of it are the fraction.
LAYOUTS = {
    torch.float16: (torch.int16, 10),
    torch.bfloat16: (torch.int16, 7),
    torch.float32: (torch.int32, 23),
    torch.float64: (torch.int64, 52),
}


@floating
def round_to(x: Tensor, fraction: int) -> Tensor:
    """Round to the nearest float that needs only the first bits of the fraction; ties go to even.

    The exponent keeps its range: of a float32, 10 bits of fraction are TF32, 7 are bfloat16. Subnormals keep
    the same places as the smallest normal number; the largest numbers may round to inf. inf and nan stay.
    It carries no gradient.

    Args:
        x: any shape, one of the four float dtypes.
        fraction: the bits to keep, from 0 to those of the dtype.

    Raises:
        TypeError: x is not a tensor of a float dtype.
        ValueError: the dtype has no such number of bits.

    Source:
        IEEE Standard for Floating-Point Arithmetic, IEEE 754, 2019, section 4.3.1.

    Examples:
        >>> round_to(torch.tensor([1.0004, 1.0006]), 10)  # TF32: the gap above 1 is 2^-10
        tensor([1.0000, 1.0010])
    """
    pattern, dropped = _taken_apart(x, fraction)
    last_kept = (pattern >> dropped) & 1
    return _put_together(x, pattern + (2**dropped // 2 - 1 + last_kept) * (dropped > 0), dropped)


@floating
def round_stochastically(x: Tensor, fraction: int, generator: Generator | None = None) -> Tensor:
    """Round up or down by chance, the likelier the nearer: the mean over all chances is x.

    What is exact stays. Of 1 and the next number, 1 + gap, the number 1 + 0.3 gap goes up in 3 of 10 cases.
    inf and nan stay; the largest numbers may round to inf. It carries no gradient.

    Args:
        x: any shape, one of the four float dtypes.
        fraction: the bits to keep, from 0 to those of the dtype; of a float32, 7 gives a bfloat16.
        generator: where the chance comes from; torch's own if None.

    Raises:
        TypeError: x is not a tensor of a float dtype.
        ValueError: the dtype has no such number of bits.

    Source:
        Gupta et al., "Deep Learning with Limited Numerical Precision", 2015.

    Examples:
        >>> x = torch.full((100_000,), 1.0003)
        >>> up = round_stochastically(x, 10, torch.Generator().manual_seed(0))
        >>> up.unique().tolist(), round(up.mean().item(), 4)
        ([1.0, 1.0009765625], 1.0003)
    """
    pattern, dropped = _taken_apart(x, fraction)
    chance = torch.randint(2**dropped, x.shape, generator=generator, device=x.device)
    return _put_together(x, pattern + chance.to(pattern.dtype), dropped)


def _taken_apart(x: Tensor, fraction: int) -> tuple[Tensor, int]:
    """The bits of x as integers, and how many of their last ones go."""
    integers, stored = LAYOUTS[x.dtype]
    return x.detach().resolve_neg().contiguous().view(integers), stored - whole(
        "fraction", fraction, 0, stored
    )


def _put_together(x: Tensor, pattern: Tensor, dropped: int) -> Tensor:
    """The floats whose last bits are cut off; a carry runs on into the exponent, as it should."""
    rounded = ((pattern >> dropped) << dropped).view(x.dtype)
    return torch.where(x.isfinite(), rounded, x.detach())
