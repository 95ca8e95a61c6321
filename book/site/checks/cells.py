"""Checks on a chapter's cells: an opt-out from comparison has a reason, and the code that is shown fits."""

import re

from nbformat import NotebookNode

from book.site.checks.text import Page
from book.site.finding import RUN_AGAIN, Finding
from book.site.reading import FOLDED

OPT_OUT_TAGS = {"nbval-ignore-output", "nbval-skip", "raises-exception"}
LARGEST_OPT_OUT_SHARE = 0.05
WIDEST_LINE = 88
_REASON = re.compile(r"# not compared: \S.{9,}")
_MARKER = re.compile(r"^\s*#\s*(NBVAL_\w+|PYTEST_VALIDATE_IGNORE_OUTPUT)\s*$", re.M)


def opt_out_findings(page: Page) -> list[Finding]:
    """Return the cells whose outputs are not compared and that do not say why."""
    numbered = enumerate(page.cells, start=1)
    return [page.finding(number, *fault) for number, cell in numbered if (fault := _opt_out_fault(cell))]


def _opt_out_fault(cell: NotebookNode) -> tuple[str, str] | None:
    reason = "begin the cell with '# not compared: REASON'"
    if opted_out(cell) and not _REASON.match(cell.source):
        what = "the output is not compared, and no reason is given"
        return what, f"{reason}, or drop the tag, then {RUN_AGAIN}"
    if cell.cell_type == "code" and _MARKER.search(cell.source):
        what = "a comment marker opts the cell out of comparison"
        return what, f'use the tag "nbval-ignore-output" and {reason}, then {RUN_AGAIN}'
    return None


def opted_out(cell: NotebookNode) -> bool:
    """Return whether a cell's output is left out of the comparison."""
    return cell.cell_type == "code" and bool(OPT_OUT_TAGS & set(cell.metadata.get("tags", [])))


def width_findings(page: Page) -> list[Finding]:
    """Return the lines of visible code that a page of full width cuts off."""
    shown = [(n, cell) for n, cell in enumerate(page.cells, start=1) if _shows_code(cell)]
    long = [(n, line) for n, cell in shown for line in cell.source.splitlines() if len(line) > WIDEST_LINE]
    what = f"a line of code has {{}} characters, and the page shows {WIDEST_LINE}: {{}}…"
    return [page.finding(n, what.format(len(line), line.strip()[:40]), "shorten it") for n, line in long]


def _shows_code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and not {"remove-cell", *FOLDED} & set(cell.metadata.get("tags", []))
