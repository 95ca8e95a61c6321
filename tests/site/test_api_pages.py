"""API pages: what a chapter prints links to its entry, and what a package offers has one."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from book.site.paths import CHAPTERS, sources
from tests.site.pages import anchors, soup, target, weight

HEAVIEST = 300_000
PAGES = sorted(path.stem for path in (CHAPTERS / "api").glob("*.md") if path.stem != "index")


def printed(source: Path) -> list[str]:
    """Return what a chapter hands to `show_source`, by its last name, in reading order."""
    calls = [node for node in ast.walk(ast.parse(source.read_text("utf-8"))) if isinstance(node, ast.Call)]
    shown = [call for call in calls if ast.unparse(call.func) == "show_source"]
    in_order = sorted(shown, key=lambda call: call.lineno)
    return [ast.unparse(thing).rpartition(".")[2] for call in in_order for thing in call.args]


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)
def test_what_a_chapter_prints_links_to_its_entry(built_site, source):
    page = built_site / source.relative_to(CHAPTERS).with_suffix(".html")
    links = soup(page).select('.cell_output a[href*="/api/"]')
    assert [link.get_text().rpartition(".")[2] for link in links] == printed(source)
    for link in links:
        path, anchor = target(page, link["href"])
        assert anchor in anchors(path), link["href"]


@pytest.mark.parametrize("name", PAGES)
def test_what_a_package_exports_has_an_entry(built_site, name):
    package = import_module(f"book.{name}")
    things = [getattr(package, exported) for exported in getattr(package, "__all__", [])]
    entries = {f"{thing.__module__}.{thing.__qualname__}" for thing in things}
    assert entries <= anchors(built_site / "api" / f"{name}.html")


@pytest.mark.parametrize("name", PAGES)
def test_an_api_page_shows_its_examples_and_is_light(built_site, name):
    page = built_site / "api" / f"{name}.html"
    assert ">>>" in soup(page).select_one("article .doctest").get_text()
    assert weight(page, built_site) < HEAVIEST
