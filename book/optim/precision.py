"""Autocast is for the model: what an optimizer computes itself keeps the precision of its tensors."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import torch


@contextmanager
def own_precision(device: torch.device) -> Generator[None]:
    """Compute in the dtypes that tensors have, whatever autocast is on around.

    Args:
        device: of the tensors.

    Examples:
        >>> with torch.autocast("cpu", torch.bfloat16), own_precision(torch.device("cpu")):
        ...     (torch.ones(1, 1) @ torch.ones(1, 1)).dtype
        torch.float32
    """
    with ExitStack() as stack:
        if torch.is_autocast_enabled(device.type):
            stack.enter_context(torch.autocast(device.type, enabled=False))
        yield


@contextmanager
def autocast_as(on: bool, device: torch.device) -> Generator[None]:
    """Call a model with autocast as it is outside of `own_precision`, and with the weights as they are now.

    Autocast casts a weight once and keeps the copy until it ends: after a step that is the old weight's.

    Args:
        on: whether autocast is on outside.
        device: of the weights.

    Examples:
        >>> with autocast_as(False, torch.device("cpu")):
        ...     (torch.ones(1, 1) @ torch.ones(1, 1)).dtype
        torch.float32
    """
    with ExitStack() as stack:
        if on:
            torch.clear_autocast_cache()
            stack.enter_context(torch.autocast(device.type, torch.get_autocast_dtype(device.type)))
        yield
