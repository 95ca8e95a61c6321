"""Trials that any number of processes share, on one machine or on many, through one of Optuna's storages."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from optuna.trial import FrozenTrial

from book.training.sweep.trial_queue import Queue, identity

POLL = 1.0  # seconds between two looks at the others' trials


def run_trials(storage: str | Path, name: str, trials: list[dict], run: Callable[[dict], dict]) -> list[dict]:
    """Run each trial once, together with all other processes that call this with the same storage and name.

    Every process takes one waiting trial after the other, and at the end waits for those of the others. The
    trial of a process that died is taken up by another one. What is finished stays: called again, only what
    is missing is run, also with more trials than before.

    Args:
        storage: the file that holds the results, for the processes of one machine; for several machines the
            address of a database that all of them reach, "postgresql://user:password@host/name" say.
        name: of the study, to which the trials belong.
        trials: each one a dict of plain values (text, numbers, None, lists and dicts of them), which are what
            tells it from the others; equal ones are run once.
        run: from a trial to its result, again of plain values; nan and infinities are allowed.

    Returns:
        The results in the order of `trials`, from all processes.

    Raises:
        BookError: the storage cannot be used.
        TypeError: a trial or its result holds something that is no plain value.
        Exception: what `run` raised, with a note that names the trial. It is tried again at the next call.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "trials.db")
        ...     first = run_trials(file, "squares", [{"x": 3}], lambda trial: {"y": trial["x"] ** 2})
        ...     run_trials(file, "squares", [{"x": 2}, {"x": 3}], lambda trial: {"y": trial["x"] ** 2})
        [{'y': 4}, {'y': 9}]
    """
    wanted = {identity(trial): trial for trial in trials}
    queue = Queue(storage, name)
    try:
        _work(queue, wanted, run)
    except KeyboardInterrupt:
        finished = f"{len(wanted) - len(queue.unfinished(wanted))} of {len(wanted)} trials of {name}"
        print(f"\nStopped. {finished} are finished and kept; run the same again to go on.", file=sys.stderr)
        raise
    rows = queue.rows()
    return [rows[identity(trial)].user_attrs["result"] for trial in trials]


def _work(queue: Queue, wanted: dict[str, dict], run: Callable[[dict], dict]) -> None:
    """Run trials until all are finished, here or elsewhere."""
    told = False
    while unfinished := queue.unfinished(wanted):
        if (row := queue.take(unfinished)) is not None:
            _attempt(queue, row, wanted[identity(row.user_attrs["trial"])], run)
            continue
        if not told:
            left = f"{len(unfinished)} of {len(wanted)} trials"
            print(f"Other processes run what is left, {left}; waiting for them.", file=sys.stderr)
        told = True
        time.sleep(POLL)


def _attempt(queue: Queue, row: FrozenTrial, trial: dict, run: Callable[[dict], dict]) -> None:
    start = time.perf_counter()
    try:
        with queue.alive(row):
            result = run(trial)
            queue.finish(row, result, time.perf_counter() - start)
    except BaseException as error:
        queue.give_up(row)
        error.add_note(f"This was trial {identity(trial)}; all finished ones are kept, run the same again.")
        raise
