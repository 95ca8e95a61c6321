"""Polyak's momentum on a quadratic of one dimension: a 2 × 2 matrix, and all that its eigenvalues tell.

Where f(x) = λx²/2 the gradient is λx, and a step of momentum makes (xₜ₊₁, xₜ) out of (xₜ, xₜ₋₁) by the same
matrix each time. In more dimensions the same holds along each eigenvector of the Hessian.
"""

import math

import torch
from torch import Tensor

from book.numerics.number_types import number
from book.optim.ranges import checked

REGIMES = ("monotone", "oscillating", "alternating", "marginal", "diverging")


def iteration(lr: float, momentum: float, curvature: float) -> Tensor:
    """[[1 + μ − ηλ, −μ], [1, 0]], which takes (xₜ, xₜ₋₁) to (xₜ₊₁, xₜ).

    The first step has no past: it starts from (x₀, x₀).

    Args:
        lr: the learning rate η, at least 0.
        momentum: μ, at least 0.
        curvature: λ, of either sign.

    Returns:
        Shape (2, 2), float64.

    Raises:
        TypeError: one of them is not a number.
        ValueError: η or μ is negative, or a number is not finite.

    Source:
        Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational
        Mathematics and Mathematical Physics, 1964.

    Examples:
        >>> iteration(lr=0.25, momentum=0.5, curvature=2.0)
        tensor([[ 1.0000, -0.5000],
                [ 1.0000,  0.0000]], dtype=torch.float64)
    """
    p, momentum = _checked(lr, momentum, curvature)
    return torch.tensor([[1 + momentum - p, -momentum], [1.0, 0.0]], dtype=torch.float64)


def eigenvalues(lr: float, momentum: float, curvature: float) -> tuple[complex, complex]:
    """The roots of r² − (1 + μ − ηλ) r + μ, the larger in size first; of a pair, the one above the axis.

    Their product is μ. They are a pair of size √μ where (1 − √μ)² < ηλ < (1 + √μ)², and real elsewhere.

    Args:
        lr: the learning rate η, at least 0.
        momentum: μ, at least 0.
        curvature: λ, of either sign.

    Raises:
        TypeError: one of them is not a number.
        ValueError: η or μ is negative, or a number is not finite.

    Examples:
        >>> eigenvalues(lr=0.25, momentum=0.5, curvature=2.0)
        ((0.5+0.5j), (0.5-0.5j))
        >>> eigenvalues(lr=1.0, momentum=0.0, curvature=0.75)  # plain descent: 1 − ηλ
        ((0.25+0j), 0j)
    """
    p, momentum = _checked(lr, momentum, curvature)
    half, root = (1 + momentum - p) / 2, _root(p, momentum)
    if _discriminant(p, momentum) < 0:
        return complex(half, root / 2), complex(half, -root / 2)
    larger = half + math.copysign(root / 2, half)
    return complex(larger), complex(momentum / larger if larger else 0.0)


def rate(lr: float, momentum: float, curvature: float) -> float:
    """The larger size of the two eigenvalues: what a step multiplies the distance by, in the long run.

    It is √μ, whatever η and λ, where the eigenvalues are a pair. Below 1 the iteration converges.

    Args:
        lr: the learning rate η, at least 0.
        momentum: μ, at least 0.
        curvature: λ, of either sign.

    Raises:
        TypeError: one of them is not a number.
        ValueError: η or μ is negative, or a number is not finite.

    Examples:
        >>> rate(lr=0.5, momentum=0.81, curvature=1.0), rate(lr=0.5, momentum=0.81, curvature=4.0)
        (0.9, 0.9)
        >>> rate(lr=0.5, momentum=0.0, curvature=5.0)  # plain descent: |1 − ηλ|
        1.5
    """
    p, momentum = _checked(lr, momentum, curvature)
    if _discriminant(p, momentum) < 0:
        return math.sqrt(momentum)
    return abs(eigenvalues(lr, momentum, curvature)[0])


