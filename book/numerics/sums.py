"""Three ways to add the same numbers: one after another, in pairs, and with the lost part carried along."""

from torch import Tensor
from torch.nn.functional import pad

from book.numerics.arguments import floating_vector


@floating_vector
def naive_sum(x: Tensor) -> Tensor:
    """Add from left to right; every addition rounds, so the error may grow as n.

    An empty vector gives 0; inf and nan pass through as in ordinary addition.

    Args:
        x: shape (n,), one of the four float dtypes; every partial sum is rounded to it.

    Raises:
        TypeError: x is not a tensor of a float dtype.
        ValueError: x is not a vector.

    Source:
        Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 2002, chapter 4.

    Examples:
        >>> import torch
        >>> naive_sum(torch.full((4096,), 0.1, dtype=torch.bfloat16))
        tensor(32., dtype=torch.bfloat16)
    """
    total = x.new_zeros(())
    for term in x.unbind():
        total = total + term
    return total


@floating_vector
def pairwise_sum(x: Tensor) -> Tensor:
    """Add neighbours, then neighbours of those sums, and so on; the error grows as log₂ n.

    An empty vector gives 0; inf and nan pass through as in ordinary addition.

    Args:
        x: shape (n,), one of the four float dtypes; every partial sum is rounded to it.

    Raises:
        TypeError: x is not a tensor of a float dtype.
        ValueError: x is not a vector.

    Source:
        Higham, "The accuracy of floating point summation", SIAM Journal on Scientific Computing, 1993.

    Examples:
        >>> import torch
        >>> pairwise_sum(torch.full((4096,), 0.1, dtype=torch.bfloat16))
        tensor(410., dtype=torch.bfloat16)
    """
    while len(x) > 1:
        x = pad(x, (0, len(x) % 2))  # an odd one out is paired with 0
        x = x[0::2] + x[1::2]
    return x.sum()


@floating_vector
def kahan_sum(x: Tensor) -> Tensor:
    """Add from left to right and carry what each rounding lost into the next term.

    An empty vector gives 0. An infinite term, or a sum that overflows, makes the carried part inf - inf, so
    the result is nan as soon as another term follows.

    Args:
        x: shape (n,), one of the four float dtypes; the sum and the carried part both have it.

    Raises:
        TypeError: x is not a tensor of a float dtype.
        ValueError: x is not a vector.

    Source:
        Kahan, "Further remarks on reducing truncation errors", Communications of the ACM, 1965.

    Examples:
        >>> import torch
        >>> kahan_sum(torch.full((4096,), 0.1, dtype=torch.bfloat16))
        tensor(410., dtype=torch.bfloat16)
    """
    total = excess = x.new_zeros(())
    for term in x.unbind():
        wanted = term - excess
        rounded = total + wanted
        excess = (rounded - total) - wanted  # what the rounding added too much
        total = rounded
    return total
