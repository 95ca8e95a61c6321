"""What a function of yours returned, read as real numbers: torch's, numpy's, Python's own."""

import numpy as np
import torch
from torch import Tensor

from book.numerics.arguments import DTYPES

ARRAYS = (Tensor, np.ndarray, np.generic)


def as_tensor(value) -> Tensor:
    """A tensor or an array as it is, on whatever device torch makes new ones; Python's numbers as float64.

    Examples:
        >>> as_tensor(0.5), as_tensor(np.ones(1, dtype=np.float32))
        (tensor(0.5000, dtype=torch.float64), tensor([1.]))
    """
    if isinstance(value, Tensor):
        return value
    return torch.as_tensor(
        value, dtype=None if isinstance(value, np.ndarray) else torch.float64, device="cpu"
    )


def precision(value: object) -> torch.dtype:
    """The float dtype of a value, float64 of Python's numbers; of a list the part with the fewest digits.

    Examples:
        >>> precision([1.0, torch.tensor(1.0)]), precision(np.float16(1)), precision(1.0)
        (torch.float32, torch.float16, torch.float64)
    """
    if isinstance(value, list | tuple) and value:
        return max(map(precision, value), key=lambda dtype: torch.finfo(dtype).eps)
    dtype = getattr(value, "dtype", None)
    own = getattr(torch, str(dtype), None) if isinstance(dtype, np.dtype) else dtype
    return own if own in DTYPES else torch.float64


def check_real(value: Tensor, name: str) -> None:
    """Refuse a value without a real number at each of its places.

    Examples:
        >>> check_real(torch.tensor(True), "exact")
        Traceback (most recent call last):
        TypeError: exact takes a function that returns real numbers; this one returned torch.bool.
    """
    whole = not (value.is_floating_point() or value.is_complex() or value.dtype is torch.bool)
    if not whole and value.dtype not in DTYPES:
        raise no_number(value, name)
    if value.layout is not torch.strided or value.is_meta:
        kind = "on the device meta" if value.is_meta else f"of layout {value.layout}"
        raise TypeError(f"{name} takes a function with a number at each place; this one returned one {kind}.")


def no_number(value: object, name: str) -> TypeError:
    """The error for what is no real number.

    Examples:
        >>> no_number(None, "exact")
        TypeError('exact takes a function that returns real numbers; this one returned NoneType.')
    """
    kind = value.dtype if isinstance(value, ARRAYS) else type(value).__name__
    return TypeError(f"{name} takes a function that returns real numbers; this one returned {kind}.")
