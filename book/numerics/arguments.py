"""What every function of `book.numerics` asks of its arguments, said once: the bodies stay formulas."""

from collections.abc import Callable
from functools import wraps

import torch
from torch import Tensor

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
DECOMPOSABLE = (torch.float32, torch.float64)
SHAPES = {1: "a vector of shape (n,)", 2: "a matrix of shape (m, n)"}


def floating(function: Callable) -> Callable:
    """Refuse a first argument that is not a tensor of one of the four float dtypes."""
    return _checked(function, None)


def floating_vector(function: Callable) -> Callable:
    """Refuse a first argument that is not a 1-D tensor of one of the four float dtypes."""
    return _checked(function, 1)


def floating_matrix(function: Callable) -> Callable:
    """Refuse a first argument that is not a 2-D tensor of one of the four float dtypes."""
    return _checked(function, 2)


def check_dtype(dtype: torch.dtype) -> None:
    """Refuse what is not one of the four float dtypes.

    Examples:
        >>> check_dtype(torch.int64)
        Traceback (most recent call last):
        TypeError: The dtype is torch.int64; use float16, bfloat16, float32 or float64.
    """
    if dtype not in DTYPES:
        raise TypeError(f"The dtype is {dtype}; use float16, bfloat16, float32 or float64.")


def check_floating(x: Tensor, name: str, ndim: int | None = None) -> None:
    """Refuse what is not a tensor of a float dtype, or has the wrong number of axes.

    Examples:
        >>> check_floating(1.0, "softmax")
        Traceback (most recent call last):
        TypeError: softmax takes a tensor and got float; wrap it: torch.tensor(x).
    """
    if not isinstance(x, Tensor):
        raise TypeError(f"{name} takes a tensor and got {type(x).__name__}; wrap it: torch.tensor(x).")
    check_dtype(x.dtype)
    if ndim is not None and x.ndim != ndim:
        raise ValueError(f"{name} takes {SHAPES[ndim]} and got shape {tuple(x.shape)}.")


def check_device(device: torch.device, name: str) -> None:
    """Refuse the device "meta", on which tensors have shapes and no values.

    Examples:
        >>> check_device(torch.device("meta"), "Newton")
        Traceback (most recent call last):
        ValueError: Newton takes tensors with values, and those on the device meta have none; move the model first: model.to_empty(device="cpu").
    """  # noqa: E501  (the message is one line)
    if device.type == "meta":
        raise ValueError(
            f"{name} takes tensors with values, and those on the device meta have none; move the model "
            'first: model.to_empty(device="cpu").'
        )


def check_materialized(parameter: Tensor, name: str) -> None:
    """Refuse the parameter of a lazy layer, which has no shape before its first batch.

    Examples:
        >>> check_materialized(torch.nn.LazyLinear(2).weight, "K-FAC")
        Traceback (most recent call last):
        ValueError: K-FAC takes layers with weights, and a lazy one has none yet; call the model on a batch first.
    """  # noqa: E501  (the message is one line)
    if torch.nn.parameter.is_lazy(parameter):
        raise ValueError(
            f"{name} takes layers with weights, and a lazy one has none yet; call the model on a batch first."
        )


def check_dense(x: Tensor, name: str) -> None:
    """Refuse a sparse tensor.

    Examples:
        >>> check_dense(torch.eye(2).to_sparse(), "softmax")
        Traceback (most recent call last):
        TypeError: softmax takes a dense tensor, and the layout of this one is torch.sparse_coo; convert it first: x.to_dense().
    """  # noqa: E501  (the message is one line)
    if x.layout is not torch.strided:
        raise TypeError(
            f"{name} takes a dense tensor, and the layout of this one is {x.layout}; convert it first: "
            "x.to_dense()."
        )


def check_values(x: Tensor, name: str) -> None:
    """Refuse a tensor without a number at each of its places: a sparse one, and one on the device "meta".

    Examples:
        >>> check_values(torch.eye(2).to_sparse(), "minimize")
        Traceback (most recent call last):
        TypeError: minimize takes a dense tensor, and the layout of this one is torch.sparse_coo; convert it first: x.to_dense().
    """  # noqa: E501  (the message is one line)
    check_dense(x, name)
    if x.is_meta:
        raise ValueError(
            f"{name} takes a tensor with values, and one on the device meta has none; make it on another: "
            'device="cpu".'
        )


def check_decomposable(A: Tensor, name: str) -> None:
    """Refuse a matrix that torch does not decompose: of another dtype than float32 and float64, or none.

    Examples:
        >>> check_decomposable(torch.eye(2, dtype=torch.float16), "The Hessian")
        Traceback (most recent call last):
        TypeError: torch decomposes matrices of float32 and float64; the Hessian is torch.float16. Convert first: x.float().
    """  # noqa: E501  (the message is one line)
    check_floating(A, name, 2)
    check_values(A, name)
    if A.dtype not in DECOMPOSABLE:
        raise TypeError(
            f"torch decomposes matrices of float32 and float64; {name[0].lower()}{name[1:]} is {A.dtype}. "
            "Convert first: x.float()."
        )


def check_system(A: Tensor, g: Tensor, name: str) -> None:
    """Refuse a matrix and a vector that are no system of equations for torch's decompositions.

    Args:
        A: shape (n, n), float32 or float64, finite.
        g: shape (n,), of A's dtype, finite.
        name: of the matrix.

    Raises:
        TypeError: A is not a tensor of float32 or float64, or not of g's dtype.
        ValueError: A has not a row and a column for each entry of g.
        FloatingPointError: one of them is not finite.

    Examples:
        >>> check_system(torch.eye(3), torch.ones(2), "The Hessian")
        Traceback (most recent call last):
        ValueError: The Hessian of 2 parameters has shape (2, 2); got (3, 3).
    """
    check_decomposable(A, name)
    check_floating(g, "The gradient", 1)
    check_values(g, "The gradient")
    n = len(g)
    if A.shape != (n, n):
        raise ValueError(f"{name} of {n} parameters has shape ({n}, {n}); got {tuple(A.shape)}.")
    if A.dtype != g.dtype:
        raise TypeError(f"{name} is {A.dtype} and the gradient {g.dtype}; convert one: A.to(g.dtype).")
    for what, numbers in ((name, A), ("The gradient", g)):
        if not numbers.isfinite().all():
            raise FloatingPointError(f"{what} is not finite; look for nan or inf in the loss.")


def _checked(function: Callable, ndim: int | None) -> Callable:
    @wraps(function)
    def checked(x, *args, **kwargs):
        check_floating(x, function.__name__, ndim)
        check_dense(x, function.__name__)
        return function(x, *args, **kwargs)

    return checked
