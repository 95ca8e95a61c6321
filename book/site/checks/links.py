"""Checks on what the text points at: citations, documents, labels, terms, files, anchors, pictures."""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from bs4 import BeautifulSoup
from markdown_it.token import Token
from sphinxcontrib.bibtex.citation_target import parse_citation_targets

from book.site.checks.outputs import poor_alt_text
from book.site.checks.targets import Targets
from book.site.checks.text import Page
from book.site.finding import Finding
from book.site.myst import PICTURES, directive, titled

_ELSEWHERE = re.compile("(https?|mailto|ftp):")  # MyST's own; it looks for any other word in the book
_IN_THE_BOOK = re.compile("(project|path):")
_SHOWN_AS_TEXT = {"abbr", "code", "kbd", "math", "sub", "sup"}

SPELLING = "correct the name, or write what it names"


def link_findings(page: Page, targets: Targets) -> list[Finding]:
    """Return the page's undefined citations and broken internal links."""
    found = ((cell, _fault(token, page, targets)) for cell, token in page.tokens)
    return [page.finding(cell, *fault) for cell, fault in found if fault]


def picture_findings(page: Page) -> list[Finding]:
    """Return the pictures in the page's own text that have no proper alt text."""
    found = ((cell, *picture) for cell, token in page.tokens for picture in _pictures(token))
    faults = ((cell, file, poor_alt_text(alt)) for cell, file, alt in found)
    mend = "write a sentence that says what is seen"
    return [
        page.finding(cell, f"{file} is shown, and {fault}", mend) for cell, file, fault in faults if fault
    ]


def _fault(token: Token, page: Page, targets: Targets) -> tuple[str, str] | None:
    if token.type == "myst_role":
        return _role_fault(token.meta["name"], token.content, page, targets)
    if token.type == "link_open":
        target = _IN_THE_BOOK.sub("", unquote(str(token.attrs["href"])), count=1)
        what = None if _ELSEWHERE.match(target) else _link_fault(target, page, targets)
        return (what, SPELLING) if what else None
    return _file_fault(token, page)


def _role_fault(role: str, content: str, page: Page, targets: Targets) -> tuple[str, str] | None:
    text, name = titled(content)
    if role.split(":")[0] == "cite":
        return _citation_fault(name, targets)
    if role in _SHOWN_AS_TEXT or content.startswith("!"):
        return None
    name = re.sub(r"\s+", " ", name)
    known = {
        "doc": lambda: document(name, page) in targets.pages,
        "ref": lambda: name.lower() in (targets.labels if text else targets.titled_labels),
        "eq": lambda: name in targets.equations,
        "term": lambda: name.lower() in targets.terms,
        "download": lambda: _is_file(name, page),
    }
    if role not in known:
        return f"the role {{{role}}} is unknown", f"use one of {', '.join(sorted({'cite', *known}))}"
    return None if known[role]() else (_LOST[role].format(name=name), _MEND.get(role, SPELLING))


_LOST = {
    "doc": "{{doc}} names the page {name!r}, which does not exist",
    "ref": "{{ref}} names the label {name!r}, which no page defines before a heading or a caption",
    "eq": "{{eq}} names the label {name!r}, which no equation has",
    "term": "{{term}} names {name!r}, which the glossary does not define",
    "download": "{{download}} names the file {name!r}, which does not exist",
}
_MEND = {"term": "add it to chapters/glossary.md"}


def _citation_fault(names: str, targets: Targets) -> tuple[str, str] | None:
    try:
        keys = [target.key for target in parse_citation_targets(names)]
    except ValueError:
        return f"the citation {names!r} is no list of keys", "write the keys with one comma between two"
    missing = [key for key in keys if key not in targets.keys]
    what = f"the citation {missing[0]!r} is not defined" if missing else ""
    return (what, "add it to assets/references.bib") if missing else None


def _link_fault(target: str, page: Page, targets: Targets) -> str | None:
    """Return what is wrong with a link; beside a file's name MyST takes the anchors of headings alone."""
    file, _, anchor = target.partition("#")
    if not file:
        found = anchor in targets.slugs(page.document) or targets.somewhere(anchor)
        return None if found else f"the link to {target!r} names an anchor that no heading or label has"
    if not _is_file(file, page):
        found = document(file, page) in targets.pages or targets.somewhere(target)
        return None if found else f"the link to {target!r} leads nowhere"
    name = document(posixpath.splitext(file)[0], page)
    if anchor and name in targets.pages and anchor not in targets.slugs(name):
        return f"the link to {target!r} names an anchor that no heading of the page {name} has"
    return None


def _file_fault(token: Token, page: Page) -> tuple[str, str] | None:
    """Return a finding for a picture whose file is not there."""
    found = directive(token)
    shown = found.argument if found and found.name in PICTURES else None
    shown = unquote(str(token.attrs["src"])) if token.type == "image" else shown
    if not shown or re.match("[a-z]+:", shown) or _is_file(shown, page):
        return None
    return f"the picture {shown!r} does not exist", SPELLING


def _is_file(name: str, page: Page) -> bool:
    folder = page.root / "chapters" if name.startswith("/") else page.path.parent
    return (folder / name.lstrip("/")).is_file()


def document(name: str, page: Page) -> str:
    """Return the page that a name leads to, as Sphinx reads it from the page that gives it."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(page.document), name)).lstrip("/")


def _pictures(token: Token) -> Iterator[tuple[str, str | None]]:
    if token.type == "image":
        yield unquote(str(token.attrs["src"])), token.content
    if token.type in ("html_block", "html_inline"):
        for image in BeautifulSoup(token.content, "html.parser").find_all("img"):
            alt = image.get("alt")
            yield str(image.get("src", "a picture")), None if alt is None else str(alt)
    if (found := directive(token)) and found.name in PICTURES:
        yield found.argument, found.options.get("alt")
