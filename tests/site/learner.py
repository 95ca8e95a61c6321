"""A learner's computer: a fresh environment that has never seen the book, and a site on the loopback."""

import os
import shutil
import subprocess
import sysconfig
import threading
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from book.site.serve import server
from book.site.stamp import stamp_notebooks
from book.site.wheel import put_wheel

RUN = """
import importlib.util, sys, nbformat
from nbclient import NotebookClient

assert importlib.util.find_spec("book") is None, "the environment already holds the book"
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""


class Learner:
    """A virtual environment with the third-party packages of this one, and without the book.

    The packages are linked, not installed, so that making one takes a second.

    Args:
        folder: an empty folder, which becomes the learner's computer.
        holding: the packages that the environment shall have; None for all.
    """

    def __init__(self, folder: Path, holding: tuple[str, ...] | None = None):
        self.folder, self.work = folder, folder / "work"
        self.work.mkdir(parents=True)
        venv.create(folder / "venv", symlinks=True)
        self.python = folder / "venv" / "bin" / "python"
        [self.packages] = (folder / "venv" / "lib").glob("python*/site-packages")
        _link_packages(folder / "linked", holding)
        (self.packages / "linked.pth").write_text(f"{folder / 'linked'}\n", encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """The variables of all that this computer runs; pip may ask no package index."""
        own = {"HOME": str(self.folder), "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}
        return own | {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"}

    def run(self, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess:
        """Run the environment's Python in the learner's folder."""
        command = [str(self.python), *map(str, arguments)]
        environment = self.environment | variables
        return subprocess.run(command, cwd=self.work, env=environment, capture_output=True, text=True)

    def run_notebook(self, path: Path) -> subprocess.CompletedProcess:
        """Run every cell and store the outputs in the notebook; fails where `book` is there beforehand."""
        return self.run("-c", RUN, path)


def _link_packages(folder: Path, holding: tuple[str, ...] | None) -> None:
    folder.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        own = entry.name.startswith(("descent_book", "book")) or entry.suffix == ".pth"
        if not own and (holding is None or entry.name.partition("-")[0] in holding):
            (folder / entry.name).symlink_to(entry)


@contextmanager
def served(html: Path) -> Iterator[str]:
    """Serve a folder on the loopback, as `python -m book serve` does, and yield its address."""
    with server(html, 0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()


def put_beside_the_pages(html: Path, built_site: Path, site_url: str) -> list[Path]:
    """Do in `html` what the build does once it has the pages, and return the stamped notebooks' names.

    Of the pages only their inventory is needed here, so those of a site with another address do.
    """
    shutil.copy(built_site / "objects.inv", html)
    put_wheel(html)
    return [path.relative_to(html / "notebooks") for path in stamp_notebooks(html, site_url)]


def download(url: str, target: Path) -> Path:
    """Fetch one file of the served site, as a browser's download does."""
    with urlopen(url) as answer, target.open("wb") as stream:
        shutil.copyfileobj(answer, stream)
    return target
