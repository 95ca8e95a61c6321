"""The set-up cell: silent where all is there, exact in what it installs, plain in what it says."""

import json
import subprocess
import sys

import pytest

from book.site.paths import ROOT
from book.site.setup_cell import FILE, stamped
from tests.site.learner import Learner

FAKE_PIP = """
import json, os, sys
with open(os.environ["CALLS"], "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
sys.exit(os.environ.get("BROKEN") and "ERROR: no network")
"""
FAKE_COLAB = """
def enable_custom_widget_manager():
    print("widgets enabled")
"""
SETUP_CELL = ROOT / FILE
SITE = "https://owner.github.io/descent"
WHEEL = next(line for line in stamped(SITE).splitlines() if line.startswith("WHEEL")).split('"')[1]


@pytest.fixture
def learner(tmp_path):
    return Learner(tmp_path / "learner")


def fake(folder, module, text):
    path = folder.joinpath(*module.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def pip_calls(learner, **variables):
    fake(learner.folder / "fakes", "pip.__init__", "")
    fake(learner.folder / "fakes", "pip.__main__", FAKE_PIP)
    log = learner.folder / "calls.log"
    paths = {"PYTHONPATH": str(learner.folder / "fakes"), "CALLS": str(log)}
    done = learner.run("-c", stamped(SITE), **paths, **variables)
    return done, [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def test_it_does_nothing_and_says_nothing_where_the_book_is_installed(tmp_path):
    done = subprocess.run([sys.executable, SETUP_CELL], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_a_site_and_without_the_book_one_sentence_says_what_to_do(learner):
    done = learner.run(SETUP_CELL)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "RuntimeError: `book` is not installed: clone the book's repository and run `make book` there."
    )


def test_it_installs_only_the_wheel_where_the_platform_has_the_packages(learner):
    done, calls = pip_calls(learner)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert calls == [["install", "--quiet", "--no-deps", WHEEL]]


def test_a_mere_folder_named_book_is_not_taken_for_the_library(learner):
    (learner.work / "book").mkdir()
    done, calls = pip_calls(learner)
    assert (done.returncode, calls) == (0, [["install", "--quiet", "--no-deps", WHEEL]])


def test_it_installs_the_packages_that_are_missing_and_no_others(tmp_path):
    _, calls = pip_calls(Learner(tmp_path / "learner", lacking=("anywidget", "matplotlib", "scipy")))
    assert calls == [
        ["install", "--quiet", "matplotlib", "anywidget", "scipy"],
        ["install", "--quiet", "--no-deps", WHEEL],
    ]


def test_a_failure_of_pip_is_one_sentence(learner):
    done, calls = pip_calls(learner, BROKEN="1")
    assert (done.returncode, len(calls)) == (1, 1)
    assert done.stderr.splitlines()[-1] == (
        f"RuntimeError: pip could not install {WHEEL} (ERROR: no network): mend that, run this again."
    )


def test_a_wheel_that_is_not_there_is_one_sentence(learner):
    """The real pip, and a notebook that has left its archive behind."""
    done = learner.run("-c", stamped("../.."))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("RuntimeError: pip could not install ../../wheels/")


@pytest.mark.parametrize(("colab", "printed"), [(True, "widgets enabled\n"), (False, "")])
def test_in_colab_it_lets_widgets_through(tmp_path, colab, printed):
    fake(tmp_path, "google.colab.__init__", "")
    fake(tmp_path, "google.colab.output", FAKE_COLAB)
    code = f"{'import google.colab' if colab else ''}\n{SETUP_CELL.read_text(encoding='utf-8')}"
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{code}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, printed, "")
