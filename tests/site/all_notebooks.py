"""Run every notebook as a learner does: downloaded from the site, where torch is and the book has never been.

    .venv/bin/python -m tests.site.all_notebooks          # with the newest torch
    .venv/bin/python -m tests.site.all_notebooks 2.10.0   # with another

The environment is new, holds torch, ipykernel and nbclient, and lies outside the repository. All else in it
is put there by the notebooks' set-up cell. Before each notebook the book goes away, so that each installs it.
"""

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from book.errors import BookError
from book.site.build import build
from tests.site.learner import Learner, download, put_beside_the_pages, served

BASE = ("ipykernel", "nbclient")
PACKAGE = "descent-book"
OURS = ("PYTHON", "JUPYTER", "IPYTHON", "VIRTUAL_ENV", "BOOK_", "MAKE", "MFLAGS")
VERSION = "from importlib.metadata import version; print(version('torch'))"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Fresh(Learner):
    """A computer with a torch of its own, from the package index, and what runs notebooks.

    Args:
        folder: an empty folder outside the repository.
        torch: what pip is asked for, "torch==2.10.0" for one.

    Raises:
        BookError: pip could not install that.
    """

    def __init__(self, folder: Path, torch: str):
        super().__init__(folder, holding=())
        self._must("-m", "ensurepip")
        self._must("-m", "pip", "install", "--quiet", torch, *BASE)

    @property
    def environment(self) -> dict[str, str]:
        """This computer's own, for pip's sake, without what would lead to the repository or to its data."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return kept | {"BOOK_DATA": str(self.folder / "data"), "OMP_NUM_THREADS": "1"}

    def _must(self, *words: str) -> None:
        done = self.run(*words)
        if done.returncode:
            raise BookError(
                f"{' '.join(words[1:])} failed ({last_line(done.stderr)}). Check the network and the version,"
                " then run make learner again."
            )


@dataclass(frozen=True)
class Outcome:
    name: str
    seconds: float
    said: str  # what went wrong; empty where all cells ran

    def __str__(self) -> str:
        verdict = f"RED    {self.said}" if self.said else "green"
        return f"{self.seconds:6.1f} s  {self.name}  {verdict}"


def outcomes(learner: Learner, url: str, names: Iterable[Path]) -> Iterator[Outcome]:
    """Download and run the notebooks, one after the other; the book goes away before each."""
    before = learner.run("-c", VERSION).stdout
    for name in names:
        learner.run("-m", "pip", "uninstall", "--quiet", "--yes", PACKAGE)
        path = download(f"{url}/notebooks/{name.as_posix()}", learner.work / name.name)
        start = time.perf_counter()
        done = learner.run_notebook(path)
        said = last_line(done.stderr) if done.returncode else ""
        if (after := learner.run("-c", VERSION).stdout) != before:
            said = f"torch {before.strip()} became {after.strip()}. {said}"
        yield Outcome(name.with_suffix("").as_posix(), time.perf_counter() - start, said)


def last_line(text: str) -> str:
    return next((line for line in reversed(_COLOUR.sub("", text).splitlines()) if line.strip()), "no message")


def report(found: Iterable[Outcome], torch: str) -> None:
    """Print each outcome as it comes.

    Raises:
        BookError: a notebook is red, or there is none.
    """
    every = []
    for outcome in found:
        every.append(outcome)
        print(outcome, flush=True)
    red = [outcome.name for outcome in every if outcome.said]
    if red or not every:
        raise BookError(
            f"{len(red)} of {len(every)} notebooks are red with torch {torch}: {', '.join(red)}. Mend what"
            " each said above, then run make learner again."
        )
    seconds = sum(outcome.seconds for outcome in every)
    print(f"All {len(every)} notebooks are green with torch {torch}, in {seconds:.0f} s.")


def main(words: list[str]) -> int:
    """Build the site, run its notebooks with the torch that was named, and return the exit status."""
    torch = "==".join(["torch", *words])
    try:
        site = build()
        with tempfile.TemporaryDirectory(prefix="learner-") as folder:
            learner = Fresh(Path(folder, "computer"), torch)
            (html := Path(folder, "html")).mkdir()
            with served(html) as url:
                names = put_beside_the_pages(html, site, url)
                version = learner.run("-c", VERSION).stdout.strip()
                report(outcomes(learner, url, names), version)
    except BookError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
