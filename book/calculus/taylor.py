"""What the derivatives at a point forecast for a step away from it."""

import math

import torch
from torch import Tensor

from book.calculus.derivatives import directional_derivative, gradient, hvp
from book.calculus.functions import Function, check_direction, of, one_output
from book.numerics.vector import dot


@of(one_output, repeats=True)
def linear_prediction(f: Function, x: Tensor, step: Tensor) -> Tensor:
    """f(x) + gᵀs: Taylor's polynomial of first order, for the value of f at x + s.

    Args:
        f: takes a tensor of x's shape, returns one of shape ().
        x, step: the point and the step s, of one shape and one float dtype.

    Returns:
        A tensor of shape ().

    Raises:
        TypeError, ValueError: as for `book.calculus.directional_derivative`.

    Source:
        Taylor, Methodus incrementorum directa et inversa, 1715.

    Examples:
        >>> linear_prediction(torch.exp, torch.tensor(0.0), torch.tensor(0.5))
        tensor(1.5000)
    """
    return directional_derivative(f, x, step) + f(x)


@of(one_output, repeats=True)
def quadratic_prediction(f: Function, x: Tensor, step: Tensor) -> Tensor:
    """f(x) + gᵀs + ½ sᵀHs: Taylor's polynomial of second order, for the value of f at x + s.

    Args:
        f, x, step: as for `linear_prediction`.

    Returns:
        A tensor of shape ().

    Raises:
        TypeError, ValueError: as for `linear_prediction`.

    Source:
        Taylor, Methodus incrementorum directa et inversa, 1715.

    Examples:
        >>> quadratic_prediction(torch.exp, torch.tensor(0.0), torch.tensor(0.5))
        tensor(1.6250)
    """
    return linear_prediction(f, x, step) + curvature(f, x, step) / 2


@of(one_output)
def curvature(f: Function, x: Tensor, v: Tensor) -> Tensor:
    """vᵀHv: the second derivative of f along v; for a v of length 1 the curvature in that direction.

    Args:
        f: takes a tensor of x's shape, returns one of shape ().
        x, v: the point and the direction, of one shape and one float dtype.

    Returns:
        A tensor of shape ().

    Raises:
        TypeError, ValueError: as for `book.calculus.hvp`.

    Examples:
        >>> curvature(lambda p: 3 * p[0] ** 2 - p[1] ** 2, torch.zeros(2), torch.tensor([0.0, 1.0]))
        tensor(-2.)
    """
    check_direction(v, x, "curvature")
    return torch.sum(v * hvp(f, x, v))


@of(one_output, repeats=True)
def best_rate(f: Function, x: Tensor) -> float:
    """gᵀg / gᵀHg: the learning rate at which the second-order forecast is lowest along −g.

    Args:
        f: takes a tensor of x's shape, returns one of shape ().
        x: any shape, one of the four float dtypes.

    Returns:
        The rate; inf where the curvature along the gradient is not positive, so that the forecast has no
        lowest point; nan where the gradient is zero and there is no direction to go, or it is not finite.

    Raises:
        TypeError, ValueError: as for `book.calculus.gradient`.

    Source:
        Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", 1847.

    Examples:
        >>> best_rate(lambda p: 2 * p.square().sum(), torch.tensor([1.0, 1.0]))
        0.25
    """
    g = gradient(f, x)
    if not g.any() or not g.isfinite().all():
        return math.nan
    g = g / g.abs().max()  # the quotient is the same, and its squares neither overflow nor vanish
    along = dot(g.flatten(), hvp(f, x, g).flatten())
    return math.inf if along <= 0 else dot(g.flatten(), g.flatten()) / along
