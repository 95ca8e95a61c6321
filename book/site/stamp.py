"""Stamped notebooks: each chapter as a learner opens it, away from the repository."""

import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from book.errors import BookError
from book.site.address import checked
from book.site.finding import RUN_AGAIN
from book.site.links import Links
from book.site.pairs import read
from book.site.paths import ROOT, notebooks
from book.site.plain_markdown import PlainMarkdown
from book.site.reading import FOLDED
from book.site.setup_cell import is_setup, stamped

FROM_NOTEBOOK_TO_SITE = "../.."
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def stamp_notebooks(html: Path, site_url: str | None, root: Path = ROOT) -> list[Path]:
    """Write every chapter into `html/notebooks` as a notebook that runs anywhere, and return the paths.

    The set-up cell learns where the site's wheel lies and roles become plain links, so that prose and code
    come from one build. Without an address both are relative: they work in the unpacked archive.

    Args:
        html: the folder of the built pages.
        site_url: the site's address, or None.
        root: the book's root.

    Raises:
        BookError: the address is wrong, a chapter lacks the set-up cell, or a role leads nowhere.
    """
    links = _links(html, site_url, root)
    shutil.rmtree(html / "notebooks", ignore_errors=True)
    return [_stamp_file(path, html / "notebooks", links, root / "chapters") for path in notebooks(root)]


def stamp_notebook(path: Path, html: Path, site_url: str | None, root: Path = ROOT) -> Path:
    """Write one chapter into `html/notebooks`, as `stamp_notebooks` does for all."""
    return _stamp_file(path, html / "notebooks", _links(html, site_url, root), root / "chapters")


def _links(html: Path, site_url: str | None, root: Path) -> Links:
    return Links.read(html, checked(site_url) or FROM_NOTEBOOK_TO_SITE, root / "assets" / "references.bib")


def _stamp_file(path: Path, folder: Path, links: Links, chapters: Path) -> Path:
    name = path.relative_to(chapters)
    try:
        notebook = stamp(read(path), links, name.with_suffix("").as_posix())
    except BookError as error:
        raise BookError(f"{name}: {error}") from error
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return target


def stamp(notebook: NotebookNode, links: Links, docname: str) -> NotebookNode:
    """Return a copy of a chapter's notebook for use away from the repository.

    Args:
        notebook: the chapter.
        links: where roles lead; their base is the site's address.
        docname: the chapter's name, `1-numbers/floating-point` for one.

    Raises:
        BookError: the chapter lacks the set-up cell, or a role leads nowhere.
    """
    notebook = nbformat.from_dict(notebook)  # pyrefly: ignore[bad-assignment]  typed for its oldest format
    setup = list(filter(is_setup, notebook.cells))
    if len(setup) != 1:
        raise BookError(f"there must be one cell tagged `setup`. To put it in, {RUN_AGAIN}.")
    setup[0].source = stamped(links.base)
    plain = PlainMarkdown(links, docname)
    for cell in notebook.cells:
        _stamp_cell(cell, plain)
    notebook.metadata = _metadata(notebook, docname)
    return notebook


def _stamp_cell(cell: NotebookNode, plain: PlainMarkdown) -> None:
    if cell.cell_type == "markdown":
        cell.source = plain.convert(cell.source)
    if FOLDED & set(cell.metadata.get("tags", [])):
        cell.metadata["jupyter"] = {"source_hidden": True}  # JupyterLab folds it
        cell.metadata["cellView"] = "form"  # Colab does
    for output in cell.get("outputs", []):
        if "data" in output:  # no widget lives in a stored notebook: keep its fallback, which says so
            output.data.pop(WIDGET_VIEW, None)


def _metadata(notebook: NotebookNode, docname: str) -> NotebookNode:
    """Keep what a host needs; Colab lends a GPU where the chapter's header asks `accelerator: GPU`."""
    kept = {key: notebook.metadata[key] for key in ("accelerator", "kernelspec") if key in notebook.metadata}
    colab = {"name": f"{docname.rpartition('/')[2]}.ipynb", "provenance": []}
    # pyrefly: ignore[bad-return]  nbformat's types are those of its oldest format
    return nbformat.from_dict({**kept, "colab": colab, "language_info": {"name": "python"}})
