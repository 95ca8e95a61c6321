"""Stamped notebooks: what a learner downloads."""

import nbformat
import pytest

from book.errors import BookError
from book.site import setup_cell
from book.site.links import Links
from book.site.paths import CHAPTERS
from book.site.reading import FOLDED
from book.site.stamp import stamp, stamp_notebooks
from book.site.wheel import wheel_name
from tests.site.small_site import small_site

SITE = "https://owner.github.io/descent"


def stamped(folder, site_url, *cells):
    root, html = small_site(folder, *cells)
    [path] = stamp_notebooks(html, site_url, root)
    assert path == html / "notebooks" / "1-numbers" / "small.ipynb"
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize(
    ("site_url", "base", "plus"), [(SITE, SITE, "%2B"), (f"{SITE}/", SITE, "%2B"), (None, "../..", "+")]
)
def test_the_set_up_cell_learns_where_the_wheel_lies_and_changes_nowhere_else(tmp_path, site_url, base, plus):
    canonical = setup_cell.text().splitlines()
    lines = stamped(tmp_path, site_url).cells[1].source.splitlines()
    assert len(lines) == len(canonical)
    assert [new for new, old in zip(lines, canonical, strict=True) if new != old] == [
        f'WHEEL = "{base}/wheels/{wheel_name().replace("+", plus)}"'
    ]


@pytest.mark.parametrize(("site_url", "base"), [(SITE, SITE), (None, "../..")])
def test_roles_become_links_to_the_site(tmp_path, site_url, base):
    cells = stamped(tmp_path, site_url, "By {cite:t}`goldberg1991`.").cells
    assert cells[0].source == f"# Small\n\nSee [overflow]({base}/glossary.html#term-overflow)."
    assert cells[-1].source == f"By [Goldberg (1991)]({base}/references.html)."


def test_code_that_serves_is_folded_in_jupyterlab_and_in_colab(tmp_path):
    root, html = small_site(tmp_path)
    chapter = root / "chapters" / "1-numbers" / "small.ipynb"
    notebook = nbformat.read(chapter, as_version=4)
    notebook.cells[2].metadata.tags = ["hide-input"]
    notebook.cells.append(nbformat.v4.new_code_cell("1"))
    nbformat.write(notebook, chapter)
    [path] = stamp_notebooks(html, SITE, root)
    folded, _, shown = (nbformat.read(path, as_version=4).cells[n] for n in (2, 0, 3))
    assert folded.metadata.jupyter == {"source_hidden": True}
    assert folded.metadata.cellView == "form"
    assert not {"jupyter", "cellView"} & set(shown.metadata)


def test_a_widget_leaves_its_fallback_behind(tmp_path):
    assert stamped(tmp_path, SITE).cells[2].outputs[0].data == {"text/html": "<i>a widget</i>"}


def test_the_metadata_holds_what_a_host_needs_and_no_more(tmp_path):
    metadata = stamped(tmp_path, SITE).metadata
    assert sorted(metadata) == ["colab", "kernelspec", "language_info"]
    assert metadata.colab == {"name": "small.ipynb", "provenance": []}


def test_a_chapter_that_asks_for_a_gpu_gets_one(tmp_path):
    root, html = small_site(tmp_path)
    chapter = root / "chapters" / "1-numbers" / "small.ipynb"
    notebook = nbformat.read(chapter, as_version=4)
    notebook.metadata.accelerator = "GPU"
    nbformat.write(notebook, chapter)
    [path] = stamp_notebooks(html, SITE, root)
    assert nbformat.read(path, as_version=4).metadata.accelerator == "GPU"


def test_stamping_leaves_the_chapter_alone_and_repeats_to_the_byte(tmp_path):
    root, html = small_site(tmp_path)
    chapter = root / "chapters" / "1-numbers" / "small.ipynb"
    before = chapter.read_bytes()
    first = stamp_notebooks(html, SITE, root)[0].read_bytes()
    assert stamp_notebooks(html, SITE, root)[0].read_bytes() == first
    assert chapter.read_bytes() == before


def test_a_notebook_of_an_earlier_build_goes_away(tmp_path):
    root, html = small_site(tmp_path)
    old = html / "notebooks" / "1-numbers" / "old.ipynb"
    old.parent.mkdir(parents=True)
    old.write_text("{}", encoding="utf-8")
    stamp_notebooks(html, SITE, root)
    assert not old.exists()


@pytest.mark.parametrize(
    "site_url",
    [
        "",
        "owner.github.io",
        "ftp://a.org",
        "https://",
        "https://a b.org",
        "https://a.org/?x",
        "https://a.org:99999",
        'https://a.org/"; import os',
        "https://a.org/#x",
        "https://me:secret@a.org",
        "https://a..org",
        "file:///tmp",
    ],
)
def test_an_address_that_is_none_is_one_sentence_and_writes_nothing(tmp_path, site_url):
    root, html = small_site(tmp_path)
    with pytest.raises(BookError, match="is not the address of a site"):
        stamp_notebooks(html, site_url, root)
    assert not (html / "notebooks").exists()


def test_a_chapter_without_the_set_up_cell_is_named(tmp_path):
    root, html = small_site(tmp_path)
    chapter = root / "chapters" / "1-numbers" / "small.ipynb"
    notebook = nbformat.read(chapter, as_version=4)
    del notebook.cells[1]
    nbformat.write(notebook, chapter)
    with pytest.raises(BookError, match=r"1-numbers/small\.ipynb: .*`setup`"):
        stamp_notebooks(html, SITE, root)


def test_a_role_that_leads_nowhere_names_its_chapter(tmp_path):
    with pytest.raises(BookError, match=r"1-numbers/small\.ipynb: .*warp drive"):
        stamped(tmp_path, SITE, "See {term}`warp drive`.")


def test_pages_come_first(tmp_path):
    root, _ = small_site(tmp_path)
    with pytest.raises(BookError, match="holds no built pages"):
        stamp_notebooks(tmp_path, SITE, root)


@pytest.mark.parametrize("name", ["3-first-order/momentum", "4-second-order/kfac", "4-second-order/newton"])
def test_what_a_chapter_folds_is_a_form_in_colab_and_what_a_learner_fills_in_is_not(tmp_path, name):
    root, html = small_site(tmp_path)
    links = Links.read(html, SITE, root / "assets" / "references.bib")
    chapter = nbformat.read(CHAPTERS / f"{name}.ipynb", as_version=4)
    chapter.cells = [cell for cell in chapter.cells if cell.cell_type == "code"]  # its links lead elsewhere
    forms = [cell.metadata.get("cellView") == "form" for cell in stamp(chapter, links, name).cells]
    hidden = [bool(FOLDED & set(cell.metadata.get("tags", []))) for cell in chapter.cells]
    filled_in = ["check(" in cell.source for cell in chapter.cells]
    assert forms == hidden
    assert sum(forms) > 10
    assert any(filled_in)
    assert not any(form and mine for form, mine in zip(forms, filled_in, strict=True))
