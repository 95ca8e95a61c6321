"""A Predict and its Answer: what the checks find, and what must pass; and the folds of "Going further"."""

import nbformat
import pytest
from docutils import nodes
from docutils.utils import new_document
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from book.site import lesson
from book.site.checks.lesson import predict_findings
from book.site.checks.text import Page

CHOICE = ":::{predict}\nWhich?\n\n- `a`: one\n- `b`: two\n:::"
NUMBER = ":::{predict} number\nHow many?\n:::"
OPEN = ":::{predict}\nWhat shape?\n:::"
LETTERS = "the options of a Predict need a letter each, `a`, `b`, …, and there are two or more"
SHOWN = 'show(figure, "A curve that falls and then rises again.")'


def answered(right=None):
    given = "" if right is None else f' data-right="{right}"'
    text = f'<details class="answer"{given}><summary>Answer</summary>\n\nSo.\n\n</details>'
    output = new_output("display_data", {"text/markdown": text})
    return new_code_cell("reveal(text)", metadata={"tags": ["hide-input"]}, outputs=[output])


def printing(text):
    return new_code_cell("say(text)", outputs=[new_output("display_data", {"text/markdown": text})])


def found(folder, *cells):
    cells = [new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    path = folder / "chapters" / "small.ipynb"
    path.parent.mkdir()
    nbformat.write(new_notebook(cells=cells), path)
    return [finding.what for finding in predict_findings(Page(path, folder))]


@pytest.mark.parametrize(
    "cells",
    [
        (CHOICE, new_code_cell("x = 1"), answered("b")),
        (CHOICE, ":::{answer} a\nSo.\n:::"),
        (NUMBER, answered("2048")),
        (OPEN, answered()),
        ("It is 5, as exercise 5 says.", NUMBER, answered("5")),
        (CHOICE, "#### A detail", answered("b")),
        ("The **Predict** blocks of this book ask.", CHOICE, answered("b")),
        ("## One\n\nIt is 20480, or 2048.5, or 12048.", NUMBER, answered("2048"), "It was 2048."),
        (NUMBER, printing("It is 2048."), answered("2048")),
        ("## One\n\nIt is 2048.", "## Two\n\nNow:", NUMBER, answered("2048")),
        (CHOICE, new_code_cell(SHOWN, metadata={"tags": ["hide-input"]}), answered("a"), OPEN, answered()),
        (new_code_cell(SHOWN), CHOICE, answered("a"), new_code_cell(SHOWN)),
    ],
)
def test_a_pair_that_is_whole(tmp_path, cells):
    assert found(tmp_path, *cells) == []


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        (("**Predict:** which?",), "a Predict stands in a paragraph"),
        ((CHOICE,), "a Predict has no Answer"),
        ((CHOICE, "## Next", answered("a")), "a Predict has no Answer"),
        ((CHOICE, CHOICE, answered("a")), "a Predict has no Answer"),
        ((answered("a"),), "an Answer has no Predict before it"),
        ((CHOICE, answered()), "the Answer to a choice does not say which is right"),
        ((NUMBER, answered()), "the Answer to a number does not say which is right"),
        ((":::{predict}\nWhich?\n\n- one\n- two\n:::", answered("a")), LETTERS),
        ((":::{predict}\nWhich?\n\n- `a`: one\n- `a`: two\n:::", answered("a")), LETTERS),
        ((":::{predict}\nWhich?\n\n* `a`: one\n:::", answered("a")), LETTERS),
        ((NUMBER, answered("about 5")), "the right number is 'about 5'"),
        (("It is 2,048.", NUMBER, answered("2048")), "the answer 2048 stands before the question"),
        ((CHOICE, answered("c")), "the right option is 'c', and the Predict has a, b"),
        ((CHOICE, new_code_cell(SHOWN), answered("a")), "the cell tells what the Predict of cell 1 asks"),
        (("It is 2048.", NUMBER, answered("2048")), "the answer 2048 stands before the question"),
    ],
)
def test_a_pair_that_is_not(tmp_path, cells, what):
    assert what in found(tmp_path, *cells)


def going_further(*names):
    """A page whose section "Going further" has sections with these names."""
    section = nodes.section("", nodes.title(text="Going further"))
    section += [nodes.section("", nodes.title(text=name), nodes.paragraph(text="More.")) for name in names]
    page = new_document("small")
    page += section
    return page


@pytest.mark.parametrize("names", [["A", "B"], ["A"], ["A", "B", "C"], []])
def test_a_notebook_that_changed_while_its_page_was_built_is_told_in_one_sentence(
    tmp_path, monkeypatch, names
):
    said, page = [], going_further(*names)
    monkeypatch.setattr(lesson, "CHAPTERS", tmp_path)
    monkeypatch.setattr(lesson.LOGGER, "warning", lambda what, location: said.append(f"{location}: {what}"))
    cells = [new_markdown_cell("## Going further\n\n### A\n\nMore.\n\n### B\n\nMore.")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "small.ipynb")
    lesson.fold_further(None, page, "small")
    folded = [node.astext() for node in page.findall(nodes.raw) if "<details" in node.astext()]
    assert (len(folded), said) == ((2, []) if len(names) == 2 else (0, [f"small: {lesson.CHANGED}"]))
