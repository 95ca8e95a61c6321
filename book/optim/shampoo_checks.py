"""What Shampoo refuses before anything has changed: options, a memory and gradients that do not fit."""

from torch import Tensor

from book.numerics.arguments import DECOMPOSABLE
from book.optim.loading import check_names
from book.optim.ranges import checked

ALWAYS = ("step", "preconditioners", "roots")
OTHERS = ("exp_avg", "sum")  # with momentum, and where it grafts


def checked_group(group: dict) -> dict:
    """The hyperparameters of a group as plain numbers.

    Raises:
        TypeError: one is not a number.
        ValueError: one is outside its range.

    Examples:
        >>> checked_group({"eps": 0.0, "momentum": 0.9})
        Traceback (most recent call last):
        ValueError: Shampoo divides by the roots of matrices that start at εI; got eps=0.0.
    """
    group = checked(group)
    if not group["eps"] > 0:
        raise ValueError(
            f"Shampoo divides by the roots of matrices that start at εI; got eps={group['eps']}."
        )
    if group["momentum"] >= 1:
        raise ValueError(f"Shampoo keeps a share of momentum in [0, 1); got {group['momentum']}.")
    return group


def check_memory(memory: dict, x: Tensor, shapes: list[list[tuple[int, int]]]) -> None:
    """Refuse a memory that another method has left, or one of another parameter.

    Args:
        memory: of one parameter, as in `Optimizer.state`; nothing before its first step.
        x: the parameter.
        shapes: of the matrices that it takes, block by block.

    Raises:
        ValueError: as for `check_names`, or a shape does not fit.

    Examples:
        >>> import torch
        >>> check_memory({"step": 3, "exp_avg": torch.ones(2)}, torch.ones(2), [[(2, 2)]])
        Traceback (most recent call last):
        ValueError: This state_dict remembers exp_avg, step, and this method step, preconditioners, roots, exp_avg, sum; load it into its own method.
    """  # noqa: E501  (the message is one line)
    if not memory:
        return
    check_names(memory, (*ALWAYS, *OTHERS), ALWAYS)
    matrices = [[tuple(H.shape) for H in Hs] for Hs in memory["preconditioners"]]
    if matrices != shapes or any(memory[name].shape != x.shape for name in OTHERS if name in memory):
        raise ValueError(
            f"This state_dict has matrices of shapes {matrices} where a parameter of shape {tuple(x.shape)} "
            f"takes {shapes}; load it into an optimizer over the same parameters."
        )


def check_gradient(x: Tensor, g: Tensor, memory: dict) -> None:
    """Refuse a gradient whose squares, with those that are remembered, are beyond the dtype.

    Args:
        x: the parameter.
        g: its gradient, with its share of the decay.
        memory: of the parameter.

    Raises:
        TypeError: the parameter is neither float32 nor float64, or not of the dtype that is remembered.
        FloatingPointError: the sum of squares is not finite.

    Examples:
        >>> import torch
        >>> check_gradient(torch.ones(1), torch.tensor([1e30]), {})
        Traceback (most recent call last):
        FloatingPointError: The squares of a gradient overflow torch.float32, alone or with those before; its largest entry is 1e+30. No parameter was changed. Scale the loss down.
    """  # noqa: E501  (the message is one line)
    if x.dtype not in DECOMPOSABLE:
        raise TypeError(f"Shampoo takes float32 or float64; a parameter is {x.dtype}. Keep it in float32.")
    if any(H.dtype != x.dtype for Hs in memory.get("preconditioners", []) for H in Hs):
        raise TypeError(f"A parameter is {x.dtype} now, and its matrices are not; build Shampoo anew.")
    before = [Hs[0].diagonal().sum() for Hs in memory.get("preconditioners", [])]
    if not sum(before, g.square().sum()).isfinite():
        raise FloatingPointError(
            f"The squares of a gradient overflow {x.dtype}, alone or with those before; its largest entry is "
            f"{g.abs().max():g}. No parameter was changed. Scale the loss down."
        )
