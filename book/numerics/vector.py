"""A vector in float64 from its entries, as short as on paper."""

import torch
from torch import Tensor


def f64(*entries: float) -> Tensor:
    """The float64 vector with these entries.

    Args:
        entries: n numbers.

    Returns:
        Shape (n,).

    Examples:
        >>> f64(1, -2.5)
        tensor([ 1.0000, -2.5000], dtype=torch.float64)
        >>> f64(3)
        tensor([3.], dtype=torch.float64)
    """
    return torch.tensor(entries, dtype=torch.float64)
