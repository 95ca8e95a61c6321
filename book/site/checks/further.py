"""A check on "Going further": each of its folds begins with a line that says what is in it."""

from collections.abc import Iterator

from book.site.checks.text import Page
from book.site.finding import Finding
from book.site.reading import FURTHER, headed

BEGINS = "*You see"


def further_findings(page: Page) -> list[Finding]:
    """Return the sections below "Going further" whose first line does not say what a reader will see."""
    mend = f'write it below the heading, as "{BEGINS} where the two curves meet.*"'
    silent = ((cell, name) for cell, name, text in _sections(page) if not text.startswith(BEGINS))
    return [
        page.finding(cell, f"the fold {name!r} does not say what is in it", mend) for cell, name in silent
    ]


def _sections(page: Page) -> Iterator[tuple[int, str, str]]:
    """Each section below "Going further": its cell, its name, and what its cell says below the heading."""
    further = False
    for number, cell in enumerate(page.cells, start=1):
        for text in headed(cell.source) if cell.cell_type == "markdown" else ():
            heading, _, below = text.partition("\n")
            level, _, name = heading.partition(" ")
            further = name.strip() == FURTHER if level == "##" else further
            if further and level == "###":
                yield number, name.strip(), below.lstrip()
