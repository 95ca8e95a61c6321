"""A small built site for the tests of what is put beside the pages: an inventory and one chapter."""

import zlib
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from book.site import setup_cell
from book.site.stamp import WIDGET_VIEW

INVENTORY = """\
overflow std:term -1 glossary.html#term-overflow -
machine epsilon std:term -1 glossary.html#term-machine-epsilon -
1-numbers/conditioning std:doc -1 1-numbers/conditioning.html Conditioning
glossary std:doc -1 glossary.html Glossary
the-narrow-valley std:label -1 1-numbers/conditioning.html#the-narrow-valley The narrow valley
"""
BIBLIOGRAPHY = """\
@article{goldberg1991, author = {Goldberg, David}, year = {1991},
  title = {What every computer scientist should know about floating-point arithmetic}}
@inproceedings{kingma2015, author = {Kingma, Diederik P. and Ba, Jimmy}, year = {2015}, title = {Adam}}
@article{micikevicius2018, author = {Micikevicius, Paulius and Narang, Sharan and Alben, Jonah},
  year = {2018}, title = {Mixed precision training}}
@book{loan2013, author = {van Loan, Charles and Gr{\\"u}n, A.}, year = {2013}, title = {Matrix computations}}
"""


def small_site(folder: Path, *cells: str) -> tuple[Path, Path]:
    """Write a root with one chapter, `1-numbers/small`, and the folder of its built pages; return both."""
    html, root = folder / "html", folder / "root"
    (root / "assets").mkdir(parents=True)
    html.mkdir()
    (root / "assets" / "references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    head = "# Sphinx inventory version 2\n# Project: Descent\n# Version: 1\n# Compressed by zlib.\n"
    (html / "objects.inv").write_bytes(head.encode() + zlib.compress(INVENTORY.encode()))
    chapter = root / "chapters" / "1-numbers" / "small.ipynb"
    chapter.parent.mkdir(parents=True)
    nbformat.write(small_notebook(*cells), chapter)
    return root, html


def small_notebook(*cells: str) -> nbformat.NotebookNode:
    """Return a chapter with a title, the set-up cell, one widget and `cells` of Markdown."""
    widget = new_output("display_data", {"text/html": "<i>a widget</i>", WIDGET_VIEW: {"model_id": "x"}})
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Small\n\nSee {term}`overflow`."),
            new_code_cell(setup_cell.text(), metadata={"tags": ["setup"]}),
            new_code_cell("1 + 1", outputs=[widget]),
            *(new_markdown_cell(cell) for cell in cells),
        ],
        metadata={"jupytext": {"formats": "ipynb,py:percent"}},
    )
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook
