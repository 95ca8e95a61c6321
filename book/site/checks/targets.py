"""What a link can lead to, as Sphinx and MyST see it: pages, anchors, labels, terms, bibliography keys."""

from collections.abc import Iterator
from functools import cached_property
from itertools import zip_longest
from pathlib import Path

from markdown_it.token import Token

from book.site.checks.text import Page
from book.site.links import works
from book.site.myst import Directive, directive, parser, slugs


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
        return set(works(self.root / "assets" / "references.bib").entries)

    @cached_property
    def equations(self) -> set[str]:
        return {label for token in self._tokens for label in _equations(token)}

    @cached_property
    def labels(self) -> set[str]:
        """What `{ref}` can name if it brings its own text."""
        return {label.lower() for token in self._tokens for label in _labels(token)}

    @cached_property
    def titled_labels(self) -> set[str]:
        """What `{ref}` can name alone: labels of headings and captions."""
        return {label.lower() for page in self.pages.values() for label in _titled_labels(page)}

    @cached_property
    def defined(self) -> list[str]:
        """The terms of the glossary, in their order and in small letters."""
        tokens = self.pages["glossary"].tokens if "glossary" in self.pages else []
        found = (directive(token) for _, token in tokens)
        bodies = (block.body for block in found if block and block.name == "glossary")
        return [term.lower() for body in bodies for term in _terms(body)]

    @cached_property
    def terms(self) -> set[str]:
        return set(self.defined)

    def slugs(self, document: str) -> set[str]:
        """Return the anchors of a page's headings, letter by letter as MyST compares them."""
        return slugs([text for _, text in self.pages[document].passages])

    def somewhere(self, name: str) -> bool:
        """Return whether a label, an equation or a term anywhere has this name."""
        return name in self.equations or name.lower() in self.labels | self.terms

    @property
    def _tokens(self) -> Iterator[Token]:
        return (token for page in self.pages.values() for _, token in page.tokens)


def _labels(token: Token) -> Iterator[str]:
    if token.type == "myst_target":
        yield token.content
    if (found := directive(token)) and "name" in found.options:
        yield found.options["name"]
    if token.type == "span_open" and "id" in token.attrs:
        yield str(token.attrs["id"])


def _titled_labels(page: Page) -> Iterator[str]:
    tokens = [token for _, token in page.tokens]
    for token, following in zip_longest(tokens, tokens[1:]):
        found = directive(token)
        if token.type == "myst_target" and following and following.type == "heading_open":
            yield token.content
        if found and "name" in found.options and (found.options.get("caption") or _has_caption(found)):
            yield found.options["name"]


def _has_caption(found: Directive) -> bool:
    return bool(found.name == "figure" and found.body.strip())


def _equations(token: Token) -> Iterator[str]:
    if token.type == "math_block_label":
        yield token.info
    if (found := directive(token)) and found.name == "math" and "label" in found.options:
        yield found.options["label"]


def _terms(block: str) -> Iterator[str]:
    lines = (line.rstrip() for line in block.splitlines())
    terms = (line.split(" : ")[0] for line in lines if line and not line.startswith((" ", "\t", ":", "..")))
    return map(_shown, terms)


def _shown(text: str) -> str:
    """Return a line of Markdown as its words alone, as Sphinx names a term."""
    return "".join(token.content for token in parser().parseInline(text)[0].children or ())
