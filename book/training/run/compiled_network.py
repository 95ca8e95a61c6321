"""A network through `torch.compile`, or as it is where that cannot be had."""

import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn


def compile_network(model: nn.Module) -> Callable[[Tensor], Tensor]:
    """Compile a network at its first batch; on a CUDA device its kernels are launched as one CUDA graph.

    Every batch size is compiled for itself, so that a run that is taken up in the midst of an epoch computes
    as one that was never interrupted.

    Args:
        model: shares its parameters with what is returned.

    Returns:
        From inputs to logits. Where the network cannot be compiled, or fails compiled and not as it is, one
        warning says so and it runs as it is.

    Examples:
        >>> forward = compile_network(nn.Linear(3, 2))  # nothing is compiled yet
    """
    cuda = next(model.parameters()).is_cuda
    mode = "reduce-overhead" if cuda else None
    try:
        chosen = torch.compile(model, dynamic=False, mode=mode)
    except RuntimeError as error:  # a Python or a system for which there is no compiler
        _warn(error)
        return model

    def forward(inputs: Tensor) -> Tensor:
        nonlocal chosen
        if cuda:
            torch.compiler.cudagraph_mark_step_begin()
        try:
            return chosen(inputs)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            if chosen is model:
                raise
            logits = model(inputs)  # an error of the network's own is raised here
            _warn(error)
            chosen = model
            return logits

    return forward


def _warn(error: Exception) -> None:
    reason = str(error).strip().splitlines()[0]
    warnings.warn(
        f"The network could not be compiled ({reason}), so it runs uncompiled. On Linux install g++ to "
        "compile on the CPU.",
        stacklevel=3,
    )
