"""What there is to read: words, visible lines, figures, cells; the core and the whole."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from book.site.checks.lesson import length_findings
from book.site.checks.text import Page
from book.site.reading import LIMITS, Amount, amounts, further_minutes


def page(folder, *cells, **metadata):
    path = folder / "chapters" / "1-numbers" / "small.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=list(cells), metadata=metadata), path)
    return Page(path, folder)


def printed(text, kind="text/markdown"):
    return [new_output("display_data", {kind: text})]


CODE = "x = 1\n\ny = 2  # two"


@pytest.mark.parametrize(
    ("cell", "core", "whole"),
    [
        (new_markdown_cell("Three *short* words."), Amount(3), Amount(3)),
        (new_markdown_cell("One $a = b + c$ formula"), Amount(3), Amount(3)),
        (new_markdown_cell("Then\n\n$$x = 1$$\n\n1,000.5 done"), Amount(4), Amount(4)),
        (new_markdown_cell(":::{dropdown} Why\nTwo words.\n:::"), Amount(), Amount(2)),
        (new_markdown_cell(":::{symbols}\n| $x$ | number |\n|:--|:--|\n:::"), Amount(), Amount(2)),
        (new_markdown_cell(":::{answer} b\nTwo words.\n:::"), Amount(2), Amount(2)),
        (new_markdown_cell("```python\na = 1\n\nb = 2\n```"), Amount(lines=2), Amount(lines=2)),
        (new_code_cell(CODE), Amount(lines=2), Amount(lines=2)),
        (new_code_cell(CODE, metadata={"tags": ["hide-input"]}), Amount(), Amount(lines=2)),
        (new_code_cell(CODE, metadata={"tags": ["remove-input"]}), Amount(), Amount()),
        (new_code_cell("", outputs=printed("Two words")), Amount(2), Amount(2)),
        (new_code_cell("", outputs=printed("<svg/>", "image/svg+xml")), Amount(figures=1), Amount(figures=1)),
        (new_code_cell("", outputs=printed("<descent-race>", "text/html")), Amount(0, 0, 1), Amount(0, 0, 1)),
        (new_code_cell("", outputs=printed("<descent-exercise>", "text/html")), Amount(), Amount()),
    ],
)
def test_what_a_cell_holds(tmp_path, cell, core, whole):
    assert amounts(page(tmp_path, cell)) == (core + Amount(cells=1), whole + Amount(cells=1))


def test_a_fold_that_is_printed_counts_in_the_whole_and_an_answer_in_the_core(tmp_path):
    folds = "<details class='x'></details>"
    for kind, words in (('class="more"', 0), ('class="answer" data-right="b"', 3)):
        folds = f"<details {kind}><summary>Title</summary>\n\nTwo words\n\n</details>"
        core, whole = amounts(page(tmp_path, new_code_cell("", outputs=printed(folds))))
        assert (core.words, whole.words) == (words, 3)


def test_what_goes_further_is_not_of_the_core_up_to_the_next_section(tmp_path):
    cells = ["## One\n\nword", "## Going further\n\nword", "### More\n\nword word", "## Exercises\n\nword"]
    core, whole = amounts(page(tmp_path, *map(new_markdown_cell, cells)))
    assert (core.words, core.cells) == (4, 2)
    assert (whole.words, whole.cells) == (10, 4)


def test_what_stands_above_the_heading_in_its_own_cell_is_of_the_core(tmp_path):
    cell = new_markdown_cell("## One\n\nword word\n\n## Going further\n\nword")
    core, whole = amounts(page(tmp_path, cell))
    assert (core.words, whole.words) == (3, 6)


def test_cells_that_the_page_leaves_out_do_not_count(tmp_path):
    cell = new_code_cell(CODE, metadata={"tags": ["setup", "remove-cell"]}, outputs=printed("words"))
    assert amounts(page(tmp_path, cell)) == (Amount(), Amount())


def test_the_limits_hold_where_the_header_says_finished_and_only_there(tmp_path):
    many = [new_markdown_cell("word " * 100) for _ in range(51)]
    assert length_findings(page(tmp_path, *many)) == []
    found = [finding.what for finding in length_findings(page(tmp_path, *many, finished=True))]
    assert found == ["the core has 5100 words, at most 2500", "the core has 51 cells, at most 50"]
    lines = [new_code_cell("x = 1\n" * 151)]
    assert len(length_findings(page(tmp_path, *lines, finished=True))) == 1
    figures = [new_code_cell("", outputs=10 * printed("<svg/>", "image/svg+xml")) for _ in range(10)]
    assert [f.what for f in length_findings(page(tmp_path, *figures, finished=True))] == [
        f"the core has 50 minutes, at most {LIMITS['minutes']}"
    ]


def test_each_fold_of_what_goes_further_has_its_own_minutes(tmp_path):
    cells = [
        new_markdown_cell("## One\n\n" + "word " * 238),
        new_markdown_cell("## Going further\n\nChoose.\n\n### A\n\n" + "word " * 237 + "\n\n### B\n\n#### b"),
        new_code_cell("x = 1\n" * 6, outputs=printed("<svg/>", "image/svg+xml")),
        new_markdown_cell("```python\n### no heading\n```\n\n## Exercises\n\n### C\n\nword"),
    ]
    a, b = further_minutes(page(tmp_path, *cells))
    assert a == pytest.approx(1, abs=0.01)
    assert b == pytest.approx(1 + 0.5 + 10 / 60, abs=0.02)
