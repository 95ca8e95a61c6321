"""The set-up cell: silent where all is there, exact in what it installs, plain in what it says."""

import json
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement

from book.site.paths import ROOT
from book.site.setup_cell import FILE, stamped, text
from book.site.wheel import put_wheel
from tests.site.learner import Learner
from tests.site.packages import install, wheel

SETUP_CELL = ROOT / FILE
SITE = "https://owner.github.io/descent"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = [Requirement(line) for line in PROJECT["dependencies"]]
OLDEST = {needed.name: str(needed.specifier).removeprefix(">=") for needed in NEEDED}
FAKE_PIP = """
import os, sys
open(os.environ["CALLS"], "a").write("called")
sys.exit(os.environ.get("SAYS"))
"""
FAKE_COLAB = """
def enable_custom_widget_manager():
    print("widgets enabled")
"""


@pytest.fixture
def learner(tmp_path):
    """A computer with Python and pip, and nothing else."""
    return Learner(tmp_path / "learner", holding=("pip",))


@pytest.fixture(scope="module")
def own_wheel(tmp_path_factory):
    return put_wheel(tmp_path_factory.mktemp("html"))


def cell(address) -> str:
    return text().replace('WHEEL = ""', f'WHEEL = "{address}"')


def last_line(done) -> str:
    return done.stderr.splitlines()[-1]


def to_install(learner, address) -> dict[str, str]:
    """Return what pip would install, name → version, with the packages of `index` on offer."""
    report = learner.folder / "report.json"
    index = str(learner.folder / "index")
    done = learner.run("-c", cell(address), PIP_FIND_LINKS=index, PIP_DRY_RUN="1", PIP_REPORT=str(report))
    assert report.exists(), last_line(done)
    found = [entry["metadata"] for entry in json.loads(report.read_text("utf-8"))["install"]]
    return {metadata["name"]: metadata["version"] for metadata in found}


def offer(learner, name, version, *requires):
    wheel(learner.folder / "index", name, version, *requires)


