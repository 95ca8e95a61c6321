"""Pairs: a chapter's `py:percent` source against its notebook, cell by cell."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import takewhile, zip_longest
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from book.errors import BookError
from book.site.finding import RUN_AGAIN, RUN_ONE, Finding
from book.site.paths import ROOT, notebooks, sources
from book.site.setup_cell import PLACE, is_setup, put_in
from book.site.unchanged import read_once

EXCERPT = 60  # characters of a changed line that a finding quotes
LEAD = 20  # of these, how many stand before the change
ANOTHER_SETUP = "the second cell is not the book's set-up cell"


def compare(source: Path, root: Path = ROOT) -> list[Finding]:
    """Return from which cell on the notebook beside `source` holds another text than `source`: one finding.

    Args:
        source: a chapter's `.py` file.
        root: the book's root; findings name files relative to it.

    Examples:
        >>> from book.site.paths import CHAPTERS
        >>> compare(CHAPTERS / "1-numbers" / "no-such-chapter.py")[0].what
        'the chapter has no notebook beside its source'
    """
    notebook, mend = source.with_suffix(".ipynb"), RUN_ONE.format(source.stem)
    if not notebook.exists():
        what = "the chapter has no notebook beside its source"
        return [Finding(source.relative_to(root), None, what, mend)]
    if not (found := list(_differences(source, notebook, root))):
        return []
    (number, what), later = found[0], len(found) - 1
    more = f"; after it {later} {'cell differs' if later == 1 else 'cells differ'}" if later else ""
    return [Finding(notebook.relative_to(root), number, what + more, mend)]


def orphans(root: Path = ROOT) -> list[Finding]:
    """Return the notebooks that have no source beside them."""
    lonely = set(notebooks(root)) - {source.with_suffix(".ipynb") for source in sources(root)}
    return [
        Finding(path.relative_to(root), None, "the notebook has no source beside it", _make_source(path))
        for path in sorted(lonely)
    ]


def from_source(source: Path, root: Path = ROOT) -> NotebookNode:
    """Return a chapter's source as a notebook without outputs, the set-up cell in its place.

    Raises:
        BookError: the source cannot be read, or the set-up cell's text is missing.
    """
    notebook = read(source)
    if not any(map(is_setup, notebook.cells)):
        put_in(notebook, root)
    return notebook


def second_setup(source: Path, root: Path = ROOT) -> list[Finding]:
    """Return a finding for each set-up cell in a source: it stands in `assets/` alone."""
    found = [number for number, cell in enumerate(read(source).cells, start=1) if is_setup(cell)]
    what, mend = "the source holds a set-up cell", "remove the cell: running the chapter puts it in"
    return [Finding(source.relative_to(root), number, what, mend) for number in found]


def read(path: Path) -> NotebookNode:
    """Return a source or a notebook as a notebook of format 4; a file that has not changed is read once.

    Raises:
        BookError: the file cannot be read as a notebook.
    """
    return deepcopy(_read(path))


@read_once
def _read(path: Path) -> NotebookNode:
    try:
        # pyrefly: ignore[bad-return]  nbformat's types are those of its oldest format
        return nbformat.read(path, as_version=4) if path.suffix == ".ipynb" else jupytext.read(path)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        raise BookError(
            f"{path.name} cannot be read as a notebook; restore it with git, or {RUN_AGAIN}."
        ) from error


def _differences(source: Path, notebook: Path, root: Path) -> Iterator[tuple[int, str]]:
    pairs = zip_longest(from_source(source, root).cells, read(notebook).cells)
    for number, (written, stored) in enumerate(pairs, start=1):
        if difference := _difference(source.name, written, stored):
            yield number, ANOTHER_SETUP if number - 1 == PLACE else difference


def _difference(source: str, written: NotebookNode | None, stored: NotebookNode | None) -> str | None:
    if stored is None:
        return f"{source} has a cell that the notebook lacks"
    if written is None:
        return f"the notebook has a cell that {source} lacks"
    if written.cell_type != stored.cell_type:
        return f"{source} holds a {written.cell_type} cell, the notebook a {stored.cell_type} cell"
    if written.source != stored.source:
        return f"{source} reads {_first_change(written.source, stored.source)}"
    if _tags(written) != _tags(stored):
        return f"{source} has the tags {_tags(written)}, the notebook {_tags(stored)}"
    return None


def _first_change(written: str, stored: str) -> str:
    lines = zip_longest(written.splitlines(), stored.splitlines(), fillvalue="")
    there, here = next((pair for pair in lines if pair[0] != pair[1]), (written, stored))
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(there, here, strict=False)))
    start = max(0, shared - LEAD) if max(len(there), len(here)) > EXCERPT else 0
    return f"{_excerpt(there, start)!r} where the notebook reads {_excerpt(here, start)!r}"


def _excerpt(line: str, start: int) -> str:
    end = start + EXCERPT
    return ("…" if start else "") + line[start:end] + ("…" if len(line) > end else "")


def _tags(cell: NotebookNode) -> list[str]:
    return sorted(cell.metadata.get("tags", []))


def _make_source(path: Path) -> str:
    return f"jupytext --to py:percent {path.name}, or remove the notebook"
