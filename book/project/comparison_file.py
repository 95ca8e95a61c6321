"""The result file of a comparison: written whole, read back, and held against its own trials."""

import json
import math
import re
from pathlib import Path

from book import results
from book.errors import BookError, known
from book.project.declaration import study
from book.project.failures import failed
from book.project.outcome import odd
from book.project.predictions import Predictions, read_predictions, write_predictions
from book.project.protocol import BUDGETS, VERSION, Plan
from book.project.rate_search import chosen_rates, finalists
from book.project.summary import rows
from book.project.tasks import TASKS
from book.whole_files import check_place, write_whole

COMPUTED = ("method", "tuned", "lr", "edge", "accuracies", "tied", "failed", "steps")
ROUNDED = ("mean", "half", "seconds", "p")
FIRST = 1  # version of the protocol: rates from one seed and a fixed grid, test images after every epoch


def place(task: str) -> Path:
    """Where the repository stores the comparison on a task; without a repository, the folder you are in."""
    folder = results.FOLDERS[0]
    return (folder if folder.is_dir() else Path()) / f"compare-{task}.json"


def load_comparison(task: str, budget: str | None = None) -> dict:
    """Read the stored comparison on a task, from the repository or from the installed book.

    Args:
        task: its name.
        budget: of the one beside the main comparison that carries its name: `compare-TASK-BUDGET.json`.

    Raises:
        BookError: there is none, it is damaged, or it follows an unknown version of the protocol.
    """
    return _found(task, budget)[0]


def write_comparison(file: Path, record: dict) -> None:
    """Store a comparison, one line for each trial and row, and its predictions in a file beside it.

    Args:
        file: replaced as a whole, or not at all.
        record: by `compare`.
    """
    record = dict(record)
    predictions: Predictions = record.pop("predictions")
    record["results"] = record["results"] | {"predictions": predictions.digest}
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    for innermost in (r"\[\n[^\[\]{}]*\]", r"\{\n[^{}]*\}"):
        text = re.sub(innermost, lambda match: re.sub(r"\s*\n\s*", "", match[0]), text)
    write_predictions(_beside(file), predictions)
    write_whole(file, text + "\n")


def load_predictions(task: str, budget: str | None = None) -> Predictions:
    """What the final runs of the stored comparison on a task say of each test image.

    Args:
        task, budget: as for `load_comparison`.

    Raises:
        BookError: there is no such comparison, it has none, or they are of another one.
    """
    record, file = _found(task, budget)
    if "predictions" not in record["results"]:
        raise BookError(f"{file} holds no predictions. Make it again: {_command(task)}")
    return read_predictions(_beside(file), record["results"]["predictions"])


