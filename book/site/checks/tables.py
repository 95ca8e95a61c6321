"""A check on tables: each row has as many cells as its head; Markdown drops or pads a cell without a word."""

import re
from collections.abc import Iterator

from book.site.checks.text import Page
from book.site.finding import Finding

_TABLE = re.compile(r"^(\|.*\|)\n\|(?:[ :-]+\|)+\n((?:\|.*(?:\n|\Z))+)", re.M)
_BETWEEN = re.compile(r"(?<!\\)\|")


def table_findings(page: Page) -> list[Finding]:
    """Return the rows of the page's tables that have a cell too few or too many."""
    mend = "write as many cells as the head has; a stroke within a cell is \\|"
    return [
        page.finding(cell, f"a row of a table has {has} cells and its head {needs}: {row}", mend)
        for cell, text in page.passages
        for row, has, needs in _uneven(text)
    ]


def _uneven(text: str) -> Iterator[tuple[str, int, int]]:
    for head, rows in _TABLE.findall(text):
        for row in rows.splitlines():
            if _cells(row) != _cells(head):
                yield row, _cells(row), _cells(head)


def _cells(row: str) -> int:
    return len(_BETWEEN.findall(row)) - 1
