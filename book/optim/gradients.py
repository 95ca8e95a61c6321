"""Gradients that need care before a rule sees them: not finite, sparse, complex."""

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from book.optim.engine import advance

VANISHES = 2.0**-25  # in float16 this, and what is below, rounds to 0


def gradients_of(group: dict, rests_at_zero: bool) -> list[tuple[Tensor, Tensor]]:
    """The parameters of a group that have a gradient, with it; what the step could not use is refused.

    Args:
        group: as in `Optimizer.param_groups`.
        rests_at_zero: whether the rule leaves entries alone whose gradient is 0, so that a sparse gradient's
            rows are all there is to do.

    Raises:
        FloatingPointError: `error_if_nonfinite` is set and a gradient holds nan or inf.
        RuntimeError: a gradient is sparse, and the rule moves every entry.

    Warns:
        UserWarning: a parameter is float16, and ε, which keeps a division from 0/0, is 0 there.
    """
    wary, pairs = group["error_if_nonfinite"], []
    for index, x in enumerate(group["params"]):
        g = x.grad
        if g is None:
            continue
        if wary and not values(g).isfinite().all():
            raise FloatingPointError(_not_finite(_name(group, index), values(g)))
        if x.dtype is torch.float16 and 0 < (group.get("eps") or 0) <= VANISHES:
            warnings.warn(_no_epsilon(_name(group, index), group["eps"]), stacklevel=4)
        if g.is_sparse and (not rests_at_zero or group.get("weight_decay")):
            raise RuntimeError(
                f"The gradient of {_name(group, index)} is sparse, and this method does not support sparse "
                "gradients, or its weight_decay option is not compatible with sparse gradients: both move "
                "every entry. Use SGD or AdaGrad without weight_decay, or an embedding with sparse=False."
            )
        pairs.append((x, g))
    return pairs


def loss_of(closure: Callable[[], Tensor] | None, groups: list[dict]) -> Tensor | None:
    """What a closure returns, with gradients on; None without one.

    Raises:
        TypeError: it cannot be called.
        RuntimeError: as for `check_backward`.

    Examples:
        >>> loss_of(torch.tensor(0.5), [])
        Traceback (most recent call last):
        TypeError: step takes a function that computes the loss anew, or nothing; got Tensor. Call step().
    """
    if closure is None:
        return None
    check_closure(closure)
    with torch.enable_grad():
        loss = closure()
    check_backward(loss, groups)
    return loss


def check_closure(closure: object) -> None:
    """Refuse what cannot be called in the place of a closure, the loss itself for one.

    Examples:
        >>> check_closure(0.5)
        Traceback (most recent call last):
        TypeError: step takes a function that computes the loss anew, or nothing; got float. Call step().
    """
    if not callable(closure):
        raise TypeError(
            f"step takes a function that computes the loss anew, or nothing; got {type(closure).__name__}. "
            "Call step()."
        )


def check_backward(loss: object, groups: list[dict]) -> None:
    """Refuse a closure that left no gradient, though torch can differentiate the loss that it returned.

    Args:
        loss: what the closure returned.
        groups: as in `Optimizer.param_groups`.

    Raises:
        RuntimeError: no parameter has a gradient.

    Examples:
        >>> x = torch.nn.Parameter(torch.ones(1))
        >>> check_backward(x.sum(), [{"params": [x]}])
        Traceback (most recent call last):
        RuntimeError: The closure left no gradient, so there is no step; call loss.backward() in it.
    """
    asks = isinstance(loss, Tensor) and loss.requires_grad
    if asks and all(x.grad is None for group in groups for x in group["params"]):
        raise RuntimeError("The closure left no gradient, so there is no step; call loss.backward() in it.")


def values(g: Tensor) -> Tensor:
    """The entries of a gradient; of a sparse one, those that it stores."""
    return g.coalesce().values() if g.is_sparse else g


def real_views(x: Tensor, g: Tensor, memory: tuple) -> tuple[Tensor, Tensor, tuple]:
    """A complex parameter, its gradient and its memory as real ones, two numbers an entry, sharing storage.

    Examples:
        >>> x, g, _ = real_views(torch.tensor([1 + 2j]), torch.tensor([3j]), ())
        >>> x
        tensor([[1., 2.]])
    """
    return _real(x), _real(g), tuple(map(_real, memory))


def advance_rows(update: Callable, xs: list[Tensor], gs: list[Tensor], memories: list[tuple], *rest) -> None:
    """`advance` at the entries alone that sparse gradients name; the others, and their memory, rest."""
    for x, g, memory in zip(xs, map(Tensor.coalesce, gs), memories, strict=True):
        rows = tuple(g.indices())
        some = [whole[rows] if isinstance(whole, Tensor) else whole for whole in (x, *memory)]
        advance(update, some[:1], [g.values()], [tuple(some[1:])], *rest)
        for whole, part in zip((x, *memory), some, strict=True):
            if isinstance(whole, Tensor):
                whole[rows] = part


def _real(value: Tensor | float) -> Any:
    if not (isinstance(value, Tensor) and value.is_complex()):
        return value
    if not value.is_sparse:
        return torch.view_as_real(value)
    rows = value.coalesce()  # torch 2.10 has no such view of a sparse tensor
    return torch.sparse_coo_tensor(rows.indices(), torch.view_as_real(rows.values()), (*value.shape, 2))


def _name(group: dict, index: int) -> str:
    shape = tuple(group["params"][index].shape)
    return group["param_names"][index] if "param_names" in group else f"parameter {index} of shape {shape}"


def _no_epsilon(name: str, eps: float | Tensor) -> str:
    return (
        f"eps={float(eps):g} is 0 in float16, the dtype of {name}, and an entry whose gradients were all 0 "
        "becomes nan. Keep the parameters in float32, as autocast does, or set eps=1e-4."
    )


def _not_finite(name: str, g: Tensor) -> str:
    nans, infs = g.isnan().sum().item(), g.isinf().sum().item()
    return (
        f"The gradient of {name} holds {nans} nan and {infs} inf among {g.numel()} entries; no parameter was "
        "changed. Lower the learning rate or clip the gradient, and look for the first bad number."
    )
