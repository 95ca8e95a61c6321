"""Momentum on a quadratic of one dimension whose gradients carry noise: the mean square of x, step by step.

Where f(x) = λx²/2 and the gradient is λx + ε, a step of momentum makes xₜ₊₁ = a xₜ − μ xₜ₋₁ − η ε with
a = 1 + μ − ηλ. The means of xₜ², xₜ xₜ₋₁ and xₜ₋₁² follow from those of the step before: no run is needed.
"""

import math

import torch
from torch import Tensor

from book.numerics.number_types import number, whole
from book.optim.heavy_ball import iteration, rate
from book.optim.ranges import at_least_zero


def expected_squares(
    lr: float, momentum: float, curvature: float, noise: float, steps: int, start: float = 1.0
) -> Tensor:
    """The mean of x² after 0, 1, ... steps from rest, over all that the noise may be.

    It is the sum of two parts, each of which has a call of its own: with `noise=0` the transient, what is
    left of the start; with `start=0` the fluctuation, what the noise has brought in.

    Args:
        lr: the learning rate η, at least 0.
        momentum: μ, at least 0.
        curvature: λ, of either sign.
        noise: the standard deviation of a gradient, the same at each step and independent; at least 0.
        steps: how many, at least 0.
        start: x before the first step.

    Returns:
        Shape (steps + 1,), float64.

    Raises:
        TypeError: one of them is not a number.
        ValueError: η, μ, the noise or the number of steps is negative, or a number is not finite.

    Examples:
        >>> expected_squares(lr=0.5, momentum=0.0, curvature=1.0, noise=0.0, steps=3)
        tensor([1.0000, 0.2500, 0.0625, 0.0156], dtype=torch.float64)
        >>> expected_squares(lr=0.5, momentum=0.0, curvature=1.0, noise=1.0, steps=3, start=0.0)
        tensor([0.0000, 0.2500, 0.3125, 0.3281], dtype=torch.float64)
    """
    a, minus_μ = iteration(lr, momentum, curvature)[0].tolist()
    lr, noise, first = number("lr", lr), at_least_zero("noise", noise), _square("start", start)
    square, product, before = first, first, first  # the means of xₜ², xₜ xₜ₋₁ and xₜ₋₁²
    squares = [square]
    for _ in range(whole("steps", steps, least=0)):
        moved = a * a * square + 2 * a * minus_μ * product + minus_μ * minus_μ * before
        square, product, before = moved + (lr * noise) ** 2, a * square + minus_μ * product, square
        squares.append(square)
    return torch.tensor(squares, dtype=torch.float64)


def hovering_square(lr: float, momentum: float, curvature: float, noise: float) -> float:
    """(1 + μ) / (1 − μ) · ησ² / (λ (2(1 + μ) − ηλ)): the mean of x² in the long run.

    For small ηλ it is σ²/(2λ) times η/(1 − μ): that of plain descent at the same effective rate.

    Args:
        lr: the learning rate η, at least 0.
        momentum: μ, at least 0.
        curvature: λ, of either sign.
        noise: σ, the standard deviation of a gradient, at least 0.

    Returns:
        Infinity where the iteration does not converge, and 0 where nothing disturbs it.

    Raises:
        TypeError: one of them is not a number.
        ValueError: η, μ or the noise is negative, or a number is not finite.

    Examples:
        >>> hovering_square(lr=0.5, momentum=0.5, curvature=2.0, noise=1.0)
        0.375
    """
    size, noise = rate(lr, momentum, curvature), at_least_zero("noise", noise)
    if lr == 0 or noise == 0:
        return 0.0
    if size >= 1:
        return math.inf
    room = 2 * (1 + momentum) - lr * curvature
    return (1 + momentum) / (1 - momentum) * lr * noise**2 / (curvature * room)


def _square(name: str, value: float) -> float:
    """The square of a finite number."""
    if not math.isfinite(found := number(name, value)):
        raise ValueError(f"The {name} must be a finite number; got {value}.")
    return float(found * found)
