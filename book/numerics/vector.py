"""Vectors: one in float64 from its entries, as short as on paper, and a length that does not overflow."""

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


def length(v: Tensor, dim: int | None = None) -> Tensor:
    """‖v‖ = s ‖v/s‖ with s the largest entry: no square overflows, and none that counts becomes 0.

    `v.norm()` in float32 is inf from entries of 2e19 on and 0 up to 2e-23. The result is inf only where the
    length itself is beyond the dtype, or an entry is inf; nan gives nan.

    Args:
        v: any shape, one of the four float dtypes.
        dim: the axis that holds the vectors; without it all entries are one vector.

    Returns:
        Shape (), or v's shape without `dim`.

    Source:
        Blue, "A portable Fortran program to find the Euclidean norm of a vector", ACM Transactions on
        Mathematical Software, 1978.

    Examples:
        >>> v = torch.tensor([3e30, 4e30])
        >>> v.norm(), length(v)
        (tensor(inf), tensor(5.0000e+30))
    """
    if v.numel() == 0:
        return v.norm(dim=dim)
    v, dim = (v.flatten(), 0) if dim is None else (v, dim)
    largest = v.detach().abs().amax(dim, keepdim=True)
    scale = torch.where((largest > 0) & largest.isfinite(), largest, 1.0)
    return (v / scale).norm(dim=dim) * scale.squeeze(dim)
