"""The eager engine: an update carried out as it is written."""

from collections.abc import Callable

import torch
from torch import Tensor

Update = Callable[..., tuple[Tensor, ...]]


def advance(
    update: Update,
    xs: list[Tensor],
    gs: list[Tensor],
    memories: list[tuple[Tensor | float, ...]],
    t: float | Tensor,
    hyper: dict,
    weight_decay: float | Tensor | None,
    maximize: bool,
) -> None:
    """Take one step with each parameter: x and its memory change in place, by the rule's own formula.

    Args:
        update: the formula, `Adam.update` for one.
        xs, gs: parameters and gradients, pairwise of one shape.
        memories: for each parameter what the rule remembers of it; 0.0 where an option is off.
        t: the number of the step, from 1 on.
        hyper: the hyperparameters that the formula names.
        weight_decay: λ of the penalty ½λ‖x‖², whose gradient λx is added to g; None without one.
        maximize: whether to climb.
    """
    for x, g, memory in zip(xs, gs, memories, strict=True):
        g = -g if maximize else g
        g = g if weight_decay is None else g + weight_decay * x
        for old, new in zip((x, *memory), update(x, g, *memory, t=t, **hyper), strict=True):
            if isinstance(old, Tensor):
                old.copy_(new)


def power(base: float | Tensor, t: float | Tensor) -> float | Tensor:
    """baseᵗ, for the number t of the step.

    A tensor goes through the exponential, which the compiler works out once a step and not at each entry.

    Examples:
        >>> power(0.5, 3.0)
        0.125
    """
    if isinstance(t, Tensor) and isinstance(base, Tensor):
        return torch.exp(t * torch.log(base))
    return base**t
