"""When the device's memory is full: which batch size would fit."""

import traceback

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from book.errors import BookError
from book.training.run.state import Run


def too_large(error: torch.OutOfMemoryError, run: Run, inputs: Tensor, labels: Tensor) -> BookError:
    """The sentence for a batch that does not fit, with the largest half, quarter, … of it that does.

    Args:
        error: what the step raised; the tensors that it holds are given up.
        run: whose step it was.
        inputs, labels: the batch.
    """
    traceback.clear_frames(error.__traceback__)
    size = len(inputs) // 2
    while size and not _fits(run, inputs[:size], labels[:size]):
        size //= 2
    where = f"{len(inputs)} images do not fit into the memory of {inputs.device} at once"
    if not size:
        return BookError(f"{where}, nor does a single one; take a smaller network or a larger device.")
    return BookError(f"{where}; {size} do. Make the batches with batch_size={size}.")


def _fits(run: Run, inputs: Tensor, labels: Tensor) -> bool:
    """Whether forward and backward pass go through beside what an optimizer such as Adam remembers."""
    run.optimizer.zero_grad()
    if inputs.is_cuda:
        torch.cuda.empty_cache()
    try:
        started = any(run.optimizer.state.values())
        reserved = [torch.empty_like(p) for p in run.model.parameters() for _ in range(0 if started else 2)]
        with run.precision.autocast():
            loss = cross_entropy(run.model(inputs), labels)
        loss.backward()
    except torch.OutOfMemoryError as error:
        traceback.clear_frames(error.__traceback__)
        return False
    finally:
        run.optimizer.zero_grad()
    del reserved
    return True
