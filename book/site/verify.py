"""`python -m book verify`: everything that can be known about the stored book without running it."""

from pathlib import Path

from book.errors import BookError
from book.site import paths
from book.site.checks.bibliography import bibliography_findings
from book.site.checks.cells import opt_out_findings, width_findings
from book.site.checks.claims import claim_findings, claims
from book.site.checks.contents import contents_findings
from book.site.checks.exercises import exercise_findings
from book.site.checks.further import further_findings
from book.site.checks.glossary import glossary_findings
from book.site.checks.lesson import length_findings, predict_findings
from book.site.checks.links import link_findings, picture_findings
from book.site.checks.outputs import output_findings
from book.site.checks.symbols import symbol_findings
from book.site.checks.tables import table_findings
from book.site.checks.targets import Targets
from book.site.checks.text import Page
from book.site.checks.typed import allowed, typed_findings, unused_findings
from book.site.digests import source_digest
from book.site.finding import RUN_ONE, Finding
from book.site.lock import read as read_lock
from book.site.pairs import compare, orphans, second_setup


def verify(root: Path = paths.ROOT) -> None:
    """Check the whole book and print what is to mend.

    Raises:
        BookError: there is something to mend; each finding stands on its own line.
    """
    _refuse(findings(root))
    chapters, written = len(paths.notebooks(root)), len(paths.pages(root))
    print(f"Nothing to mend in {chapters} chapters and {written} pages.")


def check_chapter(source: Path, root: Path = paths.ROOT) -> None:
    """Check one chapter.

    Args:
        source: its `.py` file.
        root: the book's root.

    Raises:
        BookError: there is something to mend; each finding stands on its own line.
    """
    chapter = Page(source.with_suffix(".ipynb"), root)
    entries = [entry for entry in claims(root) if entry.get("chapter") == chapter.document]
    found = pair_findings([source], root) + notebook_findings(chapter)
    found += page_findings([chapter], Targets(all_pages(root), root)) + claim_findings([chapter], entries)
    found += typed_findings(chapter, allowed(root).get(chapter.document, set())) + lesson_findings(chapter)
    _refuse(found)


def _refuse(found: list[Finding]) -> None:
    if found:
        count = f"{len(found)} things are" if len(found) > 1 else "One thing is"
        raise BookError("\n".join([*map(str, found), f"{count} to mend before the book can be built."]))


def findings(root: Path = paths.ROOT) -> list[Finding]:
    """Return everything to mend, by file and cell.

    Args:
        root: the book's root, with `chapters/` and `assets/`.
    """
    found = orphans(root) + pair_findings(paths.sources(root), root)
    pages = all_pages(root)
    chapters = [page for page in pages if page.path.suffix == ".ipynb"]
    for chapter in chapters:
        found += notebook_findings(chapter) + lesson_findings(chapter)
    targets = Targets(pages, root)
    found += page_findings(pages, targets) + glossary_findings(targets)
    found += claim_findings(chapters, claims(root))
    found += contents_findings(pages, root)
    found += bibliography_findings(pages, root)
    free = allowed(root)
    found += [fault for page in chapters for fault in typed_findings(page, free.get(page.document, set()))]
    found += unused_findings(chapters, free)
    return sorted(found, key=lambda finding: (finding.path, finding.cell or 0, finding.what))


def all_pages(root: Path = paths.ROOT) -> list[Page]:
    """Return the notebooks, the sources that were never run, and the pages in Markdown."""
    unrun = [source for source in paths.sources(root) if not source.with_suffix(".ipynb").exists()]
    return [Page(path, root) for path in (*paths.notebooks(root), *unrun, *paths.pages(root))]


def pair_findings(sources: list[Path], root: Path = paths.ROOT) -> list[Finding]:
    """Return where a source and its notebook do not belong together."""
    found, lock = [], read_lock(root)
    for source in sources:
        stored = lock.get(paths.docname(source, root), {}).get("source")
        found += second_setup(source, root)
        found += compare(source, root) or _stored_from_another(source, stored, root)
    return found


def notebook_findings(chapter: Page) -> list[Finding]:
    """Return what is wrong with a chapter's stored outputs, and with what it leaves out of the comparison."""
    return output_findings(chapter.path, chapter.root) + opt_out_findings(chapter)


def lesson_findings(chapter: Page) -> list[Finding]:
    """Return what is wrong with a lesson: a Predict, a symbol, a heading, its length, too wide a line."""
    checks = (
        predict_findings,
        symbol_findings,
        exercise_findings,
        further_findings,
        length_findings,
        width_findings,
    )
    return [fault for check in checks for fault in check(chapter)]


def page_findings(pages: list[Page], targets: Targets) -> list[Finding]:
    """Return undefined citations, broken links, undescribed pictures and uneven tables of the pages."""
    checks = (lambda page: link_findings(page, targets), picture_findings, table_findings)
    return [fault for page in pages for check in checks for fault in check(page)]


def _stored_from_another(source: Path, stored: str | None, root: Path) -> list[Finding]:
    """The cells agree, but the outputs were stored when the source read otherwise."""
    if stored == source_digest(source):
        return []
    notebook = source.with_suffix(".ipynb")
    what = f"its outputs were not stored from {source.name} as it stands"
    return [Finding(notebook.relative_to(root), None, what, RUN_ONE.format(source.stem))]
