"""A small book of one chapter, made and run in a temporary folder, for tests that break it."""

import json
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from book.claims import claim_text
from book.site.execute import execute

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
"""

CHAPTER = """
# %% [markdown]
# # A small chapter
#
# {cite:t}`goldberg1991` explains the {term}`ulp`; see {doc}`/index` and [the title](#a-small-chapter).

# %%
from book.display import evidence, say, show
from book.figures import axes

say(f"The sum is **{0.1 + 0.2:.3f}**.")

# %%
figure, ax = axes()
ax.plot([1, 2, 3], [1, 4, 9])
show(figure, "A curve that climbs from 1 through 4 to 9 and bends upward.")

# %%
total = 0.1 + 0.2
evidence("N1", "holds", f"The sum of 0.1 and 0.2 is {total:.3f}.", "Round it.")
"""

CLAIMS = f"""\
- id: N1
  claim: "{claim_text("N1")}"
  chapter: 1-numbers/small
  verdict: holds
  evidence: The sum of 0.1 and 0.2 is 0.300.
  so: Round it.
"""

FILES = {
    "_toc.yml": "format: jb-book\nroot: index\nchapters:\n  - file: glossary\n  - file: 1-numbers/small\n",
    "chapters/1-numbers/small.py": HEADER + CHAPTER,
    "chapters/index.md": "# A book\n\nBegin with {doc}`1-numbers/small`.\n",
    "chapters/glossary.md": "# Glossary\n\n```{glossary}\nulp\n  The spacing of the floats.\n```\n",
    "assets/setup_cell.py": "# set-up\n",
    "assets/claims.yml": CLAIMS,
    "assets/references.bib": "@article{goldberg1991,\n  title = {What to know},\n}\n",
}


class SmallBook:
    """A book in a folder of its own.

    Args:
        root: the folder, with `chapters/` and `assets/`.
    """

    def __init__(self, root: Path):
        self.root = root
        self.source = root / "chapters" / "1-numbers" / "small.py"
        self.notebook = self.source.with_suffix(".ipynb")

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text that must be there in one of the book's files."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def read_notebook(self) -> dict:
        return json.loads(self.notebook.read_text(encoding="utf-8"))

    def write(self, file: str, text: str) -> None:
        """Write one of the book's files, new or not."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit_notebook(self, change) -> None:
        """Load the notebook, let `change` alter it in place, and store it again."""
        notebook = self.read_notebook()
        change(notebook)
        self.notebook.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture(scope="session")
def executed_book(tmp_path_factory, worker_id) -> Path:
    """The small book, run once for all processes of the test run; no test changes it, each takes a copy."""
    alone = worker_id == "master"
    folder = tmp_path_factory.getbasetemp() if alone else tmp_path_factory.getbasetemp().parent
    root, unfinished = folder / "executed-book", folder / "executed-book-unfinished"
    with FileLock(folder / "executed-book.lock"):
        if not root.exists():
            shutil.rmtree(unfinished, ignore_errors=True)  # of a run that failed, which is tried again
            for name, text in FILES.items():
                (unfinished / name).parent.mkdir(parents=True, exist_ok=True)
                (unfinished / name).write_text(text, encoding="utf-8")
            execute(root=unfinished)
            unfinished.rename(root)
    return root


@pytest.fixture
def small_book(executed_book, tmp_path) -> SmallBook:
    """A copy of the executed small book, in which nothing is to mend."""
    shutil.copytree(executed_book, tmp_path / "book")
    return SmallBook(tmp_path / "book")
