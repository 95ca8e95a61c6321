"""`python -m book compare`: checks first, then the comparison, its table and its file."""

from functools import partial
from pathlib import Path

from book.project.compare import RUNS, compare, plan_for
from book.project.comparison_file import check_replaceable, place, write_comparison
from book.project.summary import describe_rows


def run(
    task: str,
    optimizers: list[str] | None,
    budget: str,
    output: Path | None = None,
    storage: str | Path = RUNS,
    workers: int = 1,
) -> None:
    """Compare, print the table, and write the result file.

    Args:
        task, optimizers, budget, storage, workers: as for `compare`.
        output: the file; the repository's own by default.

    Raises:
        BookError: as for `compare`; or the file holds what would be lost.
    """
    file = output or place(task)
    check_replaceable(file, plan_for(task, optimizers, budget))
    say = partial(print, flush=True)
    record = compare(task, optimizers, budget, storage=storage, workers=workers, say=say)
    say(describe_rows(record["results"]["protocol"], record["results"]["rows"]))
    write_comparison(file, record)
    say(f"Stored: {file}")
