"""One network trained by one optimizer, in one process or in all that `torchrun` starts."""

from pathlib import Path

from book.errors import BookError, known
from book.project.methods import COMPARED, default_rate
from book.project.prepare import prepare
from book.project.protocol import TUNED
from book.project.tasks import TASKS, precision
from book.training.data.load import load
from book.training.run.checkpoint import Keep
from book.training.run.distributed import team
from book.training.run.history import History


def train_task(
    task: str,
    optimizer: str,
    lr: float | None = None,
    epochs: int = 10,
    scale: str = "sample",
    seed: int = 0,
    keep: Path | None = None,
    progress: bool = False,
) -> History:
    """Train a task's network; the rate rises over the first 15 % of the steps and then falls to 0.

    Called again with the same arguments it goes on from its last checkpoint. The processes of a team all call
    it with the same arguments and share each batch: more of them change the time and nothing else.

    Args:
        task: "mlp", "cnn", "vgg13" or "vgg13-plain".
        optimizer: a name in `COMPARED`.
        lr: the highest rate; torch's default where it is None.
        epochs: at least 1.
        scale: of the data, "sample" or "full".
        seed: of the first parameters, of the order and of the augmentation; from 0 to 2^64 - 1.
        keep: the file of the checkpoints; by default one in `_runs/`, named after the run.
        progress: whether to show a bar, and to print what is trained and how it ended.

    Raises:
        BookError: a name is unknown, a number is out of range, or as for `fit`.

    Examples:
        >>> train_task("cnn", "adam", epochs=0)
        Traceback (most recent call last):
        book.errors.BookError: A run takes at least 1 epoch; got 0.
    """
    _check(task, optimizer, epochs, seed)
    made, rate = TASKS[task], default_rate(optimizer) if lr is None else lr
    trial = {"method": optimizer, "lr": rate, "schedule": TUNED, "seed": seed, "epochs": epochs}
    keep = keep or Path("_runs", f"{task} {optimizer} {rate:g} {epochs} {scale} {seed}.pt".replace(" ", "-"))
    with team() as member:
        data, test = load(made.data, scale)
        run = prepare(trial, made, data, member)
        if progress:
            rounded = precision(member.device.type)
            print(
                f"{made.title}, {COMPARED[optimizer].title} {rate:g}, {rounded}; kept in {keep}.", flush=True
            )
        history = run(test=test, keep=Keep(keep), progress=progress)
        if progress:
            print(describe_run(history), flush=True)
    return history


def describe_run(history: History) -> str:
    """How a run ended, in a line.

    Examples:
        >>> describe_run(History(losses=[2.3, 0.5], test_accuracies=[0.875], seconds=[1.5]))
        'Test accuracy 87.50 % after 1 epoch, 2 steps and 1.5 s of training.'
        >>> describe_run(History(losses=[2.3, float("nan")]))
        'Diverged at step 2. Try a lower rate.'
    """
    if history.diverged:
        return f"Diverged at step {len(history.losses)}. Try a lower rate."
    epochs = len(history.test_accuracies)
    return (
        f"Test accuracy {100 * history.test_accuracies[-1]:.2f} % after {epochs} epoch{'s' * (epochs > 1)}, "
        f"{len(history.losses):,} steps and {sum(history.seconds):.1f} s of training."
    )


def _check(task: str, optimizer: str, epochs: int, seed: int) -> None:
    known(task, "task", TASKS)
    known(optimizer, "optimizer", COMPARED)
    if epochs < 1:
        raise BookError(f"A run takes at least 1 epoch; got {epochs}.")
    if not 0 <= seed < 2**64:
        raise BookError(f"Seeds go from 0 to 2^64 - 1; got {seed}.")
