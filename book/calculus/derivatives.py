"""Gradients, Jacobians and Hessians: `torch.func` differentiates; the names and shapes are the book's."""

from typing import Literal

import torch
from torch import Tensor

from book.calculus.functions import Function, check_direction, of, one_output, vector_output


@of(one_output)
def gradient(f: Function, x: Tensor) -> Tensor:
    """∇f(x), the partial derivatives of a function with one output, by one reverse pass.

    Args:
        f: takes a tensor of x's shape, returns one of shape (), by torch operations alone.
        x: any shape, (n,) for a vector; one of the four float dtypes.

    Returns:
        A tensor of x's shape and dtype.

    Raises:
        TypeError: x is not a tensor of a float dtype, or f does not return a tensor.
        ValueError: f returns more than one number.

    Source:
        Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT, 1976, for the reverse pass.

    Examples:
        >>> gradient(lambda p: p[0] ** 2 + 2 * p[0] * p[1] + p[1] ** 3, torch.tensor([3.0, 2.0]))
        tensor([10., 18.])
    """
    return torch.func.grad(f)(x)


@of(one_output)
def directional_derivative(f: Function, x: Tensor, v: Tensor) -> Tensor:
    """∇f(x)ᵀv, the slope of f along v, by one forward pass and without the gradient.

    The slope is per unit of v: give a v of length 1 for the slope per unit of distance.

    Args:
        f: as for `gradient`.
        x, v: the point and the direction, of one shape and one float dtype.

    Returns:
        A tensor of shape ().

    Raises:
        TypeError: x or v is not a tensor of a float dtype, their dtypes differ, or f returns no tensor.
        ValueError: the shapes differ, or f returns more than one number.

    Examples:
        >>> directional_derivative(lambda p: p.square().sum(), torch.tensor([3.0, 4.0]), torch.tensor([0.6, 0.8]))
        tensor(10.)
    """  # noqa: E501
    check_direction(v, x, "directional_derivative")
    return torch.func.jvp(f, (x,), (v,))[1]


@of(vector_output, ndim=1)
def jacobian(F: Function, x: Tensor, mode: Literal["reverse", "forward"] = "reverse") -> Tensor:
    """J with Jᵢⱼ = ∂Fᵢ/∂xⱼ: one row for each output, one column for each input.

    Both modes give the same matrix. Reverse costs a pass for each output, forward one for each input.

    Args:
        F: takes shape (n,), returns shape (m,).
        x: shape (n,), one of the four float dtypes.
        mode: "reverse" for few outputs, "forward" for few inputs.

    Returns:
        Shape (m, n).

    Raises:
        TypeError: x is not a tensor of a float dtype, or F does not return a tensor.
        ValueError: x or F(x) is not a vector, or the mode is none of the two.

    Source:
        Griewank and Walther, Evaluating Derivatives, 2nd edition, 2008, chapter 3.

    Examples:
        >>> jacobian(lambda x: torch.stack([x[0] * x[1], x[0] + x[1], x[1] ** 2]), torch.tensor([2.0, 3.0]))
        tensor([[3., 2.],
                [1., 1.],
                [0., 6.]])
    """
    if mode not in ("reverse", "forward"):
        raise ValueError(f'The mode is {mode!r}; use "reverse" or "forward".')
    if mode == "reverse":
        return torch.func.jacrev(F)(x)
    return torch.func.jacfwd(F, randomness="same")(x)


@of(vector_output, ndim=1)
def jvp(F: Function, x: Tensor, v: Tensor) -> Tensor:
    """J v by one forward pass: how the outputs move when the inputs move along v.

    Args:
        F: takes shape (n,), returns shape (m,).
        x, v: shape (n,), of one float dtype.

    Returns:
        Shape (m,).

    Raises:
        TypeError, ValueError: as for `jacobian` and `directional_derivative`.

    Examples:
        >>> jvp(torch.square, torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.0]))
        tensor([2., 0.])
    """
    check_direction(v, x, "jvp")
    return torch.func.jvp(F, (x,), (v,))[1]


@of(vector_output, ndim=1)
def vjp(F: Function, x: Tensor, u: Tensor) -> Tensor:
    """Jᵀu by one reverse pass: the gradient of uᵀF(x), which is what backpropagation computes.

    Args:
        F: takes shape (n,), returns shape (m,).
        x: shape (n,), one of the four float dtypes.
        u: shape (m,), of x's dtype: the derivative of what follows for each output of F.

    Returns:
        Shape (n,).

    Raises:
        TypeError: x or u is not a tensor of a float dtype, or their dtypes differ.
        ValueError: x or F(x) is not a vector, or u does not have the shape of F(x).

    Examples:
        >>> vjp(torch.square, torch.tensor([1.0, 2.0]), torch.tensor([1.0, 1.0]))
        tensor([2., 4.])
    """
    outputs, pull = torch.func.vjp(F, x)
    check_direction(u, outputs, "vjp")
    return pull(u)[0]


@of(one_output, ndim=1)
def hessian(f: Function, x: Tensor) -> Tensor:
    """H with Hᵢⱼ = ∂²f/∂xᵢ∂xⱼ: the Jacobian of the gradient.

    Args:
        f: takes shape (n,), returns shape ().
        x: shape (n,), one of the four float dtypes. The result has n² entries: use `hvp` for a large n.

    Returns:
        Shape (n, n), symmetric up to rounding where the second derivatives are continuous.

    Raises:
        TypeError: x is not a tensor of a float dtype, or f does not return a tensor.
        ValueError: x is not a vector, or f returns more than one number.

    Examples:
        >>> hessian(lambda p: p[0] ** 2 + 2 * p[0] * p[1] + p[1] ** 3, torch.tensor([3.0, 2.0]))
        tensor([[ 2.,  2.],
                [ 2., 12.]])
    """
    g = torch.func.grad(f)
    try:
        return torch.func.jacfwd(g, randomness="same")(x)
    except RuntimeError:  # some gradients torch cannot follow forward
        return torch.func.jacrev(g)(x)


@of(one_output)
def hvp(f: Function, x: Tensor, v: Tensor) -> Tensor:
    """H v without the matrix: the directional derivative of the gradient along v.

    Args:
        f: as for `gradient`.
        x, v: the point and the direction, of one shape and one float dtype.

    Returns:
        A tensor of x's shape and dtype.

    Raises:
        TypeError, ValueError: as for `directional_derivative`.

    Source:
        Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation, 1994.

    Examples:
        >>> hvp(lambda p: p[0] ** 2 + 2 * p[0] * p[1] + p[1] ** 3, torch.tensor([3.0, 2.0]), torch.tensor([1.0, 0.0]))
        tensor([2., 2.])
    """  # noqa: E501
    check_direction(v, x, "hvp")
    g = torch.func.grad(f)
    try:
        return torch.func.jvp(g, (x,), (v,))[1]
    except RuntimeError:  # some gradients torch cannot follow forward
        return torch.func.vjp(g, x)[1](v)[0]
