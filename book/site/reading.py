"""How long a chapter takes to read: words, visible lines of code and figures, of its core and of the whole.

The core is what stands open on the page when it is first shown: not the sections of "Going further", and no
fold but the answers. A formula counts as one word. `python -m book reading` prints the table.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from nbformat import NotebookNode

from book.site.checks.text import Page
from book.site.myst import Directive, blocks, directive

WORDS_A_MINUTE, SECONDS_A_LINE, SECONDS_A_FIGURE = 238, 10, 30
FURTHER = "Going further"  # the heading of the sections that a first reading skips
FOLDED = {"hide-input", "remove-input"}  # tags of cells whose code serves and does not teach
_FOLD = re.compile(r'<details class="(?!answer)[^"]*">.*?</details>|<details><summary>.*?</details>', re.S)
_TAG = re.compile(r"<[^>]+>")
_WORD = re.compile(r"\w[\w.,'’/%-]*")


@dataclass(frozen=True)
class Amount:
    """What there is to read; amounts can be added.

    Examples:
        >>> (Amount(words=238, lines=6) + Amount(figures=2)).minutes
        3.0
    """

    words: int = 0
    lines: int = 0
    figures: int = 0
    cells: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        words, lines = self.words + other.words, self.lines + other.lines
        return Amount(words, lines, self.figures + other.figures, self.cells + other.cells)

    @property
    def minutes(self) -> float:
        seconds = SECONDS_A_LINE * self.lines + SECONDS_A_FIGURE * self.figures
        return self.words / WORDS_A_MINUTE + seconds / 60


LIMITS = {"words": 2500, "lines": 150, "cells": 50, "minutes": 45}  # of a finished chapter's core


def amounts(chapter: Page) -> tuple[Amount, Amount]:
    """Return what a chapter holds, the core and the whole."""
    core = whole = Amount()
    for cell, further in _placed(chapter):
        opened, everything = _cell(cell)
        core, whole = core + (_text(_above(cell)) if further else opened), whole + everything
    return core, whole


def further_minutes(chapter: Page) -> list[float]:
    """Return how long each section below "Going further" takes, as it stands once its fold is open."""
    found: list[Amount] = []
    inside = False
    for cell in chapter.cells:
        if cell.cell_type != "markdown":
            found[-1:] = [found[-1] + _cell(cell)[0]] if inside and found else found[-1:]
            continue
        for text in headed(cell.source):
            if text.startswith("## "):
                inside = text.partition("\n")[0].removeprefix("## ").strip() == FURTHER
            elif inside and text.startswith("### "):
                found.append(Amount())
            if inside and found:
                found[-1] += _text(text)
    return [amount.minutes for amount in found]


def headed(markdown: str) -> Iterator[str]:
    """Yield a text in parts, each but the first from a heading of a section to the next.

    Examples:
        >>> list(headed("Before.\\n## One\\nA\\n### Deeper\\nB"))
        ['Before.\\n', '## One\\nA\\n', '### Deeper\\nB']
    """
    lines = markdown.splitlines(keepends=True)
    heads = (token for token in blocks(markdown) if token.type == "heading_open")
    starts = [head.map[0] for head in heads if head.map and head.tag in ("h2", "h3")]
    for start, end in pairwise([0, *starts, len(lines)]):
        yield "".join(lines[start:end])


def _placed(chapter: Page) -> Iterator[tuple[NotebookNode, bool]]:
    """Yield each cell, and whether it stands below "Going further"."""
    further = False
    for cell in chapter.cells:
        for heading in re.findall(r"^## (.+)$", cell.source, re.M) if cell.cell_type == "markdown" else ():
            further = heading.strip() == FURTHER
        yield cell, further


def _above(cell: NotebookNode) -> str:
    """What a cell says above the heading of "Going further", where it holds it."""
    above, *rest = re.split(rf"^## {FURTHER}$", cell.source, maxsplit=1, flags=re.M)
    return above if rest and cell.cell_type == "markdown" else ""


def _cell(cell: NotebookNode) -> tuple[Amount, Amount]:
    """What a cell holds, as it is first shown and with its folds open."""
    if cell.cell_type == "markdown":
        return _text(cell.source) + Amount(cells=1), _text(cell.source, folds=True) + Amount(cells=1)
    tags = set(cell.metadata.get("tags", []))
    if "remove-cell" in tags:
        return Amount(), Amount()
    code = Amount() if "remove-input" in tags else _lines(cell.source)
    opened, everything = (Amount(cells=1) + _outputs(cell, folds) for folds in (False, True))
    return opened + (Amount() if tags & FOLDED else code), everything + code


def _outputs(cell: NotebookNode, folds: bool) -> Amount:
    found = Amount()
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "text/markdown" in data:
            found += _text(data["text/markdown"], folds)
        elif "image/svg+xml" in data or "<descent-" in data.get("text/html", "").replace(
            "<descent-exercise", ""
        ):
            found += Amount(figures=1)
    return found


def _lines(code: str) -> Amount:
    return Amount(lines=sum(bool(line.strip()) for line in code.splitlines()))


@lru_cache(maxsize=10_000)
def _text(markdown: str, folds: bool = False) -> Amount:
    """Words and lines of code of a text, with or without what its folds hold."""
    found = Amount()
    for token in blocks(markdown if folds else _FOLD.sub("", markdown)):
        if inside := directive(token):
            found += _directive(inside, folds)
        elif token.type == "fence":
            found += _lines(token.content)
        elif token.type in ("math_block", "math_block_label", "amsmath"):
            found += Amount(words=1)
        elif token.type == "html_block":
            found += Amount(words=len(_WORD.findall(_TAG.sub(" ", token.content))))
        for part in token.children or ():
            found += Amount(words=1 if "math" in part.type else len(_WORD.findall(part.content)))
    return found


def _directive(found: Directive, folds: bool) -> Amount:
    if found.name == "math":
        return Amount(words=1)
    return Amount() if found.name in ("dropdown", "symbols") and not folds else _text(found.body, folds)
