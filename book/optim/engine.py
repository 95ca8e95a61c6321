"""The two ways in which an update is carried out: as it is written, or through `torch.compile`."""

import inspect
import warnings
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor
from torch._dynamo.exc import TorchDynamoException

Update = Callable[..., tuple[Tensor, ...]]
INDUCTOR = {
    "cpp.max_horizontal_fusion_size": 1,  # one parameter at a time: more are too many streams
    "realize_opcount_threshold": 0,  # what all parameters share, AdaGrad's rate for one, is worked out once
    "size_asserts": False,  # Dynamo's guards have looked at the shapes already
    "alignment_asserts": False,
}
SHAPES = 256  # lists of parameters of different shapes that one process may compile for
GIVEN_UP: set[Update] = (
    set()
)  # formulas that could not be compiled: a try takes seconds, so there is no second


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


def advance_compiled(update, xs, gs, memories, t, hyper, weight_decay, maximize) -> None:
    """`advance` through `torch.compile`: one pass over memory for each parameter.

    Numbers become tensors first, so that a changed one, such as the learning rate under a schedule, compiles
    nothing anew. Where a formula cannot be compiled, one warning says so, and from then on `advance` does its
    work.
    """
    arguments = update, xs, gs, memories
    if update not in GIVEN_UP:
        try:
            _compiled()(*arguments, _tensor(t), _tensors(hyper), _tensor(weight_decay), maximize)
            return
        except TorchDynamoException as error:
            _give_up(update, str(error).strip().splitlines()[0])
    advance(*arguments, t, hyper, weight_decay, maximize)


def power(base: float | Tensor, t: float | Tensor) -> float | Tensor:
    """baseᵗ, for the number t of the step.

    A tensor goes through the exponential, which `torch.compile` works out once a step and not at each entry.

    Examples:
        >>> power(0.5, 3.0)
        0.125
    """
    return torch.exp(t * torch.log(base)) if isinstance(t, Tensor) else base**t


@cache
def _compiled() -> Callable:
    options = {"recompile_limit": SHAPES, "isolate_recompiles": True, "options": INDUCTOR}
    known = inspect.signature(torch.compile).parameters
    return torch.compile(advance, dynamic=False, **{k: v for k, v in options.items() if k in known})


def _give_up(update: Update, reason: str) -> None:
    GIVEN_UP.add(update)
    warnings.warn(
        f'engine="compiled" could not compile ({reason}), so the eager engine takes the steps. On Linux '
        "install g++ to compile on the CPU.",
        stacklevel=3,
    )


def _tensor(value: float | Tensor | bool | None) -> Tensor | bool | None:
    """A tensor of its own for each number: where two are one, Dynamo compiles anew."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Tensor):
        return value.double().reshape(())
    return torch.scalar_tensor(value, dtype=torch.float64)


def _tensors(hyper: dict) -> dict:
    return {
        name: tuple(map(_tensor, value)) if isinstance(value, tuple | list) else _tensor(value)
        for name, value in hyper.items()
    }