def read_comparison(file: Path) -> dict:
    """Read a comparison and hold its rows against its trials.

    One that follows the first version of the protocol is read too: its rows are made anew from its trials.

    Args:
        file: of `write_comparison`.

    Raises:
        BookError: the file is damaged, or follows a version of the protocol that is not known here.
    """
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        version = record["results"]["protocol"]["version"]
        if version == FIRST:
            record["results"] = _renewed(record["results"])
        known_here = version in (FIRST, VERSION)
        whole = not known_here or _complete(record["results"])
        whole = whole and not any(map(odd, record["results"]["tuning"] + record["results"]["final"]))
        whole = whole and (version != VERSION or _fits(record["results"]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        record, version, whole = {}, None, False
    if not whole:
        raise BookError(
            f"{file} is not a whole comparison: trials are missing, or its rows do not follow from them. "
            f"Move it away and make it again: {_command()}"
        )
    if version not in (FIRST, VERSION):
        raise BookError(
            f"{file} follows version {version} of the protocol, this book version {VERSION}. "
            f"Move it away and make it again: {_command(record['results']['protocol'].get('task', 'TASK'))}"
        )
    return record


def check_replaceable(file: Path, plan: Plan) -> None:
    """Refuse to write a smaller comparison over a larger one, or over any other file.

    Args:
        file: to be written.
        plan: of the new comparison.

    Raises:
        BookError: the file holds something that the new comparison would not, or it cannot be written.
    """
    check_place(file, f"The result {file}")  # whose name is one, so that the other can be made from it
    check_place(_beside(file), f"The result {_beside(file)}")
    if not file.exists():
        return
    there, sizes = read_comparison(file)["results"]["protocol"], list(BUDGETS)
    missing = set(there["methods"]) - set(plan.methods)
    smaller = sizes.index(plan.budget) < sizes.index(there["budget"])
    if there["task"] != plan.task or missing or smaller:
        raise BookError(
            f"{file} holds {', '.join(there['methods'])} on {there['task']}, budget {there['budget']}, which "
            "would be lost. Name another file with --output, or move this one away."
        )


def _found(task: str, budget: str | None) -> tuple[dict, Path]:
    name = "-".join(
        ["compare", known(task, "task", TASKS), *([known(budget, "budget", BUDGETS)] if budget else [])]
    )
    for folder in results.FOLDERS:
        if (file := folder / f"{name}.json").is_file():
            return read_comparison(file), file
    more = f" --budget {budget} --output {name}.json" if budget else ""
    raise BookError(f"There is no stored comparison {name}. Make it with: {_command(task)}{more}")


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.stem}-predictions.npz")


def _renewed(stored: dict) -> dict:
    """A result of the first protocol with the failures and the rows that its trials give today."""
    chosen = chosen_rates(stored["tuning"])
    if any(row["tuned"] and row["lr"] != chosen[row["method"]] for row in stored["rows"]):
        raise ValueError("a row has another rate than its trials chose")
    for part, judged in (("tuning", "validation"), ("final", "test")):
        images = stored["protocol"]["images"][judged]
        for run in stored[part]:
            run["failed"] = failed(run["diverged"], run["accuracy"], images)
    return stored | {"rows": rows(stored["protocol"], stored["tuning"], stored["final"])}


def _complete(stored: dict) -> bool:
    """Whether each declared rate, each further seed of a finalist and each final run is there."""
    declared, tuning = stored["protocol"], stored["tuning"]
    methods, (first, *further) = declared["methods"], declared["seeds"]["tuning"]
    asked = {(name, lr, first) for name, method in methods.items() for lr in method["rates"]}
    if further:
        best = finalists([trial for trial in tuning if trial["seed"] == first])
        asked |= {(name, lr, seed) for name, rates in best.items() for lr in rates for seed in further}
    tried = {(trial["method"], trial["lr"], trial["seed"]) for trial in tuning}
    finals = {
        (name, tuned, seed)
        for name in methods
        for tuned, seeds in ((True, "final"), (False, "defaults"))
        for seed in declared["seeds"][seeds]
    }
    ran = [(run["method"], run["tuned"], run["seed"]) for run in stored["final"]]
    return asked <= tried and len(ran) == len(finals) and set(ran) == finals


def _fits(stored: dict) -> bool:
    """Whether study, rows and choices are those that follow from declaration and trials."""
    table = rows(stored["protocol"], stored["tuning"], stored["final"])
    chosen = chosen_rates(stored["tuning"])
    as_declared = stored["study"] == study(stored["protocol"]) and _searched(stored["tuning"])
    return (
        as_declared
        and len(table) == len(stored["rows"])
        and all(
            all(row[key] == again[key] for key in COMPUTED)
            and all(math.isclose(row[key], again[key], abs_tol=0.01) for key in ROUNDED)
            and (not row["tuned"] or row["lr"] == chosen[row["method"]])
            for row, again in zip(stored["rows"], table, strict=True)
        )
    )


def _searched(tuning: list[dict]) -> bool:
    """Whether those rates ran with further seeds that were best with the first one."""
    first = finalists([trial for trial in tuning if trial["seed"] == 0])
    return all((trial["lr"] in first[trial["method"]]) for trial in tuning if trial["seed"] > 0)


def _command(task: str = "TASK") -> str:
    return f"python -m book compare --task {task}"
