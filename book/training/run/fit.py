"""The project's training loop: any torch optimizer, any schedule, reduced precision, and nothing lost.

`train`, in `loop.py`, is the plain one of the lessons.
"""

from collections.abc import Callable
from time import perf_counter

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from book.training.data.batches import Batches
from book.training.data.load import Data
from book.training.run.arguments import check_fit, comparing
from book.training.run.checkpoint import Keep
from book.training.run.compiled_network import compile_network
from book.training.run.history import History
from book.training.run.identity import run_settings
from book.training.run.interrupt import Stop
from book.training.run.keeper import Keeper, NoKeeper
from book.training.run.loop import score, tensors_for
from book.training.run.memory import too_large
from book.training.run.precision import Precision
from book.training.run.progress import progress_bar
from book.training.run.rehearsal import check_lasts
from book.training.run.state import Run

Forward = Callable[[Tensor], Tensor]
LOOK = {"cpu": 1, "cuda": 50}  # steps between two looks at the losses: CUDA works ahead of the host


@torch.inference_mode(False)
def fit(
    model: nn.Module,
    batches: Batches,
    optimizer: torch.optim.Optimizer,
    epochs: int,
    *,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    test: Data | None = None,
    precision: str = "float32",
    compiled: bool = False,
    keep: Keep | None = None,
    progress: bool = False,
) -> History:
    """Train a model in place: the optimizer takes a step down the mean cross-entropy of each batch.

    With `keep` nothing is lost. Killed at any moment and called again with the same arguments, all made anew,
    the run goes on from its last checkpoint and ends bit for bit as one that was never interrupted: on the
    same device with the same number of threads, and on a CUDA device where
    `torch.use_deterministic_algorithms(True)` was called. Ctrl-C ends it after the present step.

    In a team the first member keeps the run, and Ctrl-C on one ends all at the same step. A run goes on with
    any number of processes: bit for bit with the same number, else as rounding and dropout let it.

    A run that diverges, which a loss of nan or inf tells, ends at once, and its history says so.

    Args:
        model: maps inputs (B, C, H, W) to logits (B, classes); on the batches' device.
        batches: what to train on.
        optimizer: over the model's parameters; any one that takes the loss, LBFGS and Newton too.
        epochs: at least 1.
        scheduler: moves on after each step of the optimizer; torch's own are gone through once before the
            first step, on a copy.
        test: evaluated after each epoch.
        precision: of what passes through the network: "float32", "bfloat16" or "float16", which scales the
            loss and is slow on a CPU. Parameters, gradients and the optimizer's memory stay as they are.
        compiled: whether the network goes through `torch.compile`, which takes a while at the first step.
        keep: where to keep checkpoints; what lies there is taken up.
        progress: whether to show a bar.

    Raises:
        TypeError: an argument is of another type.
        ValueError: before the first step: `epochs` is no whole number from 1 on, there is no such precision,
            or optimizer, scheduler, batches and model do not go together.
        BookError: the device lacks the precision or the memory, or the checkpoint is damaged, of another run
            or cannot be written; the sentence says what to do.
        KeyboardInterrupt: after Ctrl-C or SIGTERM; with `keep`, once the state is saved.

    Examples:
        >>> from book.training.data.load import load
        >>> from book.training.models import mlp
        >>> data, test = load("mnist")
        >>> model = mlp(784, 10)
        >>> history = fit(model, Batches(data), torch.optim.SGD(model.parameters(), lr=0.1), 2, test=test)
        >>> len(history.losses), history.test_accuracies[-1] > 0.75, history.diverged
        (24, True, False)
    """
    epochs = check_fit(model, batches, optimizer, epochs, scheduler, test, keep)
    run = Run(model, batches, optimizer, scheduler, Precision(precision, next(model.parameters()).device))
    run.precision.check(optimizer)
    keeper = Keeper(run, keep, epochs, run_settings(run, epochs, test, compiled)) if keep else NoKeeper()
    largest = max(batches.largest_label, -1 if test is None else int(test.labels.max()))
    forward = comparing(compile_network(model) if compiled else model, largest)
    tested = None if test is None else _on_device(model, test)
    with keeper.stopping() as stop, progress_bar(run, epochs, progress) as show:
        if scheduler is not None:
            check_lasts(scheduler, epochs * len(batches) - run.steps)
        while run.epoch < epochs and not (run.history.diverged or stop.agreed):
            _train(run, forward, keeper, stop, show)
            if not stop.agreed:
                _end_epoch(run, tested)
                show()
            keeper.save()
            stop.ask()
    return run.history


def _train(run: Run, forward: Forward, keeper: Keeper | NoKeeper, stop: Stop, show: Callable) -> None:
    """Go to the end of the epoch, unless the run diverges or is to stop."""
    run.model.train()
    if run.batch == 0:
        run.started = perf_counter()
    look = LOOK.get(run.precision.device.type, 1)
    for inputs, labels in run.batches.epoch(run.epoch, run.batch):
        run.pending.append(_step(run, forward, inputs, labels))
        run.batch += 1
        if keeper.due or stop.at_once or run.batch % look == 0:
            run.collect()
            show()
            if keeper.due:
                keeper.save()
            if stop.ask() or run.history.diverged:
                break
    run.collect()


def _step(run: Run, forward: Forward, inputs: Tensor, labels: Tensor) -> Tensor:
    """Take one step; return the loss before it."""

    def closure() -> Tensor:  # LBFGS and its kind call it several times in one step
        run.optimizer.zero_grad()
        with run.precision.autocast():
            loss = cross_entropy(forward(inputs), labels)
        if not getattr(run.optimizer, "curved", False):  # which differentiates the loss itself, twice
            run.precision.backward(loss)
        return loss

    try:
        loss, taken = run.precision.step(run.optimizer, closure)
    except torch.OutOfMemoryError as error:
        raise too_large(error, run, inputs, labels) from None
    if taken and run.scheduler is not None:
        run.scheduler.step()
    return loss.detach()


def _end_epoch(run: Run, test: tuple[Tensor, Tensor] | None) -> None:
    """Note the time and, unless the run has diverged, test the model and go to the next epoch."""
    run.history.seconds.append(perf_counter() - run.started)
    if not run.history.diverged:
        if test is not None:
            with run.precision.autocast():
                loss, right = score(run.model, *test)
            run.history.test_losses.append(loss)
            run.history.test_accuracies.append(right)
        run.next_epoch()


def _on_device(model: nn.Module, test: Data) -> tuple[Tensor, Tensor]:
    """The test set laid out as the batches are."""
    inputs, labels = tensors_for(model, test)
    return inputs.contiguous(memory_format=torch.channels_last), labels
