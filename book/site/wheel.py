"""The wheel of `book`, put beside the pages: what a learner's set-up cell installs."""

import shutil
import tempfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

import book
from book.site.paths import ROOT

WHEELS = "wheels"


def wheel_name() -> str:
    """Return the file name that the wheel will have.

    Examples:
        >>> wheel_name().endswith("-py3-none-any.whl")
        True
    """
    return f"descent_book-{book.__version__}-py3-none-any.whl"


def put_wheel(html: Path) -> Path:
    """Build the wheel of `book` into `html/wheels` and return its path.

    Hatchling builds it in this process from the working tree: no network, no virtual environment, and the
    same bytes for the same sources. A wheel of another version, left by an earlier build, goes away.

    Args:
        html: the folder of the built site.
    """
    folder = html / WHEELS
    with tempfile.TemporaryDirectory(dir=html, prefix=".wheels-") as fresh:
        [built] = WheelBuilder(str(ROOT)).build(directory=fresh, versions=["standard"])
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return Path(built).replace(folder / Path(built).name)
