"""Run one chapter: its source becomes a notebook with outputs that are the same on every run."""

import asyncio
import os
import re
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from book.errors import BookError
from book.site import lock
from book.site.checks.outputs import unlike_on_the_next_run
from book.site.digests import digests, source_digest
from book.site.finding import RUN_AGAIN, Finding
from book.site.pairs import from_source
from book.site.setup_cell import PLACE
from book.whole_files import write_whole

Result = TypeVar("Result")

CELL_TIMEOUT = 600
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}
FORMATS = {"formats": "ipynb,py:percent"}
KEPT = ("finished",)  # of a header, what the checks of a lesson ask
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def blank(source: Path, root: Path) -> NotebookNode:
    """Return a source as a notebook without outputs, its cells numbered instead of randomly named."""
    notebook = from_source(source, root)
    notebook.update(nbformat=4, nbformat_minor=5)
    kept = {key: notebook.metadata[key] for key in KEPT if key in notebook.metadata}
    notebook.metadata = nbformat.from_dict({**kept, "jupytext": FORMATS, "kernelspec": KERNELSPEC})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    return notebook


async def run(source: Path, root: Path) -> float:
    """Run a chapter, store its outputs and, in the lock, what they were made from; return the seconds.

    Each file takes the old one's place only when it is complete. An end between the two leaves the new
    notebook with the old entry in the lock, so that the chapter runs again.

    Raises:
        BookError: a cell raised an exception, ran too long, killed the kernel, warned, or printed what
            differs from run to run; nothing is stored.
    """
    made_from = {"source": source_digest(source), "digests": digests(source, root)}
    notebook, start = blank(source, root), time.perf_counter()
    await _execute(notebook, source, root)
    _refuse_what_differs(notebook, source.relative_to(root))
    seconds = round(time.perf_counter() - start, 1)
    _settle(notebook)
    write_whole(source.with_suffix(".ipynb"), nbformat.writes(notebook) + "\n")
    lock.store(source, {"seconds": seconds, **made_from}, root)
    return seconds


def in_background(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine on a thread of its own and return its result.

    nbclient takes Ctrl-C over when it runs on the main thread; here Ctrl-C stays ours: it cancels the work,
    waits until its kernels are gone, and is raised again.
    """
    running: list[asyncio.Task] = []

    async def watched():
        running.extend(filter(None, [asyncio.current_task()]))
        return await work

    with ThreadPoolExecutor(max_workers=1) as thread:
        future = thread.submit(asyncio.run, watched())
        try:
            return future.result()
        except KeyboardInterrupt:
            for task in running:
                task.get_loop().call_soon_threadsafe(task.cancel)
            raise


async def _execute(notebook: NotebookNode, source: Path, root: Path) -> None:
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name=KERNELSPEC["name"],
        resources={"metadata": {"path": str(source.parent)}},
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        shutdown_kernel="immediate",
    )
    reached = [0]
    client.on_cell_start = lambda cell, cell_index: reached.append(cell_index)
    try:
        await client.async_execute(env=one_thread())
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        task = asyncio.current_task()
        if task and task.cancelling():  # nbclient reports a cancelled cell as a dead kernel
            raise asyncio.CancelledError from error
        raise BookError(_failure(source.relative_to(root), _in_source(reached[-1]), error)) from error


def one_thread() -> dict[str, str]:
    """Return the environment of a kernel that computes with one thread: chapters run side by side."""
    return os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _in_source(cell: int) -> int:
    """Return the number of a notebook's cell in the source, which lacks the set-up cell, counted from 1."""
    return cell + 1 if cell < PLACE else cell


def _refuse_what_differs(notebook: NotebookNode, source: Path) -> None:
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            for what, mend in unlike_on_the_next_run(output):
                finding = Finding(source, _in_source(number), what, mend)
                raise BookError(f"{finding} The old notebook is untouched.")


def _failure(source: Path, cell: int, error: CellExecutionError | CellTimeoutError | DeadKernelError) -> str:
    place = f"{source.as_posix()}, cell {cell}"
    end = f"The old notebook is untouched; correct the cell, then {RUN_AGAIN}."
    if isinstance(error, CellTimeoutError):
        return f"{place} ran longer than {CELL_TIMEOUT} s. {end}"
    if isinstance(error, DeadKernelError):
        return f"{place} killed its Python process, for lack of memory perhaps. {end}"
    said = _COLOUR.sub("", str(error.evalue)).strip().partition("\n")[0].rstrip(".")
    return f"{place} raised {error.ename}: {said}. {end}"


def _settle(notebook: NotebookNode) -> None:
    """Take out what differs between two runs: widget model ids, the Python version, metadata of the run."""
    notebook.metadata["language_info"] = nbformat.from_dict(LANGUAGE)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
