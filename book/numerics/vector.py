"""Vectors: one in float64 from its entries, as short as on paper; lengths and products without overflow."""

import math

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


def dot(a: Tensor, b: Tensor) -> float:
    """aᵀb, summed in float64: of narrower types no product overflows, and none becomes 0.

    Args:
        a, b: shape (n,), one of the four float dtypes.

    Examples:
        >>> g = torch.tensor([3e30, 4e30])
        >>> g @ g, f"{dot(g, g):.3g}"
        (tensor(inf), '2.5e+61')
    """
    return (a.double() @ b.double()).item()


def norm(v: Tensor) -> float:
    """‖v‖, summed in float64 as `dot` is.

    Examples:
        >>> norm(torch.tensor([3.0, 4.0], dtype=torch.float16))
        5.0
    """
    return v.double().norm().item()


def power_of_two(v: Tensor) -> float:
    """A power of two near the largest entry of v, 1 where that is 0 or not finite.

    Divided by it, v keeps every digit, and the squares of its entries are numbers of its dtype.

    Examples:
        >>> power_of_two(torch.tensor([3.0, -5.0])), power_of_two(torch.zeros(2))
        (8.0, 1.0)
    """
    largest = v.abs().max().item()
    if not 0 < largest < math.inf:
        return 1.0
    most = math.frexp(torch.finfo(v.dtype).max)[1] - 1  # 2 to ± this is a number of the dtype
    return 2.0 ** max(-most, min(most, math.frexp(largest)[1]))
