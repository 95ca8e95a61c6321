"""`python -m book reading [NAME]`: what there is to read in each chapter; of one also what it lacks."""

from book.site.chapter import find
from book.site.checks.text import Page
from book.site.paths import ROOT
from book.site.reading import Amount, amounts
from book.site.status_page import in_reading_order
from book.site.verify import lesson_findings

_HEAD = (
    f"{'':32}{'core':>6}{'':21}{'whole':>9}\n{'chapter':32}"
    + 2 * f"{'words':>6}{'lines':>6}{'cells':>6}{'min':>5}   "
)


def reading(name: str | None) -> None:
    """Print the table of all chapters, or one chapter's line and what its lesson lacks.

    Args:
        name: of a chapter, "adam"; None for all.

    Raises:
        BookError: there is no such chapter.
    """
    paths = [find(name).with_suffix(".ipynb")] if name else in_reading_order()
    pages = [Page(path, ROOT) for path in paths]
    print(_HEAD, *(_line(page) for page in pages), sep="\n")
    if name:
        print(*lesson_findings(pages[0]), sep="\n")


def _line(page: Page) -> str:
    core, whole = amounts(page)
    mark = " finished" if page.metadata.get("finished") else ""
    return f"{page.document:32}{_columns(core)}{_columns(whole)}{mark}"


def _columns(amount: Amount) -> str:
    return f"{amount.words:6}{amount.lines:6}{amount.cells:6}{amount.minutes:5.0f}   "
