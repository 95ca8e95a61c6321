"""A source and its notebook are compared cell by cell."""

import pytest

from book.site.pairs import compare


def difference(book) -> str:
    [finding] = compare(book.source, book.root)
    assert str(finding).startswith("chapters/1-numbers/small.ipynb, cell ")
    assert finding.mend == "make chapter NAME=small"
    return f"{finding.cell}: {finding.what}"


def test_a_pair_that_agrees(small_book):
    assert compare(small_book.source, small_book.root) == []


def test_code_that_differs_is_quoted(small_book):
    small_book.edit("chapters/1-numbers/small.py", "[1, 4, 9]", "[1, 4, 8]")
    there, here = "ax.plot([1, 2, 3], [1, 4, 8])", "ax.plot([1, 2, 3], [1, 4, 9])"
    assert difference(small_book) == f"4: small.py reads {there!r} where the notebook reads {here!r}"


def test_a_long_line_is_quoted_around_the_change(small_book):
    small_book.edit(
        "chapters/1-numbers/small.py", "[the title](#a-small-chapter)", "[the claim](#claim-n1)" + "A" * 100
    )
    assert "AAA…' where the notebook reads '…" in difference(small_book)


def test_tags_that_differ(small_book):
    small_book.edit("chapters/1-numbers/small.py", "# %%\nfigure", '# %% tags=["hide-input"]\nfigure')
    assert difference(small_book) == "4: small.py has the tags ['hide-input'], the notebook []"


def test_the_set_up_cell_belongs_to_the_notebook_alone(small_book):
    source = small_book.source.read_text(encoding="utf-8")
    assert "set-up" not in source
    assert small_book.read_notebook()["cells"][1]["source"] == ["# set-up"]


@pytest.mark.parametrize("change", [{"source": "# another"}, {"metadata": {"tags": ["setup"]}}])
def test_another_set_up_cell_in_the_notebook(small_book, change):
    small_book.edit_notebook(lambda book: book["cells"][1].update(change))
    assert difference(small_book) == "2: the second cell is not the book's set-up cell"


def test_a_cell_too_many_in_the_source(small_book):
    with small_book.source.open("a", encoding="utf-8") as source:
        source.write("\n# %%\n1 + 1\n")
    assert difference(small_book) == "6: small.py has a cell that the notebook lacks"


def test_a_cell_too_many_in_the_notebook(small_book):
    small_book.edit_notebook(lambda book: book["cells"].append(dict(book["cells"][0], id="another")))
    assert difference(small_book) == "6: the notebook has a cell that small.py lacks"


def test_another_kind_of_cell(small_book):
    small_book.edit_notebook(lambda book: book["cells"].__setitem__(2, dict(book["cells"][0], id="another")))
    assert difference(small_book) == "3: small.py holds a code cell, the notebook a markdown cell"


@pytest.mark.parametrize(
    ("above", "counted"),
    [("figure, ax", "; after it 2 cells differ"), ("total", "; after it 1 cell differs")],
)
def test_a_section_put_in_is_one_finding_that_counts_the_shifted_cells(small_book, above, counted):
    small_book.edit("chapters/1-numbers/small.py", f"# %%\n{above} =", f"# %%\n1 + 1\n\n# %%\n{above} =")
    number = 4 if above == "figure, ax" else 5
    said = difference(small_book)
    assert said.startswith(f"{number}: small.py reads '1 + 1' where the notebook reads '{above} = ")
    assert said.endswith(counted)
