"""Slices of a loss: along a line, over a plane, and the random directions that such slices take."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Generator, Tensor, nn

from book.training.surface.flat import flat_parameters

Loss = Callable[[Tensor], Tensor]


@torch.no_grad()
def line(f: Loss, start: Tensor, end: Tensor, ts: Tensor) -> Tensor:
    """f((1 − t) start + t end) for each t: the start is at t = 0, the end at t = 1.

    Args:
        f: takes shape (n,), returns shape (); the loss of `book.training.flat_loss` for one.
        start, end: shape (n,).
        ts: shape (m,); values below 0 and above 1 lie on the same line, beyond its ends.

    Returns:
        Shape (m,).

    Raises:
        ValueError: start and end differ in shape.

    Source:
        Goodfellow, Vinyals and Saxe, "Qualitatively characterizing neural network optimization problems",
        ICLR, 2015.

    Examples:
        >>> line(torch.sum, torch.zeros(2), torch.tensor([2.0, 4.0]), torch.tensor([0.0, 0.5, 1.0]))
        tensor([0., 3., 6.])
    """
    if start.shape != end.shape:
        raise ValueError(f"A line joins two vectors of one shape; got {start.shape} and {end.shape}.")
    return torch.stack([f(torch.lerp(start, end, float(t))) for t in ts])


def barrier(losses: Tensor, ts: Tensor) -> float:
    """max over t of L(t) − ((1 − t) L(0) + t L(1)): how far a path rises above the chord of its ends.

    Args:
        losses, ts: shape (m,), along a line; the first t is 0 and the last is 1.

    Returns:
        At least 0: the ends themselves lie on the chord.

    Source:
        Frankle, Dziugaite, Roy and Carbin, "Linear Mode Connectivity and the Lottery Ticket Hypothesis",
        ICML, 2020; with the chord: Entezari, Sedghi, Saukh and Neyshabur, "The Role of Permutation Invariance
        in Linear Mode Connectivity of Neural Networks", ICLR, 2022.

    Examples:
        >>> barrier(torch.tensor([1.0, 4.0, 3.0]), torch.tensor([0.0, 0.5, 1.0]))
        2.0
    """
    return (losses - torch.lerp(losses[0], losses[-1], ts)).max().item()


def rise(losses: Tensor) -> float:
    """max over s < t of L(t) − L(s), the highest climb on the way; 0 where the losses never go up.

    Args:
        losses: shape (m,), in their order along a path.

    Source:
        Lucas, Bae, Zhang, Fort, Zemel and Grosse, "On Monotonic Linear Interpolation of Neural Network
        Parameters", ICML, 2021.

    Examples:
        >>> rise(torch.tensor([5.0, 2.0, 3.5, 1.0]))
        1.5
    """
    return (losses - losses.cummin(dim=0).values).max().item()


@torch.no_grad()
def plane(f: Loss, centre: Tensor, u: Tensor, v: Tensor, reach: Tensor) -> Tensor:
    """f(centre + a u + b v) for every a and b in `reach`.

    Args:
        f: takes shape (n,), returns shape ().
        centre, u, v: shape (n,).
        reach: shape (m,), the steps along u and along v.

    Returns:
        Shape (m, m): column j is at a = reach[j], row i at b = reach[i].

    Source:
        Li, Xu, Taylor, Studer and Goldstein, "Visualizing the Loss Landscape of Neural Nets", NeurIPS, 2018.

    Examples:
        >>> axes = torch.eye(2)
        >>> plane(lambda p: p[0] + 10 * p[1], torch.zeros(2), axes[0], axes[1], torch.tensor([0.0, 1.0]))
        tensor([[ 0.,  1.],
                [10., 11.]])
    """
    return torch.stack([torch.stack([f(centre + a * u + b * v) for a in reach]) for b in reach])


def random_direction(
    model: nn.Module, generator: Generator, scale: Literal["filter", "layer", "none"] = "filter"
) -> Tensor:
    """A direction of normal random numbers, each piece of it made as long as the weights that it changes.

    The pieces are the filters, that is the rows of a weight matrix, one for each unit: dᵢ ← dᵢ ‖wᵢ‖ / ‖dᵢ‖.
    Or they are whole layers. Biases stay where they are.

    Args:
        model: whose parameters the direction is for.
        generator: draws the numbers, in float64.
        scale: "filter"; "layer"; or "none", where the direction as a whole gets the length of all weights.

    Returns:
        Shape (n,), in the order and the dtype of `flat_parameters(model)`.

    Raises:
        ValueError: the scale is none of the three.

    Source:
        Li, Xu, Taylor, Studer and Goldstein, "Visualizing the Loss Landscape of Neural Nets", NeurIPS, 2018.

    Examples:
        >>> unit = nn.Linear(3, 1)
        >>> d = random_direction(unit, torch.Generator().manual_seed(0))
        >>> torch.allclose(d[:3].norm(), unit.weight.norm()), d[3].item()
        (True, 0.0)
    """
    if scale not in ("filter", "layer", "none"):
        raise ValueError(f'The scale is {scale!r}; use "filter", "layer" or "none".')
    pieces = [_random_like(parameter, generator, scale) for parameter in model.parameters()]
    direction, θ = torch.cat(pieces), flat_parameters(model)
    if scale == "none":
        direction *= θ[direction != 0].norm() / direction.norm()
    return direction.to(θ)


def _random_like(parameter: Tensor, generator: Generator, scale: str) -> Tensor:
    if parameter.ndim < 2:
        return torch.zeros(parameter.numel(), dtype=torch.float64)
    w = parameter.detach().double()
    d = torch.randn(w.shape, dtype=torch.float64, generator=generator)
    if scale != "none":
        axes = tuple(range(1 if scale == "filter" else 0, w.ndim))
        d *= torch.linalg.vector_norm(w, dim=axes, keepdim=True) / torch.linalg.vector_norm(
            d, dim=axes, keepdim=True
        )
    return d.flatten()
