"""A page of Markdown in a folder of its own, for the tests of what is found in one."""

from collections.abc import Callable, Iterable
from pathlib import Path

from book.site.checks.text import Page


def found(findings: Callable[[Page], Iterable], folder: Path, text: str) -> list[str]:
    """What a check finds in a text."""
    path = folder / "chapters" / "page.md"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return [finding.what for finding in findings(Page(path, folder))]
