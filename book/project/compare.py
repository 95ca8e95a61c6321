"""The comparison itself: run the protocol, alone or with others, and put its result together."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from book.errors import BookError, known
from book.project.comparison_file import load_comparison
from book.project.declaration import declare, describe, study
from book.project.estimate import describe_cost, measured_cost
from book.project.methods import COMPARED
from book.project.outcome import unfit
from book.project.predictions import Predictions, from_text
from book.project.protocol import BUDGETS, TUNED, Plan, final_trials
from book.project.rate_search import chosen_rates, finalist_trials, first_trials, wider_trials
from book.project.summary import rows
from book.project.tasks import TASKS, Splits, splits
from book.project.trial import device_name, run_trial
from book.project.work_queue import place_of, run_trials
from book.project.workers import helpers
from book.provenance import provenance
from book.whole_files import check_place

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

    What is finished is kept in the storage, checkpoints of long runs too: after an interruption, or with
    more optimizers, the same call runs only what is missing. Other processes and machines that call it with
    the same storage share the work. Trials that were declared otherwise, or run on another kind of device or
    in another precision, are never mixed in.

    Args:
        task: "mlp", "cnn", "vgg13" or "vgg13-plain".
        optimizers: names in `COMPARED`; the budget's by default, which are mostly all.
        budget: "tiny", "small", "one-pass", "colab", "medium" or "full".
        storage: folder of the trials, as for `run_trials`; best on a disk that outlives this machine.
        workers: processes on this computer.
        say: takes the declaration, the time that it may take, and each line of the progress; by default they
            are dropped.

    Returns:
        The record that a result file holds: `command`, `date`, `hardware`, `software`, and in `results` the
        `protocol`, the `study` that its trials are kept under, the table's `rows`, and all trials, `tuning`
        and `final`. Beside them `predictions`, which a file of its own holds.

    Raises:
        BookError: a name is unknown, the data or the storage cannot be had, or a stored outcome is none.

    Examples:
        >>> compare("cnn", ["adam", "moment"])
        Traceback (most recent call last):
        book.errors.BookError: There is no optimizer 'moment'; did you mean 'momentum'?
    """
    plan = plan_for(task, optimizers, budget)
    check_place(Path(storage, "trials"), f"The storage {storage}")
    data = splits(TASKS[task].data, plan.means.scale)
    declared = declare(plan, data)
    say(describe(declared))
    say(describe_cost(declared, measured_cost(plan, data), workers))
    with helpers(workers, work, plan, storage, say) as cores:
        tuning, final = work(plan, storage, say, data)
    return _record(plan, declared, tuning, final, cores) | {"predictions": _predictions(data, final)}


def plan_for(task: str, optimizers: list[str] | None, budget: str) -> Plan:
    """The plan of a comparison, with the budget's own optimizers where none are named.

    Args:
        task, optimizers, budget: as for `compare`.

    Raises:
        BookError: a name is unknown.
    """
    named = tuple(BUDGETS[known(budget, "budget", BUDGETS)].methods if optimizers is None else optimizers)
    return Plan(task, named, budget)


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
    name = study(declare(plan, data))

    def run(trial: dict, folder: Path) -> dict:
        outcome = run_trial(plan, trial, data, folder)
        say(_progress(trial, outcome))
        return outcome

    def finished(trials: list[dict]) -> list[dict]:
        outcomes = run_trials(storage, name, trials, run)
        for trial, outcome in zip(trials, outcomes, strict=True):
            if words := unfit(outcome, trial["epochs"], tested=trial["judged_on"] == "test"):
                file = place_of(storage, name, trial)
                raise BookError(f"{file} is damaged: {words}. Delete it, and its trial is run again.")
        return [trial | outcome for trial, outcome in zip(trials, outcomes, strict=True)]

    tuning = finished(first_trials(plan))
    while further := wider_trials(plan, tuning):
        tuning += finished(further)
    tuning += finished(finalist_trials(plan, tuning))
    return tuning, finished(final_trials(plan, chosen_rates(tuning)))


def _progress(trial: dict, outcome: dict) -> str:
    how = f"{outcome['accuracy']:.2f} %"
    if outcome["failed"]:
        how = "diverged" if outcome["diverged"] else "not above chance"
    kind = "" if trial["schedule"] == TUNED else " constant"
    return (
        f"{COMPARED[trial['method']].title} {trial['lr']:g}{kind}, seed {trial['seed']}: {how} "
        f"({trial['judged_on']}, {outcome['seconds']:.1f} s)"
    )


def _record(plan: Plan, declared: dict, tuning: list[dict], final: list[dict], cores: int) -> dict:
    final = [run | {"tuned": run["schedule"] == TUNED} for run in final]
    tuning = sorted(tuning, key=lambda run: (plan.methods.index(run["method"]), run["lr"], run["seed"]))
    table = rows(declared, tuning, final)
    for row in table:
        row["losses"] = _mean_losses(row, final)
    named = f"--task {plan.task} --optimizers {','.join(plan.methods)} --budget {plan.budget}"
    record = provenance(f"python -m book compare {named}", cores)
    if torch.cuda.is_available():
        record["hardware"]["device"] = device_name()
    places = sorted({_place(run) for run in tuning + final})
    record["results"] = {
        "protocol": declared,
        "study": study(declared),
        "ran_on": [dict(zip(PLACE, place, strict=True)) for place in places],
        "rows": table,
        "tuning": [_stored(run, places) for run in tuning],
        "final": [_stored(run, places, "tuned", "losses") for run in final],
    }
    return record


PLACE = ("device", "precision", "commit")


def _place(run: dict) -> tuple[str, str, str]:
    return run["device"], run["precision"], run["commit"] or ""


def _stored(run: dict, places: list, *more: str) -> dict:
    always = (
        "method",
        "lr",
        "seed",
        "accuracy",
        "loss",
        "diverged",
        "failed",
        "steps",
        "seconds",
        "accuracies",
    )
    return {key: run[key] for key in (*always, *more)} | {"ran_on": places.index(_place(run))}


def _predictions(data: Splits, final: list[dict]) -> Predictions:
    said = np.stack([from_text(run["predictions"]) for run in final])
    return Predictions(data.test.labels.numpy().astype(np.uint8), said)


def _mean_losses(row: dict, final: list[dict]) -> list[float]:
    """The mean curve of training losses over the row's runs that did not diverge."""
    curves = [
        run["losses"]
        for run in final
        if (run["method"], run["tuned"]) == (row["method"], row["tuned"]) and not run["diverged"]
    ]
    return [float(f"{value:.3g}") for value in np.mean(curves, axis=0)] if curves else []
