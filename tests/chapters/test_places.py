"""A phone stacks the panels of a figure, so no sentence says that one of them is at the left or right."""

import ast
import re

from book.site.paths import ROOT
from tests.cases import in_case

SIDE = re.compile(
    r"on the (left|right)\b(?!-hand side)|\b(left|right)(-hand)? (panel|picture|figure|plot)", re.IGNORECASE
)
PRINTED = ("say", "reveal", "evidence")  # what `show` is given is the description of a wide figure


def read_by_all(chapter: str) -> str:
    """The text cells of a chapter, and the words of what its cells print.

    Examples:
        >>> read_by_all('# A text.\\nshow(figure, "Left, a curve.")\\nsay(f"It is {x} long.")')
        '# A text.\\nIt is \\n long.'
    """
    calls = [node for node in ast.walk(ast.parse(chapter)) if isinstance(node, ast.Call)]
    words = [
        part.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in PRINTED
        for part in ast.walk(call)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    return "\n".join([line for line in chapter.splitlines() if line.startswith("# ")] + words)


def test_no_chapter_names_a_side():
    for file in sorted((ROOT / "chapters").glob("[0-9]*/*.py")):
        with in_case(file.stem):
            assert [found[0] for found in SIDE.finditer(read_by_all(file.read_text("utf-8")))] == []


def test_no_exercise_names_a_side():
    for file in sorted((ROOT / "book" / "exercises").glob("*/*.py")):
        with in_case(file.stem):
            assert [found[0] for found in SIDE.finditer(file.read_text("utf-8"))] == []
