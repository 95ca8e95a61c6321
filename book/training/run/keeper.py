"""A run that is kept: taken up where its checkpoint left it, and written down as it goes on."""

import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from filelock import FileLock, Timeout

from book.errors import BookError
from book.training.run.agreement import from_all, from_first
from book.training.run.checkpoint import (
    Keep,
    beside,
    check_state,
    read_checkpoint,
    write_checkpoint,
)
from book.training.run.distributed import is_first, rank
from book.training.run.identity import check_same_run, condition
from book.training.run.interrupt import Stop, stopping
from book.training.run.state import Run, random_states, set_random_states
from book.whole_files import check_place


class Keeper:
    """Keeps a run between its steps.

    In a team the first member alone uses the disk and sends the others what it read, so that each may be on a
    computer of its own. A lock beside the file holds another process off until the run ends.

    Args:
        run: at its start; it is taken up where the checkpoint left it, if there is one.
        keep: where and how often.
        epochs: of the whole run.
        settings: of the run, from `run_settings`.

    Raises:
        BookError: the checkpoint is of another run, is damaged, holds more epochs than were asked for, or
            another process keeps a run there, or nothing can be written there.
    """

    def __init__(self, run: Run, keep: Keep, epochs: int, settings: dict[str, str]):
        _refuse_hidden_scheduler(run)
        self.run, self.keep, self.settings = run, keep, settings
        self.start = condition(run.state())
        self.lock = FileLock(beside(keep.path, ".lock"))
        try:
            self._open(epochs)
        except BaseException:
            self.lock.release()
            raise

    @property
    def due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return self.run.steps % self.keep.every == 0

    def save(self) -> None:
        """Write a checkpoint; the losses must have been collected. All members wait until it is there."""
        _, *others = from_all(lambda: random_states(self.run.precision.device))
        kept = {"settings": self.settings, "start": self.start, "others": others}
        from_first(lambda: write_checkpoint(self.keep.path, self.run.state() | kept))

    @contextmanager
    def stopping(self) -> Generator[Stop]:
        """Until the block ends, Ctrl-C waits for the state to be saved; then the lock is given back."""
        goes_on = f"Stopped; the run is saved in {self.keep.path}. Start it again to go on from there."
        try:
            with stopping(goes_on) as stop:
                yield stop
        finally:
            self.lock.release()

    def _open(self, epochs: int) -> None:
        saved = from_first(self._read)
        if saved is None:
            from_first(lambda: check_state(self.run.state()))
        else:
            from_all(lambda: check_same_run(self.keep.path, saved, self.settings, self.start))
            self.start = saved["start"]
            self._take_up(saved, epochs)

    def _read(self) -> dict | None:
        check_place(self.keep.path, f"The checkpoint {self.keep.path}")
        _hold(self.lock, self.keep.path)
        saved = read_checkpoint(self.keep.path)
        if saved is not None and not (
            isinstance(saved, dict) and saved.keys() >= {"settings", "start", "place"}
        ):
            raise BookError(
                f"The checkpoint {self.keep.path} is of no run that fit kept. Choose another path, or "
                "delete it to start anew."
            )
        return saved

    def _take_up(self, saved: dict, epochs: int) -> None:
        epoch, batch = saved["place"]["epoch"], saved["place"]["batch"]
        if (epoch, batch) > (epochs, 0):
            raise BookError(
                f"The checkpoint {self.keep.path} is in epoch {epoch + 1}, beyond the {epochs} asked for. "
                "Ask for more, choose another path, or delete it to start anew."
            )
        self.run.restore(saved)
        mine = saved.get("others", [])[rank() - 1 : rank()] if rank() else []
        for states in mine:  # a member that is new to the run goes on with the first one's
            set_random_states(states, self.run.precision.device)
        if epoch < epochs and not self.run.history.diverged and is_first():
            print(f"Going on from {self.keep.path}: epoch {epoch + 1}, step {batch + 1}.", file=sys.stderr)


class NoKeeper:
    """Stands where nothing is kept: Ctrl-C raises at once, in a team on the member that it reaches."""

    due = False

    def save(self) -> None:
        """Do nothing."""

    def stopping(self) -> AbstractContextManager[Stop]:
        """What never tells to stop."""
        return nullcontext(Never())


class Never(Stop):
    """Nobody is ever asked to stop."""

    def ask(self) -> bool:
        """Say no, without asking the other members."""
        return False


def _hold(lock: FileLock, path: Path) -> None:
    """Take the lock of a checkpoint; where the file system has none, go without."""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BookError(
            f"Another process keeps a run in {path}. Wait until it ends, or choose another path."
        ) from None
    except (OSError, NotImplementedError):  # a disk that takes no checkpoint was told of before
        pass


def _refuse_hidden_scheduler(run: Run) -> None:
    """torch's schedulers give the optimizer a `step` of its own; one that fit does not know would be lost."""
    if run.scheduler is None and "step" in vars(run.optimizer):
        raise BookError(
            "The optimizer follows a scheduler that no checkpoint would hold. Give it to fit as `scheduler`, "
            "which moves it on after each step; in place of `follow`, LambdaLR(optimizer, schedule)."
        )
