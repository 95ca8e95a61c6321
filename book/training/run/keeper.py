"""A run that is kept: taken up where its checkpoint left it, and written down as it goes on."""

import sys
from contextlib import AbstractContextManager, nullcontext
from threading import Event

from book.errors import BookError
from book.training.run.checkpoint import Keep, read_checkpoint, write_checkpoint
from book.training.run.distributed import is_first
from book.training.run.identity import check_same_run, condition
from book.training.run.interrupt import stopping
from book.training.run.state import Run


class Keeper:
    """Keeps a run between its steps.

    Args:
        run: at its start; it is taken up where the checkpoint left it, if there is one.
        keep: where and how often.
        epochs: of the whole run.
        settings: of the run, from `run_settings`.

    Raises:
        BookError: the checkpoint is of another run, is damaged, or holds more epochs than were asked for.
    """

    def __init__(self, run: Run, keep: Keep, epochs: int, settings: dict[str, str]):
        _refuse_hidden_scheduler(run)
        self.run, self.keep, self.settings = run, keep, settings
        self.start = condition(run.state())
        saved = read_checkpoint(keep.path)
        if saved is not None:
            check_same_run(keep.path, saved, settings, self.start)
            self.start = saved["start"]
            self._take_up(saved, epochs)

    @property
    def due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return self.run.steps % self.keep.every == 0

    def save(self) -> None:
        """Write a checkpoint, in a team its first member alone; the losses must have been collected."""
        if is_first():
            write_checkpoint(
                self.keep.path, self.run.state() | {"settings": self.settings, "start": self.start}
            )

    def stopping(self) -> AbstractContextManager[Event]:
        """Until the block ends, Ctrl-C waits for the state to be saved."""
        return stopping(f"Stopped; the run is saved in {self.keep.path}. Start it again to go on from there.")

    def _take_up(self, saved: dict, epochs: int) -> None:
        epoch, batch = saved["place"]["epoch"], saved["place"]["batch"]
        if (epoch, batch) > (epochs, 0):
            raise BookError(
                f"The checkpoint {self.keep.path} is in epoch {epoch + 1}, beyond the {epochs} asked for. "
                "Ask for more, choose another path, or delete it to start anew."
            )
        self.run.restore(saved)
        if epoch < epochs and not self.run.history.diverged and is_first():
            print(f"Going on from {self.keep.path}: epoch {epoch + 1}, step {batch + 1}.", file=sys.stderr)


class NoKeeper:
    """Stands where nothing is kept: Ctrl-C raises at once."""

    due = False

    def save(self) -> None:
        """Do nothing."""

    def stopping(self) -> AbstractContextManager[Event]:
        """An event that is never set."""
        return nullcontext(Event())


def _refuse_hidden_scheduler(run: Run) -> None:
    """torch's schedulers give the optimizer a `step` of its own; one that fit does not know would be lost."""
    if run.scheduler is None and "step" in vars(run.optimizer):
        raise BookError(
            "The optimizer follows a scheduler that no checkpoint would hold. Give it to fit as `scheduler`, "
            "which moves it on after each step."
        )
