"""Trials that any number of processes share: each has a folder, and runs where its lock is held."""

import hashlib
import json
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from book.errors import BookError
from book.whole_files import write_whole

POLL = 1.0  # seconds between two looks at the others' trials
RESULT = "result.json"
READABLE = 120  # characters of a trial in the name of its folder
Run = Callable[[dict, Path], dict]


def run_trials(storage: str | Path, study: str, trials: list[dict], run: Run) -> list[dict]:
    """Run each trial once, together with all other processes that call this with the same storage and study.

    Every process takes one trial after the other that nobody has finished or is running, and at the end waits
    for those of the others. What is finished stays: called again, only what is missing is run, also with more
    trials than before.

    A process that runs a trial holds a lock on its folder. The system lets go of the lock as the process
    ends, however it ends, and not before: so the trial of one that was killed is taken up at once, in the
    same folder, and no two ever run in one folder at the same time.

    Args:
        storage: a folder that all processes reach. Where it lies on another machine, that file system must
            carry locks, as NFS does from version 4 on.
        study: a folder in it, to which the trials belong.
        trials: each one a dict of plain values (text, numbers, None, lists and dicts of them), which are what
            tells it from the others; equal ones are run once.
        run: from a trial, and a folder that is its own, to its result, again of plain values; nan and
            infinities are allowed.

    Returns:
        The results in the order of `trials`, from all processes.

    Raises:
        BookError: the storage cannot be used, or a result in it is damaged.
        TypeError: a trial or its result holds something that is no plain value.
        Exception: what `run` raised, with a note that names the trial. It is tried again at the next call.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     first = run_trials(folder, "squares", [{"x": 3}], lambda trial, _: {"y": trial["x"] ** 2})
        ...     run_trials(folder, "squares", [{"x": 2}, {"x": 3}], lambda trial, _: {"y": trial["x"] ** 2})
        [{'y': 4}, {'y': 9}]
    """
    shared = {name: SharedTrial(trial, Path(storage, study, name)) for name, trial in _named(trials)}
    try:
        _work(list(shared.values()), run)
    except KeyboardInterrupt:
        finished = len(shared) - len(_unfinished(shared.values()))
        print(
            f"\nStopped. {finished} of {len(shared)} trials of {study} are finished and kept; "
            "run the same again to go on.",
            file=sys.stderr,
        )
        raise
    return [(shared[name].result() or {})["result"] for name, _ in _named(trials)]


def folder_name(trial: dict) -> str:
    """The name of a trial's folder: what can be read of it, and a digest that tells it apart.

    Args:
        trial: a dict of plain values.

    Raises:
        TypeError: it holds something else.

    Examples:
        >>> folder_name({"method": "sgd", "lr": 0.1})
        'lr-0.1-method-sgd-641a375d4650'
        >>> folder_name({"lr": 0.1, "betas": (0.9, 1)}) == folder_name({"lr": 0.1, "betas": [0.9, 1]})
        True
    """
    try:
        text = _text(trial)
    except TypeError as error:
        raise TypeError(f"A trial is a dict of plain values; {trial} is not: {error}.") from error
    readable = re.sub(r"[^\w.]+", "-", text).strip("-")[:READABLE]
    return f"{readable}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def place_of(storage: str | Path, study: str, trial: dict) -> Path:
    """The file that holds a trial's result, or will.

    Args:
        storage, study, trial: as for `run_trials`.

    Examples:
        >>> place_of("_runs", "squares", {"x": 3}).name
        'result.json'
    """
    return Path(storage, study, folder_name(trial), RESULT)


@dataclass(frozen=True)
class SharedTrial:
    """A trial and its folder, which holds its lock, its result, and what its run puts there.

    Args:
        trial: a dict of plain values.
        folder: made as it is first run.
    """

    trial: dict
    folder: Path

    def result(self) -> dict | None:
        """What was stored: `trial`, `result` and `seconds`; None as long as there is nothing.

        Raises:
            BookError: the file is damaged, or of another trial.
        """
        file = self.folder / RESULT
        try:
            stored = json.loads(file.read_text(encoding="utf-8"))
            if _text(stored["trial"]) != _text(self.trial) or "result" not in stored:
                raise ValueError("a result of another trial, or none")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise BookError(f"{file} is damaged. Delete it, and its trial is run again.") from error
        return stored

    def attempt(self, run: Run) -> bool:
        """Run the trial, unless it is finished; False where another process holds its lock.

        Raises:
            BookError: the folder cannot be made or locked.
            Exception: what `run` raised, with a note that names the trial.
        """
        lock = self._locked()
        if lock is None:
            return False
        try:
            if self.result() is None:
                self._run(run)
        finally:
            lock.release()
        return True

    def _locked(self) -> FileLock | None:
        lock = FileLock(self.folder / "lock")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            return None
        except OSError as error:
            reason = error.strerror or str(error)
            raise BookError(
                f"{self.folder} cannot be made or locked ({reason}); name another storage."
            ) from error
        return lock

    def _run(self, run: Run) -> None:
        start = time.perf_counter()
        try:
            result = run(self.trial, self.folder)
            stored = {"trial": self.trial, "result": result, "seconds": time.perf_counter() - start}
            write_whole(self.folder / RESULT, json.dumps(stored, indent=1) + "\n")
        except BaseException as error:
            error.add_note(
                f"This was trial {json.dumps(self.trial)}; all finished ones are kept, run the same again."
            )
            raise


def _text(trial: dict) -> str:
    return json.dumps(trial, sort_keys=True)


def _named(trials: list[dict]) -> list[tuple[str, dict]]:
    return [(folder_name(trial), trial) for trial in trials]


def _unfinished(shared: Iterable[SharedTrial]) -> list[SharedTrial]:
    return [some for some in shared if some.result() is None]


def _work(shared: list[SharedTrial], run: Run) -> None:
    """Run trials until all are finished, here or elsewhere."""
    told = False
    while left := _unfinished(shared):
        if any(some.attempt(run) for some in left):
            continue
        if not told:
            print(
                f"Other processes run what is left, {len(left)} of {len(shared)} trials; waiting for them.",
                file=sys.stderr,
            )
        told = True
        time.sleep(POLL)
