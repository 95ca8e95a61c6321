"""What a training run is given, looked at before its first step: an hour later is too late.

What one look at the arguments tells is refused at once: numbers, types, devices, a scheduler that cannot
move on after each step, a batch too small to be normalised. Whether a scheduler lasts is tried on a copy, in
`rehearsal`. What only the network knows, how many classes its logits have, is compared with the labels before
the first step.
"""

import inspect
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from book.numerics.number_types import whole
from book.optim.follow import Following
from book.optim.least_squares import LeastSquares
from book.training.data.batches import Batches
from book.training.data.load import Data
from book.training.run.checkpoint import Keep
from book.training.run.distributed import BATCH_NORMS

Forward = Callable[[Tensor], Tensor]


def check_fit(
    model: nn.Module,
    batches: Batches,
    optimizer: torch.optim.Optimizer,
    epochs: int,
    scheduler: LRScheduler | None,
    test: Data | None,
    keep: Keep | None,
) -> int:
    """Look at what `fit` is given.

    Returns:
        The number of epochs, as an int.

    Raises:
        TypeError, ValueError: as the functions below.
    """
    epochs = whole("epochs", epochs, least=1)
    check_learner(model, optimizer)
    check_kinds(batches=(batches, Batches, "Batches(data)"))
    check_devices(model, batches)
    if scheduler is not None:
        check_scheduler(scheduler, optimizer)
    if test is not None:
        check_test(test, batches.inputs, model)
    if keep is not None:
        check_kinds(keep=(keep, Keep, 'Keep("run.pt")'))
    check_single(model, batches.inputs[:1], len(batches.labels), batches.batch_size)
    return epochs


def check_kinds(**given: tuple[object, type, str]) -> None:
    """Refuse an argument of another type than it takes.

    Args:
        given: by name, the argument, its type, and how one is made.

    Raises:
        TypeError: it is of another type.

    Examples:
        >>> check_kinds(keep=("run.pt", Keep, 'Keep("run.pt")'))
        Traceback (most recent call last):
        TypeError: keep is a Keep, as Keep("run.pt") makes it; got 'run.pt'.
    """
    for name, (value, kind, made) in given.items():
        if not isinstance(value, kind):
            article = "an" if kind.__name__[0] in "AEIOUL" else "a"
            raise TypeError(f"{name} is {article} {kind.__name__}, as {made} makes it; got {_short(value)}.")


