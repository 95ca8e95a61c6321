"""Checks on what the text points at: citations, documents, labels, terms, files, anchors, pictures."""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from bs4 import BeautifulSoup
from markdown_it.token import Token

from book.site.checks.outputs import poor_alt_text
from book.site.checks.targets import Targets
from book.site.checks.text import Page
from book.site.finding import Finding
from book.site.myst import PICTURES, directive, titled

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)
_WRITTEN_AS = re.compile(r"\.(md|ipynb|py|html)$")

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
    target = unquote(str(token.attrs.get("href", ""))) if token.type == "link_open" else ""
    if target and not _ELSEWHERE.match(target) and (what := _link_fault(target, page, targets)):
        return what, SPELLING
    return None


def _role_fault(role: str, content: str, page: Page, targets: Targets) -> tuple[str, str] | None:
    name = titled(content.strip())[1].strip()
    if role.split(":")[0] == "cite":
        missing = [key for key in re.split(r"\s*,\s*", name) if key not in targets.keys]
        return (
            (f"the citation {missing[0]!r} is not defined", "add it to assets/references.bib")
            if missing
            else None
        )
    if role == "doc" and _document(name, page) not in targets.pages:
        return f"{{doc}} names the page {name!r}, which does not exist", SPELLING
    if role in ("ref", "numref", "eq") and name.lower() not in targets.labels:
        return f"{{{role}}} names the label {name!r}, which no page defines", SPELLING
    if role == "term" and re.sub(r"\s+", " ", name).lower() not in targets.terms:
        return (
            f"{{term}} names {name!r}, which the glossary does not define",
            "add it to chapters/glossary.md",
        )
    return None


def _link_fault(target: str, page: Page, targets: Targets) -> str | None:
    file, _, anchor = target.partition("#")
    document = _document(_WRITTEN_AS.sub("", file), page) if file else page.document
    if document in targets.pages:
        lost = anchor and anchor.lower() not in targets.anchors(document)
        return (
            f"the link to {target!r} names an anchor that the page {document} does not have" if lost else None
        )
    if file and (page.path.parent / file).exists():
        return None
    return f"the link to {target!r} leads nowhere"


def _document(name: str, page: Page) -> str:
    folder = "" if name.startswith("/") else posixpath.dirname(page.document)
    return posixpath.normpath(posixpath.join(folder, name.lstrip("/")))


def _pictures(token: Token) -> Iterator[tuple[str, str | None]]:
    if token.type == "image":
        yield unquote(str(token.attrs["src"])), token.content
    if token.type in ("html_block", "html_inline"):
        for image in BeautifulSoup(token.content, "html.parser").find_all("img"):
            alt = image.get("alt")
            yield str(image.get("src", "a picture")), None if alt is None else str(alt)
    if (found := directive(token)) and found.name in PICTURES:
        yield found.argument, found.options.get("alt")
