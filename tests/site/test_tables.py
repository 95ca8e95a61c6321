"""`python -m book verify` finds a row of a table that has a cell too few or too many."""

import pytest

from book.site.checks.tables import table_findings
from tests.site.small_page import found

HEAD = "| Symbol | Shape | Meaning |\n|:--|:--|:--|\n"


@pytest.mark.parametrize(
    ("row", "has"),
    [("| $E$ | ; a mean |", 2), ("| a | b | c | d |", 4), ("| $|x|$ | number | its size |", 5)],
)
@pytest.mark.parametrize("around", ["{}", ":::{{symbols}}\n{}:::\n", "Before.\n\n{}\nAfter."])
def test_an_uneven_row_is_named(tmp_path, row, has, around):
    text = around.format(f"{HEAD}| a | b | c |\n{row}\n| d | | f |\n")
    assert found(table_findings, tmp_path, text) == [
        f"a row of a table has {has} cells and its head 3: {row}"
    ]


@pytest.mark.parametrize(
    "row", ["| $\\lvert x\\rvert$ | | its size |", "| `a \\| b` | text | either |", "| a |  |  |"]
)
def test_an_even_row_is_none(tmp_path, row):
    assert found(table_findings, tmp_path, f"{HEAD}{row}\n\nA line with | strokes | in it.\n") == []