def check_learner(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Refuse what is no model or no optimizer, and an optimizer of another model's parameters.

    Raises:
        TypeError: one is of another type.
        ValueError: the model has no parameter to train, or the optimizer none of those; it takes residuals.
    """
    check_kinds(
        model=(model, nn.Module, "mlp(784, 10)"),
        optimizer=(optimizer, torch.optim.Optimizer, "SGD(model.parameters(), lr=0.1)"),
    )
    if isinstance(optimizer, LeastSquares):
        raise ValueError(
            f"{type(optimizer).__name__} takes residuals, and fit trains on a loss; take another optimizer."
        )
    mine = {id(p) for p in model.parameters() if p.requires_grad}
    if not mine:
        raise ValueError(
            "The model has no parameter that requires a gradient, so there is nothing to train; "
            "model.requires_grad_() lets all of them learn."
        )
    if not mine & {id(p) for group in optimizer.param_groups for p in group["params"]}:
        raise ValueError(
            "The optimizer moves none of the model's parameters that learn; make it from model.parameters(), "
            "after the model."
        )


def check_data(data: Data, name: str) -> None:
    """Refuse what is no data set, or an empty one.

    Raises:
        TypeError: it is of another type.
        ValueError: it holds no image.
    """
    check_kinds(**{name: (data, Data, "load")})
    if not len(data):
        raise ValueError(f"{name} holds no image.")


def check_test(test: Data, images: Tensor, model: nn.Module) -> None:
    """Refuse test images that the model does not take: the first look at them comes an epoch later.

    Args:
        test: what the model is tested on.
        images: that it trains on, shape (N, C, H, W).
        model: passed one test image in evaluation mode, where these have another shape than the others.

    Raises:
        TypeError: `test` is no data set.
        ValueError: it holds no image, or the model does not take one.
    """
    check_data(test, "test")
    if test.images.shape[1:] == images.shape[1:]:
        return
    try:
        _look(model, test[:1].inputs)
    except RuntimeError as error:
        raise ValueError(
            f"test has images of shape {tuple(test.images.shape[1:])}, which the model does not take; it "
            f"trains on shape {tuple(images.shape[1:])}. Load both from one data set."
        ) from error


def check_scheduler(scheduler: LRScheduler, optimizer: torch.optim.Optimizer) -> None:
    """Refuse a scheduler that cannot move on after each step of this optimizer.

    Raises:
        TypeError: it is no scheduler of torch's.
        ValueError: it is another optimizer's, moves on by itself, waits for a metric, or knows another number
            of parameter groups. Whether it lasts, `rehearsal` tells.
    """
    check_kinds(scheduler=(scheduler, LRScheduler, "LambdaLR(optimizer, cosine(steps))"))
    if scheduler.optimizer is not optimizer:
        raise ValueError("The scheduler is of another optimizer; make it from the one that fit is given.")
    if isinstance(scheduler, Following):
        raise ValueError(
            "A schedule that an optimizer follows moves on by itself, and would here move on twice a step; "
            "give fit LambdaLR(optimizer, schedule)."
        )
    if any(p.default is p.empty for p in inspect.signature(scheduler.step).parameters.values()):
        raise ValueError(
            f"{type(scheduler).__name__} waits for a metric, and fit moves a scheduler on after each step; "
            "take a schedule of the step's number, as LambdaLR(optimizer, cosine(steps))."
        )
    known = len(getattr(scheduler, "base_lrs", optimizer.param_groups))
    if known != len(optimizer.param_groups):
        raise ValueError(
            f"The scheduler knows {known} parameter groups and the optimizer has "
            f"{len(optimizer.param_groups)}; make the scheduler after the last group."
        )


def check_devices(model: nn.Module, batches: Batches) -> None:
    """Refuse a model and batches on two devices.

    Raises:
        ValueError: they are.
    """
    here, there = next(model.parameters()).device, batches.labels.device
    if here != there:
        raise ValueError(f"The model is on {here} and the batches are on {there}; move one to the other's.")


def check_single(model: nn.Module, image: Tensor, count: int, batch_size: int) -> None:
    """Refuse a batch of one image where a batch normalisation would have one value to a channel.

    Args:
        model: on the image's device; passed the image in evaluation mode, so that nothing in it changes.
        image: shape (1, C, H, W).
        count: of all images.
        batch_size: of all batches but the last.

    Raises:
        ValueError: the epoch has such a batch.
    """
    norms = [part for part in model.modules() if isinstance(part, BATCH_NORMS)]
    if not norms or (batch_size > 1 and count % batch_size != 1):
        return
    few = []
    hooks = [
        part.register_forward_pre_hook(
            lambda part, inputs: few.append(inputs[0].numel() == inputs[0].shape[1])
        )
        for part in norms
    ]
    try:
        _look(model, image)
    finally:
        for hook in hooks:
            hook.remove()
    if any(few):
        where = "Each batch" if batch_size == 1 else "The last batch of an epoch"
        raise ValueError(
            f"{where} holds one image of the {count}, and batch normalisation needs two values to a channel; "
            "choose another batch_size, or leave an image out, as data[:-1] does."
        )


@torch.no_grad()
def _look(model: nn.Module, image: Tensor) -> None:
    """Pass an image through a model, in evaluation mode, so that nothing in it changes."""
    modes = {part: part.training for part in model.modules()}
    try:
        model.eval()(image.to(next(model.parameters())))
    finally:
        for part, mode in modes.items():
            part.training = mode


def comparing(forward: Forward, largest: int) -> Forward:
    """The same function, whose first logits are compared with the labels.

    Args:
        forward: from inputs (B, ...) to logits (B, classes).
        largest: of all labels.

    Raises:
        TypeError: when called, the model returns no tensor of real numbers.
        ValueError: when called, torch cannot follow the logits, they are no matrix, or a label is beyond
            them.

    Examples:
        >>> comparing(nn.Linear(2, 3), 5)(torch.ones(1, 2))
        Traceback (most recent call last):
        ValueError: The labels go up to 5, and the model has logits for the 3 classes from 0 to 2.
    """
    compared = False

    def compare(inputs: Tensor) -> Tensor:
        nonlocal compared
        logits = forward(inputs)
        if not compared:
            _compare(logits, len(inputs), largest)
            compared = True
        return logits

    return compare


def _compare(logits: Tensor, count: int, largest: int) -> None:
    if not isinstance(logits, Tensor):
        raise TypeError(
            f"The model returns {type(logits).__name__}; it should return the logits, a tensor of shape "
            f"({count}, classes)."
        )
    if not logits.is_floating_point():
        raise TypeError(f"The model returns {logits.dtype}; it should return the logits, as real numbers.")
    if torch.is_grad_enabled() and not logits.requires_grad:
        raise ValueError(
            "The model's logits depend on no parameter in a way that torch can follow; leave .detach(), "
            "numpy and no_grad out of its forward."
        )
    if logits.ndim != 2 or len(logits) != count:
        raise ValueError(
            f"From {count} inputs the model makes shape {tuple(logits.shape)}; it should be "
            f"({count}, classes)."
        )
    if largest >= (classes := logits.shape[1]):
        raise ValueError(
            f"The labels go up to {largest}, and the model has logits for the {classes} classes from 0 to "
            f"{classes - 1}."
        )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 and "\n" not in text else f"a {type(value).__name__}"
