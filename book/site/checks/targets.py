"""What a link can lead to: documents, anchors on them, labels, glossary terms, bibliography keys."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from bs4 import BeautifulSoup
from markdown_it.token import Token

from book.site.checks.text import Page
from book.site.myst import directive, slugs

_KEY = re.compile(r"@\w+\s*\{\s*([^,\s]+)")


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
        tokens = (token for page in self.pages.values() for _, token in page.tokens)
        return {label.lower() for token in tokens for label in _labels(token)}

    @cached_property
    def terms(self) -> set[str]:
        tokens = self.pages["glossary"].tokens if "glossary" in self.pages else []
        found = (directive(token) for _, token in tokens)
        bodies = (block.body for block in found if block and block.name == "glossary")
        return {term.lower() for body in bodies for term in _terms(body)}

    def anchors(self, document: str) -> set[str]:
        """Return every anchor on a page: headings, labels, ids in its text, terms of the glossary."""
        page = self.pages[document]
        found = slugs([text for _, text in page.passages])
        found |= {anchor for _, token in page.tokens for anchor in (*_labels(token), *_ids(token))}
        if document == "glossary":
            found |= {f"term-{term.replace(' ', '-')}" for term in self.terms}
        return {anchor.lower() for anchor in found}


def _labels(token: Token) -> Iterator[str]:
    """Yield what `{ref}` and `{eq}` can name here: `(label)=`, an equation's label, a directive's name."""
    if token.type == "myst_target":
        yield token.content
    if token.type == "math_block_label":
        yield token.info
    if found := directive(token):
        yield from (found.options[key] for key in ("name", "label") if key in found.options)


def _ids(token: Token) -> Iterator[str]:
    if token.type in ("html_block", "html_inline"):
        for tag in BeautifulSoup(token.content, "html.parser").find_all(True):
            yield from (str(tag[key]) for key in ("id", "name") if tag.has_attr(key))
    if "id" in token.attrs:
        yield str(token.attrs["id"])


def _terms(block: str) -> Iterator[str]:
    lines = (line.rstrip() for line in block.splitlines())
    return (line.split(" : ")[0] for line in lines if line and not line.startswith((" ", "\t", ":")))
