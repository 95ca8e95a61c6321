"""What `verify` says of links, roles and files is what Sphinx says: both read one table of hard cases."""

import io
import re
from pathlib import Path

import nbformat
import pytest
from docutils.core import publish_doctree
from hypothesis import given, settings
from hypothesis import strategies as st
from myst_parser.parsers.docutils_ import Parser
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sphinx.application import Sphinx

from book.site.checks.targets import Targets
from book.site.checks.text import Page
from book.site.myst import parser, slugs
from book.site.myst import settings as configured
from book.site.verify import all_pages, page_findings
from tests.site.hard_links import BIBLIOGRAPHY, GLOSSARY, HARD, OTHER


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("book")
    files = {
        "assets/references.bib": BIBLIOGRAPHY,
        "chapters/hard.md": HARD,
        "chapters/glossary.md": GLOSSARY,
        "chapters/references.md": "# References\n\n```{bibliography}\n```\n",
        "chapters/sub/page.md": "# A page below\n",
        "chapters/file.txt": "",
        "chapters/file two.txt": "",
        "chapters/index.md": "# Index\n\n" + "\n\n".join(OTHER),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    (root / "chapters" / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    printed = new_output("display_data", {"text/markdown": "## Printed\n\n(labelled)=\n## Labelled\n"})
    cells = [
        new_markdown_cell("# Outputs\n\n## Written"),
        new_code_cell("1", execution_count=1, outputs=[printed]),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), root / "chapters" / "printed.ipynb")
    return root


@pytest.fixture(scope="module")
def warned(book) -> dict[str, list[str]]:
    """What Sphinx complains of, by the piece of the page that is wrong."""
    heard, chapters = io.StringIO(), str(book / "chapters")
    options = {key: value for key, value in configured().items() if key.startswith(("myst_", "nb_"))}
    options |= {"nb_execution_mode": "off", "bibtex_bibfiles": ["../assets/references.bib"]}
    options |= {"extensions": ["myst_nb", "sphinxcontrib.bibtex"]}
    Sphinx(
        chapters, None, f"{book}/out", f"{book}/trees", "dummy", options, status=None, warning=heard
    ).build()
    found: dict[str, list[str]] = {}
    for line, said in re.findall(r"index\.md:(\d+): \S*?(?:WARNING|ERROR): (.*)", plain(heard.getvalue())):
        found.setdefault(piece_at(int(line)), []).append(said)
    return found


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def piece_at(line: int) -> str:
    start = 3
    for piece in OTHER:
        end = start + piece.count("\n")
        if start <= line <= end + 1:
            return piece
        start = end + 2
    raise AssertionError(line)


@pytest.fixture(scope="module")
def targets(book) -> Targets:
    return Targets(all_pages(book), book)


@pytest.mark.long
@pytest.mark.parametrize("piece", OTHER)
def test_verify_complains_where_sphinx_does(piece, book, warned, targets, tmp_path):
    page = Page(book / "chapters" / "index.md", book)
    page.__dict__["cells"] = [new_markdown_cell(piece)]
    found = [finding.what for finding in page_findings([page], targets)]
    assert bool(found) == (piece in warned), (found, warned.get(piece))


def by_myst(text: str) -> set[str]:
    """The anchors that MyST gives the headings of a text, as it renders them."""
    options = {
        "myst_heading_anchors": configured()["myst_heading_anchors"],
        "myst_enable_extensions": configured()["myst_enable_extensions"],
        "report_level": 5,
        "warning_stream": io.StringIO(),
    }
    return set(publish_doctree(text, parser=Parser(), settings_overrides=options).myst_slugs)


PIECES = st.sampled_from(
    [
        "the",
        "weight_decay",
        "`weight_decay`",
        "`a",
        "",
        "b`",
        "$x^2$",
        "*so*",
        "**bold**",
        "_u_",
        "__d__",
        "Über",
        "Σ",
        "ß",
        "日本",
        "é",
        "É",
        "İ",
        "1.",
        "100%",
        "&",
        "&amp;",
        "&lt;",
        "<b>x</b>",
        "<br>",
        "{term}`ulp`",
        "{math}`x`",
        "[a](b.md)",
        "![c](d.png)",
        "\\*e\\*",
        "\\#",
        "#",
        "##",
        '"q"',
        "'s",
        "--",
        "---",
        "…",
        ":",
        "?",
        "!",
        "/",
        "\\\\",
        "~~s~~",
        "[^1]",
        "x{#i}",
        "-",
        "_",
        "__",
        "'",
        "`",
        "**",
        "$",
        "$$",
        "{a}",
        "[b]",
        "(c)",
        "<https://a.b>",
        "http://a.b",
        "twice",
        "twice",
        "twice-1",
        "\xa0",
        "\u200b",
        "🙂",
    ]
)
HEADING = st.builds(
    lambda level, pieces: f"{'#' * level} {' '.join(pieces)}", st.integers(1, 6), st.lists(PIECES, max_size=6)
)


@pytest.mark.long
@settings(deadline=None)
@given(st.lists(HEADING, max_size=6))
def test_the_anchors_of_any_headings_are_mysts(headings):
    text = "\n\n".join(headings)
    assert slugs([text]) == by_myst(text)


def heading_lines(text: str) -> list[str]:
    """A text's headings alone: without Sphinx, docutils cannot read all of the book's directives."""
    headings = [token for token in parser().parse(text) if token.type == "heading_open"]
    return ["\n".join(text.splitlines()[slice(*token.map)]) for token in headings]


@pytest.mark.long
def test_the_anchors_of_all_headings_of_the_book_are_mysts():
    compared = set()
    for page in all_pages():
        written = [cell.source for cell in page.cells if cell.cell_type == "markdown"]
        headings = [line for text in written for line in heading_lines(text)]
        assert slugs(written) == by_myst("\n\n".join(headings)), page.name
        compared |= slugs(written)
    assert len(compared) > 100
