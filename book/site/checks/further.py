"""A check on "Going further": each of its folds begins with a line that says what is in it."""

from collections.abc import Iterator

from markdown_it.token import Token

from book.site.checks.text import Page
from book.site.finding import Finding
from book.site.myst import blocks
from book.site.reading import FURTHER

BEGINS = "*You see"


def further_findings(page: Page) -> list[Finding]:
    """Return the sections below "Going further" whose first line does not say what a reader will see."""
    mend = f'write it below the heading, as "{BEGINS} where the two curves meet.*"'
    silent = ((cell, name) for cell, name, first in _sections(page) if not first.startswith(BEGINS))
    return [
        page.finding(cell, f"the fold {name!r} does not say what is in it", mend) for cell, name in silent
    ]


def _sections(page: Page) -> Iterator[tuple[int, str, str]]:
    """Each section below "Going further": its cell, its name, and the line that follows the heading."""
    further = False
    for number, cell in enumerate(page.cells, start=1):
        if cell.cell_type != "markdown":
            continue
        for tag, name, first in _headings(blocks(cell.source)):
            further = name == FURTHER if tag == "h2" else further
            if further and tag == "h3":
                yield number, name, first


def _headings(tokens: tuple[Token, ...]) -> Iterator[tuple[str, str, str]]:
    """Each heading's level and name, and the text of the next block in its cell."""
    lines = [token for token in tokens if token.type in ("heading_open", "inline", "fence", "colon_fence")]
    for opened, line, after in zip(lines, lines[1:], [*lines[2:], None], strict=False):
        if opened.type == "heading_open":
            yield opened.tag, line.content, after.content if after and after.type == "inline" else ""
