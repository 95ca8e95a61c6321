"""The result file of a comparison: written whole, read back, and held against its own trials."""

import json
import math
import re
from pathlib import Path

from book import results
from book.errors import BookError, known
from book.project.protocol import BUDGETS, VERSION, Plan, chosen_rates
from book.project.summary import rows
from book.project.tasks import TASKS
from book.whole_files import write_whole

COMPUTED = ("method", "tuned", "lr", "edge", "accuracies", "tied", "diverged", "steps")
ROUNDED = ("mean", "half", "seconds")


def place(task: str) -> Path:
    """Where the repository stores the comparison on a task; without a repository, the folder you are in."""
    folder = results.FOLDERS[0]
    return (folder if folder.is_dir() else Path()) / f"compare-{task}.json"


def load_comparison(task: str) -> dict:
    """Read the stored comparison on a task, from the repository or from the installed book.

    Args:
        task: its name.

    Raises:
        BookError: there is none, it is damaged, or it follows another version of the protocol.
    """
    for folder in results.FOLDERS:
        if (file := folder / f"compare-{known(task, 'task', TASKS)}.json").is_file():
            return read_comparison(file)
    raise BookError(f"There is no stored comparison on {task}. Make it with: {_command(task)}")


def write_comparison(file: Path, record: dict) -> None:
    """Store a comparison, one line for each trial and row.

    Args:
        file: replaced as a whole, or not at all.
        record: by `compare`.
    """
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    for innermost in (r"\[\n[^\[\]{}]*\]", r"\{\n[^{}]*\}"):
        text = re.sub(innermost, lambda match: re.sub(r"\s*\n\s*", "", match[0]), text)
    write_whole(file, text + "\n")


def read_comparison(file: Path) -> dict:
    """Read a comparison and hold its rows against its trials.

    Args:
        file: of `write_comparison`.

    Raises:
        BookError: the file is damaged, or follows another version of the protocol.
    """
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        version = record["results"]["protocol"]["version"]
        whole = version != VERSION or _fits(record["results"])
    except (ValueError, LookupError, TypeError, AttributeError):
        record, version, whole = {}, None, False
    if not whole:
        raise BookError(
            f"{file} is not a whole comparison: its rows do not follow from its trials. "
            f"Move it away and make it again: {_command()}"
        )
    if version != VERSION:
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
        BookError: the file holds something that the new comparison would not.
    """
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


def _fits(stored: dict) -> bool:
    """Whether rows and choices are those that follow from the trials."""
    table = rows(stored["protocol"], stored["tuning"], stored["final"])
    chosen = chosen_rates(stored["tuning"])
    return len(table) == len(stored["rows"]) and all(
        all(row[key] == again[key] for key in COMPUTED)
        and all(math.isclose(row[key], again[key], abs_tol=0.01) for key in ROUNDED)
        and (not row["tuned"] or row["lr"] == chosen[row["method"]])
        for row, again in zip(stored["rows"], table, strict=True)
    )


def _command(task: str = "TASK") -> str:
    return f"python -m book compare --task {task}"
