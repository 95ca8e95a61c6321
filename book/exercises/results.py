"""What a learner's function returns, as numbers: torch and numpy, Python's own, lists of them."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch


def tensor(value: Any) -> torch.Tensor:
    """Return numbers of any kind as a float64 tensor on the CPU, without their graph.

    Tensors, numpy's arrays and scalars in any layout, whatever has `__array__`, all that `float` takes but
    texts, and lists, tuples and ranges of these are numbers; so is a complex one, if its imaginary part is 0.

    Raises:
        TypeError: it holds something else, as a text or None.
        ValueError: rows of different lengths, or an imaginary part.

    Examples:
        >>> from fractions import Fraction
        >>> tensor([Fraction(1, 2), torch.tensor(2.0, requires_grad=True), np.float32(3)]).tolist()
        [0.5, 2.0, 3.0]
        >>> tensor(np.arange(3)[::-1]).tolist(), tensor(5).shape
        ([2.0, 1.0, 0.0], torch.Size([]))
    """
    if isinstance(value, torch.Tensor):
        return _real(value.detach().to_dense().cpu())
    if isinstance(value, list | tuple | range):
        rows = [tensor(row) for row in value]
        return torch.from_numpy(np.stack(rows)) if rows else torch.zeros(0, dtype=torch.float64)
    if hasattr(value, "__array__"):
        return _of_array(np.asarray(value))
    if isinstance(value, complex):
        return _real(torch.tensor(value, dtype=torch.complex128))
    if hasattr(value, "__float__"):
        return torch.tensor(float(value), dtype=torch.float64)
    raise TypeError(f"{type(value).__name__} in place of numbers")


def _real(value: torch.Tensor) -> torch.Tensor:
    if value.is_complex():
        if value.imag.count_nonzero():
            raise ValueError("complex numbers")
        value = value.real
    return value.to(torch.float64)


def _of_array(array: np.ndarray) -> torch.Tensor:
    if array.dtype.kind == "O":
        return tensor(array.tolist()) if array.ndim else tensor(array.item())
    if array.dtype.kind not in "biufcV" or array.dtype.fields:
        raise TypeError(f"an array of {array.dtype} in place of numbers")
    kind = np.complex128 if array.dtype.kind == "c" else np.float64
    return _real(torch.from_numpy(array.astype(kind, order="C")))


def as_torch(result: Any, follow: Callable[[Callable], Callable]) -> Any:
    """Return what a function returned as the cases read it: arrays as tensors, an iterator as a list.

    Tensors come dense to the CPU with their graph, arrays keep their number type, Python's numbers stay so.

    Args:
        result: what a learner's function returned.
        follow: what a function in it is replaced by.

    Examples:
        >>> as_torch((np.arange(2)[::-1], 3, iter("ab")), follow=abs)
        (tensor([1, 0]), 3, ['a', 'b'])
    """
    if isinstance(result, torch.Tensor):
        return result.to_dense().cpu()
    if isinstance(result, torch.nn.Module | type):
        return result
    if isinstance(result, Iterator):
        return as_torch(list(result), follow)
    if isinstance(result, list | tuple):
        parts = [as_torch(part, follow) for part in result]
        return parts if isinstance(result, list) else tuple(parts)
    if hasattr(result, "__array__"):
        return _like(np.asarray(result))
    return follow(result) if callable(result) else result


def _like(array: np.ndarray) -> torch.Tensor | np.ndarray:
    """Return an array as a tensor of its own number type, or of float64 where torch lacks that type."""
    try:
        return torch.from_numpy(array.copy(order="C"))
    except (TypeError, ValueError):  # no such type in torch, or bytes in the other order
        pass
    try:
        return _of_array(array)
    except (TypeError, ValueError):
        return array


def is_parts(result: Any, count: int) -> bool:
    """Whether a function gave `count` results together: as a tuple, as a list, or as one array of them.

    Examples:
        >>> is_parts((1, 2), 2), is_parts(torch.ones(2, 3), 2), is_parts(torch.tensor(2.0), 2), is_parts(2, 2)
        (True, True, False, False)
    """
    if isinstance(result, torch.Tensor):
        return result.shape[:1] == (count,)
    return isinstance(result, tuple | list) and len(result) == count


def like(x: Any, *entries: float) -> Any:
    """Return numbers as `x` is, a tensor or an array of its number type, so that both can be multiplied.

    Examples:
        >>> like(torch.ones(2), 1, 10), like(np.ones(2), 1, 10)
        (tensor([ 1., 10.]), array([ 1., 10.]))
    """
    if isinstance(x, torch.Tensor):
        return torch.tensor(entries, dtype=x.dtype)
    return np.array(entries, dtype=np.asarray(x).dtype)
