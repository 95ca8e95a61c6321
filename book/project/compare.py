"""The comparison itself: run the protocol, alone or with others, and put its result together."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from book.project.comparison_file import load_comparison
from book.project.declaration import declare, describe
from book.project.methods import COMPARED
from book.project.protocol import TUNED, Plan, chosen_rates, final_trials, tuning_trials
from book.project.summary import rows
from book.project.tasks import TASKS, Splits, splits
from book.project.trial import device_name, run_trial
from book.project.work_queue import run_trials
from book.project.workers import helpers
from book.provenance import provenance

__all__ = ["compare", "load_comparison"]

Say = Callable[[str], object]
RUNS = Path("_runs")  # in the folder that you are in


def compare(
    task: str,
    optimizers: list[str] | None = None,
    budget: str = "small",
    *,
    storage: str | Path = RUNS,
    workers: int = 1,
    say: Say = str,
) -> dict:
    """Compare optimizers on a task by the declared protocol.

    What is finished is kept in the storage: after an interruption, or with more optimizers, the same call
    runs only what is missing. Other processes and machines that call it with the same storage share the work.

    Args:
        task: "mlp", "cnn", "vgg13" or "vgg13-plain".
        optimizers: names in `COMPARED`; all of them by default.
        budget: "tiny", "small", "one-pass", "medium" or "full".
        storage: folder of the trials, as for `run_trials`.
        workers: processes on this computer.
        say: takes each line of the declaration and of the progress; by default they are dropped.

    Returns:
        The record that a result file holds: `command`, `date`, `hardware`, `software`, and in `results` the
        `protocol`, the table's `rows`, and all trials, `tuning` and `final`.

    Raises:
        BookError: a name is unknown, or the data or the storage cannot be had.

    Examples:
        >>> compare("cnn", ["adam", "moment"])
        Traceback (most recent call last):
        book.errors.BookError: There is no optimizer 'moment'; did you mean 'momentum'?
    """
    plan = Plan(task, tuple(COMPARED if optimizers is None else optimizers), budget)
    data = splits(TASKS[task].data, plan.means.scale)
    declared = declare(plan, data)
    say(describe(declared))
    with helpers(workers, work, plan, storage, say) as cores:
        tuning, final = work(plan, storage, say, data)
    return _record(plan, declared, tuning, final, cores)


def work(
    plan: Plan, storage: str | Path, say: Say, data: Splits | None = None
) -> tuple[list[dict], list[dict]]:
    """Do what is left of a comparison's trials, together with all others that do the same.

    Args:
        plan, storage, say: as in `compare`.
        data: the task's; loaded where it is not given.

    Returns:
        The trials that chose the rates and the final runs, each with its outcome.
    """
    data = data or splits(TASKS[plan.task].data, plan.means.scale)

    def run(trial: dict, folder: Path) -> dict:
        outcome = run_trial(plan, trial, data, folder)
        say(_progress(trial, outcome))
        return outcome

    def finished(trials: list[dict]) -> list[dict]:
        outcomes = run_trials(storage, plan.study, trials, run)
        return [trial | outcome for trial, outcome in zip(trials, outcomes, strict=True)]

    tuning = finished(tuning_trials(plan))
    return tuning, finished(final_trials(plan, chosen_rates(tuning)))


def _progress(trial: dict, outcome: dict) -> str:
    how = "diverged" if outcome["diverged"] else f"{outcome['accuracy']:.2f} %"
    kind = "" if trial["schedule"] == TUNED else " constant"
    return (
        f"{COMPARED[trial['method']].title} {trial['lr']:g}{kind}, seed {trial['seed']}: {how} "
        f"({trial['judged_on']}, {outcome['seconds']:.1f} s)"
    )


def _record(plan: Plan, declared: dict, tuning: list[dict], final: list[dict], cores: int) -> dict:
    final = [run | {"tuned": run["schedule"] == TUNED} for run in final]
    table = rows(declared, tuning, final)
    for row in table:
        row["losses"] = _mean_losses(row, final)
    named = f"--task {plan.task} --optimizers {','.join(plan.methods)} --budget {plan.budget}"
    record = provenance(f"python -m book compare {named}", cores)
    if torch.cuda.is_available():
        record["hardware"]["device"] = device_name()
    ran_on = sorted({(run["device"], run["commit"] or "") for run in tuning + final})
    record["results"] = {
        "protocol": declared,
        "ran_on": [{"device": device, "commit": commit or None} for device, commit in ran_on],
        "rows": table,
        "tuning": [_stored(run, "losses") for run in tuning],
        "final": [_stored(run, "tuned", "steps") for run in final],
    }
    return record


def _stored(run: dict, *more: str) -> dict:
    always = ("method", "lr", "seed", "accuracy", "loss", "diverged", "seconds", "accuracies")
    return {key: run[key] for key in (*always, *more)}


def _mean_losses(row: dict, final: list[dict]) -> list[float]:
    """The mean curve of training losses over the row's runs that did not diverge."""
    curves = [
        run["losses"]
        for run in final
        if (run["method"], run["tuned"]) == (row["method"], row["tuned"]) and not run["diverged"]
    ]
    return [float(f"{value:.3g}") for value in np.mean(curves, axis=0)] if curves else []