def test_it_does_nothing_and_says_nothing_where_the_book_is_installed(tmp_path):
    done = subprocess.run([sys.executable, SETUP_CELL], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_a_site_and_without_the_book_one_sentence_says_what_to_do(learner):
    done = learner.run(SETUP_CELL)
    assert done.returncode == 1
    assert last_line(done) == (
        "RuntimeError: `book` is not installed: clone the book's repository and run `make book` there."
    )


def test_it_installs_what_the_wheels_metadata_require_and_nothing_else(learner, own_wheel):
    for name in OLDEST:
        offer(learner, name, "99.0")
    wanted = to_install(learner, own_wheel)
    assert wanted.pop(PROJECT["name"]) in own_wheel.name
    assert wanted == dict.fromkeys(OLDEST, "99.0")


def test_what_is_there_and_new_enough_is_left_alone(learner, own_wheel):
    """As in Colab, whose torch is its own build, and behind the newest."""
    for name, version in OLDEST.items():
        install(learner.packages, name, f"{version}.0+cu128" if name == "torch" else version)
        offer(learner, name, "99.0")
    assert list(to_install(learner, own_wheel)) == [PROJECT["name"]]


@pytest.mark.parametrize("turn", range(3))
def test_only_what_is_missing_or_too_old_is_installed(learner, own_wheel, turn):
    names = sorted(OLDEST.keys() - {"torch"})
    fine, missing, old = (set(names[(turn + start) % 3 :: 3]) for start in range(3))
    for name in names:
        offer(learner, name, "99.0")
    for name in {"torch"} | fine | old:
        install(learner.packages, name, "0.0.1" if name in old else OLDEST[name])
    assert to_install(learner, own_wheel).keys() == {PROJECT["name"]} | missing | old


def test_a_torch_that_is_there_stays_and_torchvision_is_the_one_that_fits_it(learner, own_wheel):
    for name in OLDEST.keys() - {"torch", "torchvision"}:
        install(learner.packages, name, OLDEST[name])
    install(learner.packages, "torch", "2.10.0+cu128")
    offer(learner, "torch", "2.13.0")
    offer(learner, "torchvision", "0.28.0", "torch==2.13.0")
    offer(learner, "torchvision", "0.25.0", "torch==2.10.0")
    found = to_install(learner, own_wheel)
    assert (found["torchvision"], found.get("torch")) == ("0.25.0", None)


def test_a_torch_that_is_too_old_is_one_sentence_and_stays(learner, own_wheel):
    for name in OLDEST:
        offer(learner, name, "99.0")
    install(learner.packages, "torch", "2.9.1")
    done = learner.run("-c", cell(own_wheel), PIP_FIND_LINKS=str(learner.folder / "index"))
    assert "torch==2.9.1 because these package versions have conflicting dependencies" in last_line(done)
    assert not (learner.packages / "book").exists()


CONTENT = "import book; print(book.CONTENT)"
OLD = ["0.1.0", "0.1.0+c00000000", "0.0.1+c11111111", "0.2.0"]


def book_wheel(learner, version, content):
    return wheel(learner.folder / "wheels", "descent-book", version, book=f"CONTENT = {content!r}\n")


def install_book(learner, version, content):
    install(learner.packages, "descent-book", version, book=f"CONTENT = {content!r}\n")


@pytest.mark.parametrize("old", OLD)
def test_an_older_wheel_gives_way_to_the_one_of_this_page(learner, old):
    install_book(learner, old, "old")
    done = learner.run("-c", f"{cell(book_wheel(learner, '0.1.0+c11111111', 'new'))}\n{CONTENT}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "new\n", "")


@pytest.mark.parametrize("old", OLD)
def test_where_the_older_one_is_imported_already_it_says_to_restart_and_then_all_is_well(learner, old):
    install_book(learner, old, "old")
    code = f"{cell(book_wheel(learner, '0.1.0+c11111111', 'new'))}\n{CONTENT}"
    done = learner.run("-c", f"import book\n{code}")
    assert (done.returncode, done.stdout) == (1, "")
    assert last_line(done) == (
        "RuntimeError: The right `book` is installed now, but this Python started before it:"
        " restart the runtime (kernel), then run all cells from the top."
    )
    done = learner.run("-c", code)
    assert (done.returncode, done.stdout, done.stderr) == (0, "new\n", "")


def with_fake_pip(learner, code, **variables):
    for module, body in (("__init__", ""), ("__main__", FAKE_PIP)):
        fake(learner.folder / "fakes", f"pip.{module}", body)
    calls = learner.folder / "calls"
    done = learner.run("-c", code, PYTHONPATH=str(learner.folder / "fakes"), CALLS=str(calls), **variables)
    return done, calls.exists()


def fake(folder, module, body):
    path = folder.joinpath(*module.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(body, encoding="utf-8")


@pytest.mark.parametrize("base", ["../..", SITE])
def test_the_same_wheel_is_not_asked_for_again(learner, own_wheel, base):
    install_book(learner, own_wheel.name.split("-")[1], "same")
    done, called = with_fake_pip(learner, f"{stamped(base)}\n{CONTENT}")
    assert (done.returncode, done.stdout, done.stderr, called) == (0, "same\n", "", False)


def test_a_clone_that_is_installed_is_left_alone(tmp_path):
    run = [sys.executable, "-c", stamped("../..")]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_clone_on_the_path_is_left_alone(learner):
    fake(learner.work, "book.__init__", "CONTENT = 'clone'")
    done, called = with_fake_pip(learner, f"{stamped(SITE)}\n{CONTENT}")
    assert (done.returncode, done.stdout, done.stderr, called) == (0, "clone\n", "", False)


def test_a_mere_folder_named_book_is_not_taken_for_the_library(learner):
    (learner.work / "book").mkdir()
    done = learner.run("-c", f"{cell(book_wheel(learner, '0.1.0', 'true'))}\n{CONTENT}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "true\n", "")


SAID = {
    "ERROR: no network": "ERROR: no network",
    "WARNING: trying again\nERROR: no such file\nERROR: so nothing was done": "ERROR: no such file",
    "error: externally-managed\n\n× This is not yours\nhint: ask": "error: externally-managed",
    "No module named pip": "No module named pip",
    "Traceback\nOSError: [Errno 30] Read-only file system": "OSError: [Errno 30] Read-only file system",
}


@pytest.mark.parametrize(("says", "quoted"), SAID.items())
def test_a_failure_of_pip_is_one_sentence_with_the_next_step(learner, says, quoted):
    done, called = with_fake_pip(learner, stamped(SITE), SAYS=says)
    assert (done.returncode, called) == (1, True)
    assert last_line(done) == (
        f"RuntimeError: pip could not install `book` ({quoted}). Check the network and that pip may"
        " write here, or open this notebook anew from its page; then run again."
    )


def test_a_python_without_pip_is_one_sentence(tmp_path):
    done = Learner(tmp_path / "learner", holding=()).run("-c", stamped(SITE))
    assert last_line(done).startswith("RuntimeError: pip could not install `book` (")
    assert "No module named pip" in last_line(done)


def test_a_wheel_that_is_not_there_is_one_sentence(learner):
    """The real pip, and a notebook that has left its archive behind."""
    done = learner.run("-c", stamped("../.."))
    assert done.returncode == 1
    assert last_line(done).startswith("RuntimeError: pip could not install `book` (ERROR: ")
    assert "No such file" in last_line(done)


def test_where_this_python_does_not_see_what_pip_installed_it_says_to_restart(learner):
    """As where pip makes the user's folder of packages, which a running Python has not on its path."""
    done, called = with_fake_pip(learner, stamped(SITE))
    assert (done.returncode, called) == (1, True)
    assert "restart the runtime" in last_line(done)


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
