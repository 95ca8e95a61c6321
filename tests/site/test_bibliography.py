"""One work has one entry, and "in two pages" is what the entry says."""

import pytest

from book.site.checks.bibliography import FILE, bibliography_findings, entries
from book.site.checks.text import Page

ENTRY = """\
@article{{{key},
  author = {{{author}}},
  title = {{{title}}},
  pages = {{110--112}},
  year = {{{year}}}
}}
"""
SQUIRE = {
    "key": "squire1998",
    "author": "Squire, William and Trapp, George",
    "title": "Using Complex {V}ariables to Estimate",
    "year": "1998",
}


def book(tmp_path, *works, text=""):
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text("\n".join(ENTRY.format(**{**SQUIRE, **work}) for work in works))
    page = tmp_path / "chapters" / "small.md"
    page.parent.mkdir()
    page.write_text(text)
    return [str(finding) for finding in bibliography_findings([Page(page, tmp_path)], tmp_path)]


@pytest.mark.parametrize(
    "title", ["Using Complex Variables to Estimate", "Using complex variables to do more"]
)
def test_one_work_with_two_keys_is_found(tmp_path, title):
    [finding] = book(tmp_path, {}, {"key": "trapp1998", "title": title})
    assert finding.startswith("assets/references.bib: squire1998 and trapp1998 are one work")


@pytest.mark.parametrize(
    "other", [{"year": "1999"}, {"author": "Trapp, George"}, {"title": "Using Real Variables"}]
)
def test_two_works_are_two(tmp_path, other):
    assert book(tmp_path, {}, {"key": "other", **other}) == []


@pytest.mark.parametrize(
    ("said", "wrong"), [("two", True), ("4", True), ("three", False), ("3", False), ("few", False)]
)
def test_a_count_of_pages_is_the_entrys(tmp_path, said, wrong):
    text = f"- {{cite:t}}`squire1998`: the complex step, in {said} pages.\n"
    assert bool(book(tmp_path, {}, text=text)) is wrong


def test_a_count_belongs_to_the_last_work_named_before_it(tmp_path):
    text = "{cite:t}`squire1998` and {cite:t}`nobody`: the method, in two pages.\n"
    assert book(tmp_path, {}, text=text) == []


def test_a_field_with_braces_is_read_whole(tmp_path):
    book(tmp_path, {})
    assert entries(tmp_path)["squire1998"]["title"] == "Using Complex {V}ariables to Estimate"
