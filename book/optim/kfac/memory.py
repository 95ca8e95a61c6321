"""What K-FAC remembers of a layer: averages of its factors, and their inverses."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from book.numerics.number_types import whole
from book.optim.kfac.damping import damped_inverses
from book.optim.kfac.hooks import Factors, Request
from book.optim.kfac.layers import called, trained
from book.optim.loading import check_names
from book.optim.ranges import at_least_zero, checked

Memory = dict[str, Any]
ALWAYS = ("A", "B", "A_inverse", "B_inverse", "looks")  # of a layer that has taken a step
NAMES = (*ALWAYS, "step", "momentum_buffer")


def checked_options(options: dict) -> dict:
    """The hyperparameters of K-FAC as plain numbers.

    Raises:
        TypeError: one is not a number.
        ValueError: one is outside its range.

    Examples:
        >>> checked_options({"fisher": "exact", "approximation": "expand", "kl_clip": 1, "seed": 0.5})
        Traceback (most recent call last):
        ValueError: seed must be a whole number; got 0.5.
    """
    Request(options["fisher"], options["approximation"])  # refuses what is none
    clip, seed = options["kl_clip"], whole("seed", options["seed"], least=0)
    return checked(options) | {
        "kl_clip": None if clip is None else at_least_zero("kl_clip", clip),
        "seed": seed,
    }


def learned(name: str, memory: Mapping[str, Any], fresh: Factors | None, stat_decay: float) -> Memory:
    """A layer's memory with new factors in its averages; the old memory is left as it is.

    Of t looks the average keeps min(1 − 1/t, stat_decay): at first the plain mean, which has no start to
    forget.

    Args:
        name: of the layer, for messages.
        memory: with A, B and the count of looks, or empty.
        fresh: what the last pass has given; None where it was not looked at.
        stat_decay: the largest share that is kept.

    Raises:
        RuntimeError: there is nothing old and nothing new, or the layer has another shape now.

    Source:
        Martens and Grosse, ICML 2015, section 5, for the share.

    Examples:
        >>> import torch
        >>> first = learned("", {}, Factors(torch.tensor([[4.0]]), torch.tensor([[1.0]])), 0.9)
        >>> learned("", first, Factors(torch.tensor([[2.0]]), torch.tensor([[1.0]])), 0.9)["A"]
        tensor([[3.]])
    """
    if fresh is None:
        if "A" not in memory:
            raise RuntimeError(
                f"K-FAC has not seen {called(name)} at work, which has a gradient. Call the model itself, so "
                "that its hooks run; the empirical Fisher also takes `backward` of the loss."
            )
        return dict(memory)
    looks = memory.get("looks", 0) + 1
    kept = min(1 - 1 / looks, stat_decay)
    new: Memory = dict(memory) | {"looks": looks}
    for key, value in fresh._asdict().items():
        old = memory.get(key, value)
        if old.shape != value.shape or old.dtype != value.dtype:
            raise RuntimeError(
                f"A part of {called(name)} was frozen or thawed, or has another dtype now; build K-FAC anew."
            )
        new[key] = torch.lerp(value, old, kept)
    return new


def inverses(name: str, memory: Memory, damping: float) -> Memory:
    """The damped inverses of a layer's factors.

    Raises:
        FloatingPointError: a factor is not finite.
        RuntimeError: a factor is singular.

    Examples:
        >>> import torch
        >>> memory = {"A": torch.tensor([[4.0]]), "B": torch.tensor([[1.0]])}
        >>> inverses("", memory, damping=0.0)
        {'A_inverse': tensor([[0.2500]]), 'B_inverse': tensor([[1.]])}
    """
    check_finite([memory["A"], memory["B"]], f"A factor of {called(name)}")
    try:
        A_inverse, B_inverse = damped_inverses(memory["A"], memory["B"], damping)
    except RuntimeError as error:
        raise RuntimeError(f"In {called(name)} {error}") from None
    return {"A_inverse": A_inverse, "B_inverse": B_inverse}


def check_finite(tensors: Iterable[Tensor], what: str = "A step") -> None:
    """Refuse nan and inf before anything has moved.

    Examples:
        >>> import torch
        >>> check_finite([torch.tensor([torch.nan])])
        Traceback (most recent call last):
        FloatingPointError: A step is not finite, so nothing has moved; look for nan or inf in the data.
    """
    # A finite sum has finite terms, and takes one pass over memory.
    if not all(tensor.sum().isfinite() or tensor.isfinite().all() for tensor in tensors):
        raise FloatingPointError(
            f"{what} is not finite, so nothing has moved; look for nan or inf in the data."
        )


def check_memory(name: str, layer: nn.Module, state: Mapping[Tensor, Memory]) -> None:
    """Refuse a part of a layer's memory, or that of a layer of another shape.

    Args:
        name: of the layer, for messages.
        layer: one that is known.
        state: by parameter, as in `Optimizer.state`.

    Raises:
        ValueError: as for `check_names`, or a factor has another shape than the layer asks for.

    Examples:
        >>> import torch
        >>> layer, two = nn.Linear(2, 3), torch.eye(2)
        >>> memory = {"A": two, "B": two, "A_inverse": two, "B_inverse": two, "looks": 1}
        >>> check_memory("head", layer, {layer.weight: memory})
        Traceback (most recent call last):
        ValueError: This state_dict has A of shape (2, 2) for layer head, which takes (3, 3).
    """
    own = trained(layer)
    found = state.get(own[0], {}).keys() - {"step"}
    check_names(found, NAMES, ALWAYS if found else ())
    inputs, outputs = sum(parameter[0].numel() for parameter in own), len(own[0])
    shapes = dict.fromkeys(("A", "A_inverse"), (inputs, inputs))
    shapes |= dict.fromkeys(("B", "B_inverse"), (outputs, outputs))
    for key, shape in shapes.items():
        found = state.get(own[0], {}).get(key)
        if found is not None and tuple(found.shape) != shape:
            raise ValueError(
                f"This state_dict has {key} of shape {tuple(found.shape)} for {called(name)}, which "
                f"takes {shape}."
            )
