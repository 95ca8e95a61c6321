"""`make learner`: it says of each notebook whether it ran, and of what went wrong one sentence."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from book.errors import BookError
from book.site.stamp import stamp_notebooks
from book.site.wheel import put_wheel
from tests.site.all_notebooks import Fresh, Outcome, outcomes, report
from tests.site.learner import Learner, served
from tests.site.packages import install
from tests.site.small_site import small_site

CHANGE = "import shutil; shutil.copytree({!r}, {!r}, dirs_exist_ok=True)"


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What the run said of each of three notebooks; each has one cell more, after set-up from the wheel."""
    folder = tmp_path_factory.mktemp("run")
    learner = Learner(folder / "learner")
    install(folder / "other", "torch", "9.9")
    codes = {
        "green": "import book.errors",
        "red": "import no_such_package",
        "torch": CHANGE.format(str(folder / "other"), str(learner.packages)),
    }
    root, html = small_site(folder)
    for name, code in codes.items():
        add_chapter(root / "chapters" / "1-numbers", name, code)
    with served(html) as url:
        stamp_notebooks(html, url, root)
        put_wheel(html)
        found = outcomes(learner, url, [Path("1-numbers", f"{name}.ipynb") for name in codes])
        return {outcome.name: outcome.said for outcome in found}


def add_chapter(folder, name, code):
    notebook = nbformat.read(folder / "small.ipynb", as_version=4)
    notebook.cells.append(new_code_cell(code))
    nbformat.write(notebook, folder / f"{name}.ipynb")


def test_a_notebook_that_installs_the_book_and_runs_is_green(said):
    assert said["1-numbers/green"] == ""


def test_what_a_cell_raised_is_quoted_and_the_book_was_installed_anew(said):
    """A book that is there beforehand would be the failure."""
    assert said["1-numbers/red"] == "ModuleNotFoundError: No module named 'no_such_package'"


def test_a_torch_that_was_replaced_is_red(said):
    assert said["1-numbers/torch"].startswith("torch 2.")
    assert "became 9.9." in said["1-numbers/torch"]


GREEN, RED = Outcome("adam", 2.0, ""), Outcome("sgd", 1.0, "KeyError: 'lr'")


def test_the_report_of_green_notebooks(capsys):
    report([GREEN, GREEN], "2.10.0")
    first, _, last = capsys.readouterr().out.splitlines()
    assert first.split() == ["2.0", "s", "adam", "green"]
    assert last == "All 2 notebooks are green with torch 2.10.0, in 4 s."


@pytest.mark.parametrize(
    ("found", "start"),
    [([GREEN, RED], "1 of 2 notebooks are red with torch 2.10.0: sgd. "), ([], "0 of 0 notebooks are red")],
)
def test_a_red_notebook_is_named_and_fails(found, start, capsys):
    with pytest.raises(BookError, match=start):
        report(found, "2.10.0")
    assert all(outcome.name in capsys.readouterr().out for outcome in found[:1])


def test_without_a_network_one_sentence_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(
        BookError, match=r"^pip install .* failed \(ERROR: No matching .*\)\. Check the network"
    ):
        Fresh(tmp_path / "fresh", "torch==0.0")


def test_nothing_leads_from_the_fresh_computer_to_the_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("BOOK_DATA", "/somewhere")
    monkeypatch.setattr(Fresh, "_must", lambda *words: None)
    done = Fresh(tmp_path / "fresh", "torch").run(
        "-c", "import os, sys; print(sys.path, os.environ['BOOK_DATA'])"
    )
    assert "/somewhere" not in done.stdout
    assert str(Path(__file__).parents[2]) not in done.stdout
