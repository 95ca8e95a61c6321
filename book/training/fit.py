"""The project's training loop: any torch optimizer, any schedule, reduced precision, on the device."""

from dataclasses import dataclass, field
from time import perf_counter

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from book.training.batches import Batches
from book.training.data import Data

PRECISIONS = {"float32": None, "bfloat16": torch.bfloat16, "float16": torch.float16}
AT_ONCE = 2_000  # images that `accuracy` passes through the network together


@dataclass
class History:
    """What a run has seen so far.

    Args:
        losses: of each step, on its batch, before the step.
        test_losses, test_accuracies: after each epoch; the accuracies from 0 to 1.
        seconds: that each epoch took, testing left out.
    """

    losses: list[float] = field(default_factory=list)
    test_losses: list[float] = field(default_factory=list)
    test_accuracies: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def fit(
    model: nn.Module,
    batches: Batches,
    optimizer: torch.optim.Optimizer,
    epochs: int,
    *,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    test: Data | None = None,
    precision: str = "float32",
) -> History:
    """Train a model in place.

    Args:
        model: maps inputs (B, C, H, W) to logits (B, classes); on the batches' device.
        batches: what to train on.
        optimizer: over the model's parameters.
        epochs: at least 1.
        scheduler: moves on after each step of the optimizer.
        test: evaluated after each epoch.
        precision: of what passes through the network: "float32", "bfloat16" or "float16". Parameters,
            gradients and the optimizer's memory stay as they are.

    Raises:
        ValueError: `epochs` is below 1, or there is no such precision.
    """
    history = History()
    for number in range(epochs):
        model.train()
        start, losses = perf_counter(), []
        for inputs, labels in batches.epoch(number):
            optimizer.zero_grad()
            with torch.autocast(inputs.device.type, PRECISIONS[precision], enabled=precision != "float32"):
                loss = cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            if scheduler is not None:
                scheduler.step()
            losses.append(loss.detach())
        history.losses += torch.stack(losses).tolist()
        history.seconds.append(perf_counter() - start)
        if test is not None:
            loss, right = evaluate(model, test.inputs, test.labels, precision)
            history.test_losses.append(loss)
            history.test_accuracies.append(right)
    return history


@torch.no_grad()
def evaluate(model: nn.Module, inputs: Tensor, labels: Tensor, precision: str) -> tuple[float, float]:
    """Mean cross-entropy, and the share of images whose largest logit is the right one."""
    mode = model.training
    model.eval()
    with torch.autocast(inputs.device.type, PRECISIONS[precision], enabled=precision != "float32"):
        logits = torch.cat([model(some) for some in inputs.split(AT_ONCE)]).float()
    model.train(mode)
    right = (logits.argmax(dim=1) == labels).double().mean()
    return cross_entropy(logits, labels).item(), right.item()
