"""Checks on a notebook's stored outputs: run, without errors, described, comparable, small."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup
from nbformat import NotebookNode

from book.site.finding import RUN_AGAIN, RUN_ALL, Finding
from book.site.pairs import read

ALT_TEXT_LENGTH = 40  # that of book.display, which would load torch for it
LARGEST_OUTPUT = 1_000_000
QUOTED = 80  # characters of a warning that a finding quotes
# An object's address, as `repr` prints it; the bits of a float, such as 0x3f800000, are no address.
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]+|\b0x[0-9a-f]{10,14}\b", re.I)
# A folder of one computer or one run: of temporary files, of a person, of a kernel's cells.
_PLACE = re.compile(
    r"(?<![\w.:/])/(?:tmp|var/folders|private/var|home|Users|root|content)\b[^\s'\"<]*"
    r"|\bipykernel_\d+|\b[A-Z]:\\+Users\\[^\s'\"<]*"
)
_WARNED = "mend what it warns of; where it is the lesson, catch it and print it"
_FILE_NAME = re.compile(r"\S+\.(svg|png|jpe?g|gif|webp|pdf)", re.I)


def output_findings(notebook: Path, root: Path) -> list[Finding]:
    """Return what is wrong with the outputs stored in a notebook."""
    name = notebook.relative_to(root)
    return [
        Finding(name, number, what, mend)
        for number, cell in enumerate(read(notebook).cells, start=1)
        if cell.cell_type == "code"
        for what, mend in _cell_faults(cell)
    ]


def poor_alt_text(alt: str | None) -> str | None:
    """Return what is wrong with a picture's alt text, or None.

    Examples:
        >>> poor_alt_text("curve.svg")
        "its alt text is a file name, 'curve.svg'"
        >>> poor_alt_text("The spacing of float16 doubles at every power of two from 1 to 8.")
    """
    if not alt or not alt.strip():
        return "it has no alt text"
    if _FILE_NAME.fullmatch(alt.strip()):
        return f"its alt text is a file name, {alt.strip()!r}"
    if len(alt.strip()) < ALT_TEXT_LENGTH:
        return (
            f"its alt text has {len(alt.strip())} characters where a sentence of {ALT_TEXT_LENGTH} is asked"
        )
    return None


def texts(output: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of everything readable in an output."""
    if output.output_type == "stream":
        yield "text/plain", output.text
    for kind, content in output.get("data", {}).items():
        if isinstance(content, str) and kind.startswith("text/"):
            yield kind, content


def _cell_faults(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    if cell.source.strip() and cell.execution_count is None:
        yield "the cell has no execution count, so it was never run", RUN_AGAIN
    for output in cell.outputs:
        yield from _output_faults(output)


def _output_faults(output: NotebookNode) -> Iterator[tuple[str, str]]:
    if output.output_type == "error":
        yield f"the stored output is an error, {output.ename}", f"correct the cell, then {RUN_AGAIN}"
    for alt in _alt_texts(output):
        if fault := poor_alt_text(alt):
            yield (
                f"a picture is stored, and {fault}",
                f"say what is seen in show(figure, alt), then {RUN_AGAIN}",
            )
    yield from unlike_on_the_next_run(output)
    if (size := len(json.dumps(output))) > LARGEST_OUTPUT:
        yield (
            f"an output weighs {size / 1e6:.1f} MB where 1 MB is the most",
            f"draw or print less, then {RUN_ALL}",
        )


def unlike_on_the_next_run(output: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield what would differ on the next run, on this computer or another, and how to mend it.

    Warnings, logs and progress bars go to stderr, with paths and times of the one run; the comparison of
    notebooks leaves stderr out, so nothing that is stored may come from it.
    """
    if output.output_type == "stream" and output.name == "stderr":
        first = output.text.strip().partition("\n")[0][:QUOTED]
        yield (
            f"the cell warns, or writes to stderr: {_PLACE.sub('…', first)!r}",
            f"{_WARNED}, then {RUN_AGAIN}",
        )
    elif found := _first(_PLACE, output):
        yield f"an output prints a place on this computer, {found!r}", f"print less of it, then {RUN_AGAIN}"
    if found := _first(_ADDRESS, output):
        yield f"an output prints a memory address, {found!r}", f"print a value instead, then {RUN_AGAIN}"


def _first(pattern: re.Pattern[str], output: NotebookNode) -> str | None:
    return next((match[0] for _, text in texts(output) if (match := pattern.search(text))), None)


def _alt_texts(output: NotebookNode) -> Iterator[str | None]:
    for kind, content in output.get("data", {}).items():
        if kind.startswith("image/"):
            yield output.metadata.get(kind, {}).get("alt")
        if kind in ("text/html", "text/markdown"):
            images = BeautifulSoup(content, "html.parser").find_all("img")
            yield from (str(image["alt"]) if image.has_attr("alt") else None for image in images)
