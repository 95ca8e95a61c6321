"""`python -m book chapter NAME`: the three steps in order, and a name that is not there."""

import re
from functools import partial

import pytest

from book.errors import BookError
from book.site import build, chapter
from book.site.chapter import find
from book.site.cli import main
from book.site.verify import check_chapter
from tests.site.small_site import small_site


def test_it_runs_checks_and_builds_and_says_where_the_page_lies(monkeypatch, capsys, tmp_path):
    done = []
    monkeypatch.setattr(chapter, "execute", lambda sources: done.append(("run", *sources)))
    monkeypatch.setattr(chapter, "check_chapter", lambda source: done.append(("checked", source)))
    monkeypatch.setattr(chapter, "build_page", lambda name: tmp_path / f"{name}.html")
    assert main(["chapter", "adam"]) == 0
    assert done == [("run", find("adam")), ("checked", find("adam"))]
    assert capsys.readouterr().out == f"The page is built: {tmp_path / '3-first-order' / 'adam.html'}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["adm"], "There is no chapter 'adm'. Did you mean adam or adamw?"),
        (["3-first-order/adamm"], "There is no chapter '3-first-order/adamm'. Did you mean adam or adamw?"),
        (["zzz"], "There is no chapter 'zzz'. Choose one of conditioning, floating-point, "),
        ([], "Name a chapter: make chapter NAME=adam"),
    ],
)
def test_a_name_that_is_no_chapter_is_one_sentence(words, said, capsys):
    assert main(["chapter", *words]) == 1
    error = capsys.readouterr().err
    assert error.startswith(said)
    assert error.count("\n") == 1


def test_one_chapter_is_checked_with_what_it_points_at(small_book):
    check_chapter(small_book.source, small_book.root)
    small_book.edit("assets/claims.yml", "is 0.300", "is 0.301")
    small_book.edit("chapters/glossary.md", "\nulp\n", "\nulps\n")
    with pytest.raises(BookError) as found:
        check_chapter(small_book.source, small_book.root)
    assert "claim N1 has the evidence" in str(found.value)
    assert "{term} names 'ulp'" in str(found.value)
    assert str(found.value).endswith("2 things are to mend before the book can be built.")


def test_what_is_wrong_elsewhere_is_not_this_chapters(small_book):
    small_book.edit("chapters/index.md", "1-numbers/small", "1-numbers/smell")
    small_book.write("assets/claims.yml", (small_book.root / "assets/claims.yml").read_text() + OTHER)
    check_chapter(small_book.source, small_book.root)


OTHER = "- id: N2\n  claim: Another.\n  chapter: 1-numbers/other\n  verdict: holds\n  evidence: None.\n"


def test_without_a_site_the_whole_of_it_is_built(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "BUILD", tmp_path / "html")
    monkeypatch.setattr(build, "build", lambda: tmp_path / "html")
    assert build.build_page("3-first-order/adam") == tmp_path / "html" / "3-first-order" / "adam.html"


@pytest.mark.long
def test_the_notebook_of_a_page_that_is_built_alone_names_a_wheel_that_is_there(monkeypatch, tmp_path):
    root, html = small_site(tmp_path)
    (html / "index.html").touch()
    (old := html / "wheels" / "old.whl").parent.mkdir()
    old.touch()
    for name, there in (("BUILD", html), ("WORK", html), ("CHAPTERS", root / "chapters")):
        monkeypatch.setattr(build, name, there)
    for name in ("_run_jupyter_book", "put_elements", "put_pages"):
        monkeypatch.setattr(build, name, lambda *given: None)
    monkeypatch.setattr(build.stamp, "stamp_notebook", partial(build.stamp.stamp_notebook, root=root))
    build.build_page("1-numbers/small")
    notebook = html / "notebooks" / "1-numbers" / "small.ipynb"
    [named] = re.findall(r'WHEEL = \\"(.*?)\\"', notebook.read_text(encoding="utf-8"))
    assert notebook.parent.joinpath(named).exists()
    assert old.exists(), "the other notebooks name it"
