"""What a link can lead to: documents, anchors on them, labels, glossary terms, bibliography keys."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from book.site.checks.text import Page, prose

_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.M)
_ID = re.compile(r"\b(?:id|name)=[\"']([^\"']+)")
_LABEL = re.compile(r"^\(([^)\s]+)\)=|^ *:(?:name|label): *(\S+)|^\$\$ *\(([^)\s]+)\)", re.M)
_GLOSSARY = re.compile(r"^(`{3,}|:{3,})\{glossary\}[^\n]*\n(.*?)^\1", re.M | re.S)
_KEY = re.compile(r"@\w+\s*\{\s*([^,\s]+)")
_ROLE = re.compile(r"\{[\w:]+\}`([^`<]+?)(?:\s*<[^`]*>)?`")


class Targets:
    """Everything in the book that a link or a citation may name.

    Args:
        pages: every page of the book.
        root: the book's root.
    """

    def __init__(self, pages: list[Page], root: Path):
        self.pages = {page.document: page for page in pages}
        self.root = root

    @cached_property
    def keys(self) -> set[str]:
        file = self.root / "assets" / "references.bib"
        return set(_KEY.findall(file.read_text(encoding="utf-8"))) if file.exists() else set()

    @cached_property
    def labels(self) -> set[str]:
        found = (
            match for page in self.pages.values() for _, text in page.passages for match in _labels(text)
        )
        return {label.lower() for label in found}

    @cached_property
    def terms(self) -> set[str]:
        if "glossary" not in self.pages:
            return set()
        texts = (text for _, text in self.pages["glossary"].passages)
        blocks = (block[2] for text in texts for block in _GLOSSARY.finditer(text))
        return {term.lower() for block in blocks for term in _terms(block)}

    def anchors(self, document: str) -> set[str]:
        """Return every anchor on a page: headings, labels, ids in its text, terms of the glossary."""
        texts = [text for _, text in self.pages[document].passages]
        found = {
            anchor for text in texts for anchor in (*_headings(text), *_labels(text), *_ID.findall(text))
        }
        if document == "glossary":
            found |= {f"term-{term.replace(' ', '-')}" for term in self.terms}
        return {anchor.lower() for anchor in found}


def slug(heading: str) -> str:
    """Return a heading's anchor.

    Examples:
        >>> slug("What is {term}`ulp`, in *bits*?")
        'what-is-ulp-in-bits'
    """
    plain = re.sub(r"[`*_$]", "", _ROLE.sub(r"\1", heading)).lower()
    return re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", plain).strip())


def _headings(text: str) -> Iterator[str]:
    return (slug(heading) for heading in _HEADING.findall(prose(text)))


def _labels(text: str) -> Iterator[str]:
    return (label for groups in _LABEL.findall(text) for label in groups if label)


def _terms(block: str) -> Iterator[str]:
    lines = (line.rstrip() for line in block.splitlines())
    return (line.split(" : ")[0] for line in lines if line and not line.startswith((" ", "\t", ":")))