def regime(lr: float, momentum: float, curvature: float) -> str:
    """How x comes to the minimum: one of `REGIMES`.

    "monotone": real positive eigenvalues, x falls without a sign change. "oscillating": a pair, x swings with
    a period of more than two steps. "alternating": real negative ones, the sign changes at every step.
    "marginal": a rate of exactly 1. "diverging": a rate above 1, where ηλ > 2(1 + μ), μ > 1 or ηλ < 0.

    Args:
        lr: the learning rate η, at least 0.
        momentum: μ, at least 0.
        curvature: λ, of either sign.

    Raises:
        TypeError: one of them is not a number.
        ValueError: η or μ is negative, or a number is not finite.

    Examples:
        >>> [regime(eta, 0.25, curvature=1.0) for eta in (0.1, 1.0, 2.4, 2.5, 3.0)]
        ['monotone', 'oscillating', 'alternating', 'marginal', 'diverging']
    """
    p, momentum = _checked(lr, momentum, curvature)
    if p < 0 or momentum > 1 or p > 2 * (1 + momentum):
        return "diverging"
    if p == 0 or momentum == 1 or p == 2 * (1 + momentum):
        return "marginal"
    if _discriminant(p, momentum) < 0:
        return "oscillating"
    return "monotone" if p <= 1 + momentum else "alternating"


def critical_momentum(lr: float, curvature: float) -> float:
    """(1 − √(ηλ))²: the smallest μ at which the eigenvalues meet, and the best one for this ηλ.

    A smaller μ creeps where ηλ < 1, a larger one swings. Beyond ηλ = 4 it is above 1 and does not converge.

    Args:
        lr: the learning rate η, at least 0.
        curvature: λ, at least 0.

    Raises:
        ValueError: η or λ is negative or not finite.

    Examples:
        >>> critical_momentum(lr=0.25, curvature=1.0)
        0.25
    """
    p, _ = _checked(lr, 0.0, curvature)
    if p < 0:
        raise ValueError(f"Critical damping needs a curvature of at least 0; got {curvature}.")
    return _square(1 - math.sqrt(p))


def best(smallest: float, largest: float) -> tuple[float, float]:
    """η = 4 / (√λ_max + √λ_min)² and μ = ((√κ − 1) / (√κ + 1))², the fastest pair for a whole valley.

    Both ends of the spectrum are then critically damped, and the rate is √μ = (√κ − 1) / (√κ + 1), κ being
    λ_max / λ_min. Plain descent at its best rate has (κ − 1) / (κ + 1).

    Args:
        smallest: λ_min, the smallest curvature, above 0.
        largest: λ_max, the largest.

    Returns:
        The learning rate and the momentum.

    Raises:
        ValueError: the curvatures are not two positive numbers, the smaller first.

    Source:
        Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational
        Mathematics and Mathematical Physics, 1964.

    Examples:
        >>> best(1.0, 9.0)
        (0.25, 0.25)
    """
    smallest, largest = number("smallest", smallest), number("largest", largest)
    if not 0 < smallest <= largest < math.inf:
        raise ValueError(
            f"The curvatures must be positive, the smallest first; got {smallest} and {largest}."
        )
    low, high = math.sqrt(smallest), math.sqrt(largest)
    return _square(2 / (high + low)), _square((high - low) / (high + low))


def _checked(lr: float, momentum: float, curvature: float) -> tuple[float, float]:
    """Return ηλ and μ, on which everything depends, as plain numbers."""
    given = checked({"lr": lr, "momentum": momentum})
    curvature = number("The curvature", curvature)
    if not math.isfinite(curvature):
        raise ValueError(f"The curvature must be a finite number; got {curvature}.")
    return number("lr", given["lr"]) * curvature, number("momentum", given["momentum"])


def _discriminant(p: float, momentum: float) -> float:
    """(1 + μ − ηλ)² − 4μ, as a product: it then has the right sign up to the last digit."""
    root = math.sqrt(momentum)
    return (p - _square(1 - root)) * (p - _square(1 + root))


def _root(p: float, momentum: float) -> float:
    """√|(1 + μ − ηλ)² − 4μ|: factor by factor where the product itself overflows."""
    product, root = abs(_discriminant(p, momentum)), math.sqrt(momentum)
    if product < math.inf:
        return math.sqrt(product)
    return math.sqrt(abs(p - _square(1 - root))) * math.sqrt(abs(p - _square(1 + root)))


def _square(x: float) -> float:
    return x * x
