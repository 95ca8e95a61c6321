"""A bar that says how far a run is."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from tqdm.auto import tqdm

from book.training.run.distributed import is_first
from book.training.run.history import History
from book.training.run.state import Run


@contextmanager
def progress_bar(run: Run, epochs: int, shown: bool) -> Generator[Callable[[], None]]:
    """Show the images seen, the time left, images per second, the last loss and the last test's accuracy.

    Args:
        run: what is looked at.
        epochs: of the whole run.
        shown: whether there is a bar at all; a team has one, its first member's.

    Yields:
        A function that brings the bar up to date with the run.
    """
    images, shown = len(run.batches.labels), shown and is_first()

    def seen() -> int:
        return run.epoch * images + min(run.batch * run.batches.batch_size, images)

    with tqdm(
        total=epochs * images, initial=seen(), unit=" images", unit_scale=True, disable=not shown
    ) as bar:

        def show() -> None:
            if shown:
                bar.set_postfix(_figures(run.history), refresh=False)
                bar.update(seen() - bar.n)

        yield show


def _figures(history: History) -> dict[str, str]:
    figures = {}
    if history.losses:
        figures["loss"] = f"{history.losses[-1]:.3f}"
    if history.test_accuracies:
        figures["accuracy"] = f"{history.test_accuracies[-1]:.2%}"
    return figures
