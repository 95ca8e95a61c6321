"""Colab, simulated: a kernel that has `google.colab`, where widgets show only once they are let through."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from book.site.stamp import WIDGET_VIEW, stamp_notebooks
from book.site.wheel import put_wheel
from tests.site.learner import Learner, download, served
from tests.site.small_site import small_site

MANAGER = "https://ssl.gstatic.com/colaboratory-static/widgets/manager.js"
OUTPUT = f"""
from google.colab.output import _widgets

def enable_custom_widget_manager():
    _widgets._installed_url = {MANAGER!r}
"""
EXPLORERS = {
    "FloatBits": "from book.explorers import FloatBits\n\nFloatBits(value='0.1', dtype='float16')",
    "JacobianMap": "from book.explorers import JacobianMap\n\nJacobianMap('polar')",
    "SoftmaxStress": "from book.explorers import SoftmaxStress\n\nSoftmaxStress(logits=[1000, 990, 980])",
    "DescentOnASurface": "from book.explorers import DescentOnASurface\n\nDescentOnASurface()",
    "Taylor": "from book.explorers import Taylor\n\nTaylor('sine')",
}


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    """The code cells of a notebook with all explorers, downloaded and run in the simulated Colab."""
    folder = tmp_path_factory.mktemp("colab")
    learner = Learner(folder / "colab")
    imitate_colab(learner)
    root, html = small_site(folder)
    add_explorers(root / "chapters" / "1-numbers" / "small.ipynb")
    with served(html) as url:
        stamp_notebooks(html, url, root)
        put_wheel(html)
        path = download(f"{url}/notebooks/1-numbers/small.ipynb", learner.work / "small.ipynb")
        done = learner.run_notebook(path)
    assert done.returncode == 0, done.stderr[-3000:]
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def imitate_colab(learner):
    """Colab's kernel has imported `google.colab` before the first cell; a `.pth` file does that here."""
    package = learner.packages / "google" / "colab"
    (package / "output").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "output" / "__init__.py").write_text(OUTPUT, encoding="utf-8")
    (package / "output" / "_widgets.py").write_text("_installed_url = None\n", encoding="utf-8")
    (learner.packages / "colab.pth").write_text("import google.colab\n", encoding="utf-8")


def add_explorers(chapter):
    notebook = nbformat.read(chapter, as_version=4)
    notebook.cells += [new_code_cell(code) for code in EXPLORERS.values()]
    nbformat.write(notebook, chapter)


def test_the_set_up_cell_says_nothing(cells):
    assert cells[0].outputs == []


@pytest.mark.parametrize("position", range(len(EXPLORERS)), ids=EXPLORERS)
def test_an_explorer_shows_the_widget_and_no_html_that_would_hide_it(cells, position):
    [output] = cells[position - len(EXPLORERS)].outputs
    assert sorted(output.data) == [WIDGET_VIEW, "text/plain"]
    assert output.metadata[WIDGET_VIEW]["colab"]["custom_widget_manager"]["url"] == MANAGER
