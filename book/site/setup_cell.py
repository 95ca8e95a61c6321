"""The set-up cell of every notebook: written once, in `assets/setup_cell.py`, and put in after the title."""

from pathlib import Path
from urllib.parse import quote

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from book.errors import BookError
from book.site.paths import ROOT
from book.site.wheel import WHEELS, wheel_name

FILE = Path("assets", "setup_cell.py")
PLACE = 1  # counted from 0: after the title
TAGS = ["setup", "remove-cell"]
_BLANK = 'WHEEL = ""'


def text(root: Path = ROOT) -> str:
    """Return the cell's code.

    Raises:
        BookError: the file is missing.
    """
    try:
        return (root / FILE).read_text(encoding="utf-8").rstrip("\n")
    except FileNotFoundError:
        raise BookError(f"{FILE.as_posix()} is missing. Restore it with git.") from None


def stamped(base: str) -> str:
    """Return the cell's code, told where the wheel lies.

    Args:
        base: the site's address, or a relative path to the site's folder.

    Examples:
        >>> f'WHEEL = "../../wheels/{wheel_name()}"' in stamped("../..").splitlines()
        True
    """
    name = wheel_name()
    if "://" in base:
        name = quote(name)  # some hosts read a plus in an address as a space
    source = text()
    [line] = [line for line in source.splitlines() if line.startswith(_BLANK)]
    return source.replace(line, f'WHEEL = "{base}/{WHEELS}/{name}"')


def put_in(notebook: NotebookNode, root: Path = ROOT) -> None:
    """Put the cell into a notebook that was read from a chapter's source."""
    notebook.cells.insert(PLACE, new_code_cell(text(root), metadata={"tags": TAGS}))


def is_setup(cell: NotebookNode) -> bool:
    """Return whether a cell is a set-up cell, by its tag."""
    return TAGS[0] in cell.metadata.get("tags", [])
