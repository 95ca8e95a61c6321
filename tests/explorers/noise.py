"""Normal and uniform noise from whole numbers alone: the same doubles as the browser's."""

from collections.abc import Iterator

_WORD = 2**32


def normals(seed: int) -> Iterator[float]:
    """Draw numbers of mean 0 and variance 1: the sum of twelve uniform ones, less 6.

    The generator is mulberry32 by Tommy Ettinger: a counter whose 32 bits are mixed by multiplications. Each
    uniform number is a multiple of 2**-32 and their sums are exact, so that no rounding can differ.

    Args:
        seed: from 0 to 2**32 - 1.

    Examples:
        >>> draw = normals(0)
        >>> f"{next(draw):.4f} {next(draw):.4f}"
        '-1.7058 0.2835'
    """
    words = _words(seed)
    while True:
        yield sum(next(words) for _ in range(12)) / _WORD - 6


def uniforms(seed: int) -> Iterator[float]:
    """Draw numbers from 0 on and below 1, all equally likely: the 32 bits of `normals`'s generator, one each.

    Args:
        seed: from 0 to 2**32 - 1.

    Examples:
        >>> draw = uniforms(0)
        >>> f"{next(draw):.4f} {next(draw):.4f}"
        '0.2664 0.0003'
    """
    for word in _words(seed):
        yield word / _WORD


def _words(seed: int) -> Iterator[int]:
    counter = seed
    while True:
        counter = (counter + 0x6D2B79F5) % _WORD
        word = (counter ^ (counter >> 15)) * (counter | 1) % _WORD
        word ^= (word + (word ^ (word >> 7)) * (word | 61)) % _WORD
        yield word ^ (word >> 14)
