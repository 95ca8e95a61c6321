"""The queue behind `run_trials`: trials that wait, run or are complete, as the rows of an Optuna study."""

import json
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from threading import Event, Thread

import optuna
from filelock import FileLock
from optuna.exceptions import ExperimentalWarning, OptunaError, StorageInternalError, UpdateFinishedTrialError
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from book.errors import BookError

HEARTBEAT, GRACE = 10, 40  # seconds: a running trial gives a sign of life; without one it counts as dead
TRIES, PAUSE = 5, 0.5  # to open a database; seconds


def identity(trial: dict) -> str:
    """What tells a trial from all others: its values as JSON, the keys in order.

    Args:
        trial: a dict of plain values.

    Raises:
        TypeError: it holds something else.

    Examples:
        >>> identity({"lr": 0.1, "betas": (0.9, 0.999)}) == identity({"betas": [0.9, 0.999], "lr": 0.1})
        True
    """
    try:
        return json.dumps(trial, sort_keys=True)
    except TypeError as error:
        raise TypeError(f"A trial is a dict of plain values; {trial} is not: {error}.") from error


class Queue:
    """The trials of one study, each a row of the storage: waiting, running, complete or failed.

    A trial may get several rows, by processes that do not see each other's yet. Of those that have not failed
    the first one counts: a study's rows become visible in the order of their numbers, so that no process
    ever holds a later row for the first.

    Args:
        storage: a file or a database's address.
        name: of the study.

    Raises:
        BookError: the storage cannot be used.
    """

    def __init__(self, storage: str | Path, name: str):
        file = _file(storage)
        self.alone = FileLock(f"{file}.lock") if file else nullcontext()  # SQLite knows no locked rows
        try:
            with _quiet():
                if file:
                    file.parent.mkdir(parents=True, exist_ok=True)
                with self.alone:
                    self.storage = _open(storage, file)
                    self.study = optuna.create_study(
                        storage=self.storage, study_name=name, load_if_exists=True
                    )
        except (OSError, ImportError, RuntimeError, OptunaError, SQLAlchemyError) as error:
            raise BookError(_sentence(error, file)) from error

    def rows(self) -> dict[str, FrozenTrial]:
        """For each trial's identity the row that counts."""
        rows: dict[str, FrozenTrial] = {}
        for row in self.study.get_trials(deepcopy=False):
            if row.state != TrialState.FAIL and "trial" in row.user_attrs:
                rows.setdefault(identity(row.user_attrs["trial"]), row)
        return rows

    def unfinished(self, wanted: dict[str, dict]) -> dict[str, dict]:
        """Those of the trials that are not complete."""
        rows = self.rows()
        complete = {key for key, row in rows.items() if row.state == TrialState.COMPLETE}
        return {key: trial for key, trial in wanted.items() if key not in complete}

    def take(self, wanted: dict[str, dict]) -> FrozenTrial | None:
        """Make a trial that nobody runs this process's own; None where there is none."""
        with self.alone:
            with _quiet():
                optuna.storages.fail_stale_trials(self.study)
            rows = self.rows()
            for key, trial in wanted.items():
                if key not in rows:
                    self.study.add_trial(
                        optuna.trial.create_trial(state=TrialState.WAITING, user_attrs={"trial": trial})
                    )
                    rows = self.rows()
                if rows[key].state == TrialState.WAITING and self._start(rows[key]):
                    return rows[key]
        return None

    def _start(self, row: FrozenTrial) -> bool:
        self.storage.record_heartbeat(row._trial_id)  # first: without one it would never count as dead
        with suppress(UpdateFinishedTrialError):
            return self.storage.set_trial_state_values(row._trial_id, TrialState.RUNNING)
        return False

    @contextmanager
    def alive(self, row: FrozenTrial) -> Generator[None]:
        """Give signs of life for a running trial inside the block."""
        over = Event()

        def beat() -> None:
            while not over.wait(HEARTBEAT):
                with suppress(StorageInternalError):  # a database that is away may come back
                    self.storage.record_heartbeat(row._trial_id)
            self.storage.remove_session()

        thread = Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def finish(self, row: FrozenTrial, result: dict, seconds: float) -> None:
        """Store a result, unless the trial counted as dead meanwhile and is another process's now."""
        with self.alone, suppress(UpdateFinishedTrialError):
            self.storage.set_trial_user_attr(row._trial_id, "result", result)
            self.storage.set_trial_state_values(row._trial_id, TrialState.COMPLETE, [seconds])

    def give_up(self, row: FrozenTrial) -> None:
        """Leave the trial to whoever asks next."""
        with self.alone, suppress(UpdateFinishedTrialError):
            self.storage.set_trial_state_values(row._trial_id, TrialState.FAIL)


def _file(storage: str | Path) -> Path | None:
    address = str(storage).removeprefix("sqlite:///")
    return None if "://" in address else Path(address).absolute()


def _open(storage: str | Path, file: Path | None) -> RDBStorage:
    address = f"sqlite:///{file}".replace("{", "{{").replace("}", "}}") if file else str(storage)
    settings = {"connect_args": {"timeout": 60}} if file else {"pool_pre_ping": True}
    opened = partial(RDBStorage, address, settings, heartbeat_interval=HEARTBEAT, grace_period=GRACE)
    for _ in range(0 if file else TRIES - 1):
        try:
            return opened()
        except SQLAlchemyError:  # another process may be making the same tables right now
            time.sleep(PAUSE)
    return opened()


def _sentence(error: Exception, file: Path | None) -> str:
    reason = str(error.__cause__ or error).splitlines()[0].rstrip(".")
    if file:
        return f"{file} cannot hold the trials ({reason}); move it away, or name another file."
    return f"The database of the trials cannot be used ({reason}); check its address and its driver."


@contextmanager
def _quiet() -> Generator[None]:
    """Without Optuna's news, and its warning that heartbeats are experimental."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
