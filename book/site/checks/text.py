"""The written text of the book: its pages, their Markdown, and where each piece stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it.token import Token
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from book.site.finding import Finding
from book.site.myst import tokens
from book.site.pairs import read


@dataclass(frozen=True)
class Page:
    """A chapter's notebook, or a page in Markdown seen as one cell.

    Args:
        path: the file.
        root: the book's root.
    """

    path: Path
    root: Path

    @property
    def name(self) -> Path:
        return self.path.relative_to(self.root)

    @property
    def document(self) -> str:
        """The page's name as `{doc}` gives it: its path in `chapters/` without the suffix."""
        return self.path.relative_to(self.root / "chapters").with_suffix("").as_posix()

    @cached_property
    def cells(self) -> list[NotebookNode]:
        if self.path.suffix == ".md":
            return [new_markdown_cell(self.path.read_text(encoding="utf-8"))]
        return read(self.path).cells

    @cached_property
    def metadata(self) -> NotebookNode:
        """What a notebook's header declares besides its cells; nothing for a page in Markdown."""
        return NotebookNode() if self.path.suffix == ".md" else read(self.path).metadata

    @cached_property
    def passages(self) -> list[tuple[int | None, str]]:
        """Every piece of Markdown, written or printed, with the number of its cell."""
        return list(self._passages())

    @cached_property
    def tokens(self) -> list[tuple[int | None, Token]]:
        """Every token of the passages, with the number of its cell."""
        return [(cell, token) for cell, text in self.passages for token in tokens(text)]

    def finding(self, cell: int | None, what: str, mend: str) -> Finding:
        return Finding(self.name, cell, what, mend)

    def _passages(self) -> Iterator[tuple[int | None, str]]:
        for number, cell in enumerate(self.cells, start=1):
            place = None if self.path.suffix == ".md" else number
            if cell.cell_type == "markdown":
                yield place, cell.source
            for output in cell.get("outputs", []):
                if "text/markdown" in output.get("data", {}):
                    yield place, output.data["text/markdown"]
