"""A phone stacks the panels of a figure, so no sentence says that one of them is at the left or right."""

import re

from book.site.paths import ROOT
from tests.cases import in_case

SIDE = re.compile(
    r"on the (left|right)\b(?!-hand side)|\b(left|right)(-hand)? (panel|picture|figure|plot)", re.IGNORECASE
)
CHAPTERS = sorted((ROOT / "chapters").glob("[0-9]*/*.py"))


def prose(chapter: str) -> str:
    """The text cells of a chapter."""
    return "\n".join(line for line in chapter.splitlines() if line.startswith("# "))


def test_no_text_cell_names_a_side():
    for chapter in CHAPTERS:
        with in_case(chapter.stem):
            assert [found[0] for found in SIDE.finditer(prose(chapter.read_text("utf-8")))] == []


def test_no_exercise_names_a_side():
    for file in sorted((ROOT / "book" / "exercises").glob("*/*.py")):
        with in_case(file.stem):
            assert [found[0] for found in SIDE.finditer(file.read_text("utf-8"))] == []
