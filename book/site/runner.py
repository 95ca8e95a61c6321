"""Run one chapter: its source becomes a notebook with outputs that are the same on every run."""

import asyncio
import os
import re
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from book.errors import BookError
from book.site.digests import digests
from book.site.finding import RUN_AGAIN
from book.site.pairs import read

CELL_TIMEOUT = 600
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}
FORMATS = {"formats": "ipynb,py:percent"}
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def blank(source: Path) -> NotebookNode:
    """Return a source as a notebook without outputs, its cells numbered instead of randomly named."""
    notebook = read(source)
    notebook.update(nbformat=4, nbformat_minor=5)
    notebook.metadata = nbformat.from_dict({"jupytext": FORMATS, "kernelspec": KERNELSPEC})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    return notebook


async def run(source: Path, root: Path) -> float:
    """Run a chapter and store its outputs beside it; return the run time in seconds.

    The notebook is written to a temporary file that takes the old one's place only when the run is complete.

    Raises:
        BookError: a cell raised an exception, ran too long or killed the kernel; nothing is stored.
    """
    made_from, start = digests(source, root), time.perf_counter()
    notebook = blank(source)
    await _execute(notebook, source, root)
    seconds = round(time.perf_counter() - start, 1)
    _settle(notebook)
    notebook.metadata["descent"] = nbformat.from_dict(made_from | {"seconds": seconds})
    replace(source.with_suffix(".ipynb"), nbformat.writes(notebook) + "\n")
    return seconds


def replace(path: Path, text: str) -> None:
    """Write a file so that an interruption leaves either the old one or the new one, never a half."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def in_background(work: Coroutine) -> object:
    """Run a coroutine on a thread of its own and return its result.

    nbclient takes Ctrl-C over when it runs on the main thread; here Ctrl-C stays ours: it cancels the work,
    waits until its kernels are gone, and is raised again.
    """
    running: list[asyncio.Task] = []

    async def watched():
        running.append(asyncio.current_task())
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
        if asyncio.current_task().cancelling():  # nbclient reports a cancelled cell as a dead kernel
            raise asyncio.CancelledError from error
        raise BookError(_failure(source.relative_to(root), reached[-1] + 1, error)) from error


def one_thread() -> dict[str, str]:
    """Return the environment of a kernel that computes with one thread: chapters run side by side."""
    return os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _failure(source: Path, cell: int, error: Exception) -> str:
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
