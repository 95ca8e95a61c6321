"""`python -m book execute --why`: one line a chapter, which names what changed."""

import pytest

from book.site import lock
from book.site.cli import main
from book.site.digests import digests
from book.site.paths import sources
from book.site.why import explain, reason


def why(book) -> str | None:
    return reason(book.source, lock.read(book.root), book.root)


def test_it_says_one_line_a_chapter_and_runs_nothing(small_book, capsys):
    explain(small_book.root)
    assert capsys.readouterr().out == "1-numbers/small: up to date\n0 of 1 chapters would run.\n"
    before = small_book.notebook.read_bytes()
    small_book.edit("chapters/1-numbers/small.py", "A small chapter", "A chapter")
    explain(small_book.root)
    said = capsys.readouterr().out
    assert said == "1-numbers/small: runs: small.py changed\n1 of 1 chapters would run.\n"
    assert small_book.notebook.read_bytes() == before


def test_what_changed_in_the_library_is_named(small_book):
    small_book.write("book/display.py", "def say(text):\n    return text\n")
    entry = lock.read(small_book.root)["1-numbers/small"]
    assert why(small_book) == "book.display is new to it"
    known = digests(small_book.source, small_book.root)
    lock.store(small_book.source, entry | {"digests": known}, small_book.root)
    assert why(small_book) is None
    small_book.edit("book/display.py", "return text", "return text.upper()")
    assert why(small_book) == "book.display changed"
    (small_book.root / "book" / "display.py").unlink()
    assert why(small_book) == "book.display is no longer used"


def test_many_changes_are_counted(small_book):
    entry = lock.read(small_book.root)["1-numbers/small"]
    gone = {f"book.gone_{n}": "0" for n in range(5)}
    lock.store(small_book.source, entry | {"digests": entry["digests"] | gone}, small_book.root)
    assert why(small_book).endswith("book.gone_2 is no longer used and 2 more")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "A small chapter",
            "A chapter",
            "cell 1: small.py reads '# A small chapter' where the notebook reads",
        ),
        ('"execution_count": 2', '"execution_count": null', "cell 3: the cell has no execution count"),
    ],
)
def test_a_notebook_that_does_not_fit_is_told_by_its_cell(small_book, old, new, said):
    small_book.edit("chapters/1-numbers/small.ipynb", old, new)
    assert why(small_book).startswith(said)


def test_a_chapter_that_never_ran(small_book):
    lock.file(small_book.root).unlink()
    assert why(small_book) == "it was never run"


@pytest.mark.long
def test_the_command_tells_of_every_chapter(capsys):
    assert main(["execute", "--why"]) == 0
    *told, total = capsys.readouterr().out.splitlines()
    assert len(told) == len(sources())
    assert total.endswith(f" of {len(sources())} chapters would run.")
