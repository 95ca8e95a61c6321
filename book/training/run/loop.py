"""The lessons' training loop: whole tensors, shuffled mini-batches, cross-entropy, any torch optimizer.

What `fit` has beside it, schedules, augmentation, reduced precision and checkpoints, is left out.
"""

from time import perf_counter

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from book.numerics.number_types import whole
from book.training.data.load import Data
from book.training.models import SEEDS
from book.training.run.arguments import (
    Forward,
    check_data,
    check_learner,
    check_single,
    check_test,
    comparing,
)
from book.training.run.history import History

AT_ONCE = 2_000  # images that `evaluate` passes through the network together


def train(
    model: nn.Module,
    data: Data,
    optimizer: torch.optim.Optimizer,
    epochs: int,
    batch_size: int = 128,
    seed: int = 0,
    test: Data | None = None,
) -> History:
    """Train a model in place: the optimizer takes a step down the mean cross-entropy of each batch.

    Each epoch goes once through all images in a new random order; the last batch is smaller where the batch
    size does not divide their number. The inputs follow the model's dtype and device.

    Args:
        model: maps inputs (B, C, H, W) to logits (B, classes).
        data: what to train on.
        optimizer: over the model's parameters.
        epochs: at least 1.
        batch_size: B, at least 1.
        seed: of the order, and of nothing else.
        test: evaluated after each epoch.

    Raises:
        TypeError: an argument is of another type.
        ValueError: before the first step: `epochs` or `batch_size` is no whole number from 1 on, there is no
            image, the optimizer is of another model, a label is beyond the model's classes, or a batch of one
            image cannot be normalised.

    Examples:
        >>> from book.training.data.load import load
        >>> from book.training.models import mlp
        >>> data, test = load("mnist")
        >>> model = mlp(784, 10)
        >>> history = train(model, data, torch.optim.SGD(model.parameters(), lr=0.1), epochs=2, test=test)
        >>> len(history.losses), history.test_accuracies[-1] > 0.75
        (24, True)
    """
    epochs, batch_size = whole("epochs", epochs), whole("batch_size", batch_size)
    if epochs < 1 or batch_size < 1:
        raise ValueError(f"epochs and batch_size start at 1; got {epochs} and {batch_size}.")
    generator = torch.Generator().manual_seed(whole("seed", seed, *SEEDS))
    check_learner(model, optimizer)
    check_data(data, "data")
    if test is not None:
        check_test(test, data.images, model)
    inputs, labels = tensors_for(model, data)
    check_single(model, inputs[:1], len(labels), batch_size)
    forward, history = (
        comparing(model, int(max(half.labels.max() for half in (data, test) if half))),
        History(),
    )
    for _ in range(epochs):
        start = perf_counter()
        order = torch.randperm(len(labels), generator=generator).to(labels.device)
        model.train()
        steps = [_step(forward, optimizer, inputs[batch], labels[batch]) for batch in order.split(batch_size)]
        history.losses += torch.stack(steps).tolist()
        history.seconds.append(perf_counter() - start)
        history.ends.append(len(history.losses))
        if test is not None:
            loss, accuracy = evaluate(model, test)
            history.test_losses.append(loss)
            history.test_accuracies.append(accuracy)
    return history


def evaluate(model: nn.Module, data: Data) -> tuple[float, float]:
    """The mean cross-entropy, and the share of images whose largest logit is the right one.

    The model is in evaluation mode meanwhile, and afterwards in the mode that it was in.

    Args:
        model: maps inputs (B, C, H, W) to logits (B, classes).
        data: N images and labels.

    Returns:
        Loss and accuracy, the latter from 0 to 1.

    Raises:
        TypeError: `data` is no data set.
        ValueError: it holds no image.

    Examples:
        >>> from book.training.data.load import load
        >>> _, test = load("mnist")
        >>> loss, accuracy = evaluate(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), test)
        >>> 0 <= accuracy <= 1
        True
    """
    check_data(data, "data")
    return score(model, *tensors_for(model, data))


@torch.no_grad()
def score(model: nn.Module, inputs: Tensor, labels: Tensor) -> tuple[float, float]:
    """As `evaluate`, from tensors on the model's device: shape (N, C, H, W) and (N,)."""
    mode = model.training
    model.eval()
    logits = torch.cat([model(some) for some in inputs.split(AT_ONCE)])
    model.train(mode)
    right = (logits.argmax(dim=1) == labels).double().mean()
    return cross_entropy(logits, labels).item(), right.item()


def tensors_for(model: nn.Module, data: Data) -> tuple[Tensor, Tensor]:
    """Inputs and labels of `data`, in the dtype and on the device of the model's parameters."""
    like = next(model.parameters(), torch.empty(0))  # a model without any works in float32
    return data.inputs.to(like), data.labels.to(like.device)


def _step(forward: Forward, optimizer: torch.optim.Optimizer, inputs: Tensor, labels: Tensor) -> Tensor:
    def closure() -> Tensor:  # LBFGS and its kind call it several times in one step
        optimizer.zero_grad()
        loss = cross_entropy(forward(inputs), labels)
        loss.backward()
        return loss

    # pyrefly: ignore[no-matching-overload]  torch's types ask for a float, its methods take a tensor
    return optimizer.step(closure).detach()
