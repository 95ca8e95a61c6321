"""`python -m book chapter NAME`: run one chapter, check it, and build its page."""

from difflib import get_close_matches
from pathlib import Path

from book.errors import BookError
from book.site.build import build_page
from book.site.execute import execute
from book.site.paths import ROOT, docname, sources
from book.site.verify import check_chapter


def chapter(name: str | None) -> None:
    """Run a chapter, check what can be known about it, build its page, and say where the page lies.

    Args:
        name: "adam", or with its part, "3-first-order/adam".

    Raises:
        BookError: there is no such chapter, its run failed, there is something to mend, or Sphinx complained.
    """
    source = find(name)
    execute([source])
    check_chapter(source)
    print(f"The page is built: {build_page(docname(source))}")


def find(name: str | None, root: Path = ROOT) -> Path:
    """Return the source of the chapter with this name.

    Raises:
        BookError: no name is given, or no chapter has it; those that look alike are named.

    Examples:
        >>> find("adam").name, find("3-first-order/adam").name
        ('adam.py', 'adam.py')
        >>> find("momentums")
        Traceback (most recent call last):
        book.errors.BookError: There is no chapter 'momentums'. Did you mean momentum?
    """
    known = {source.stem: source for source in sources(root)}
    if not name:
        raise BookError("Name a chapter: make chapter NAME=adam")
    for source in known.values():
        if name in (source.stem, docname(source, root)):
            return source
    near = get_close_matches(name.rpartition("/")[2], known, n=3)
    advice = f"Did you mean {' or '.join(near)}?" if near else f"Choose one of {', '.join(known)}."
    raise BookError(f"There is no chapter {name!r}. {advice}")
