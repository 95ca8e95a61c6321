"""`make` without a network or a Python that is new enough: one sentence with the next step, and a failure."""

import os
import shutil
import subprocess

import pytest

from book.site.paths import ROOT

FILES = ("Makefile", "requirements.txt", "pyproject.toml")


@pytest.fixture
def clone(tmp_path):
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(folder, *words, **environment) -> subprocess.CompletedProcess:
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PIP_"))}
    return subprocess.run(
        ["make", *words], capture_output=True, text=True, cwd=folder, env=settings | environment
    )


def sentence(run: subprocess.CompletedProcess) -> str:
    assert run.returncode != 0
    [said] = [line for line in run.stderr.splitlines() if not line.startswith("make")]
    return said


def test_help_is_the_default_and_lists_every_target(clone):
    listed = make(clone).stdout
    for target in (
        "book",
        "test",
        "execute",
        "chapter",
        "verify",
        "html",
        "serve",
        "bench",
        "gpu",
        "learner",
        "lint",
        "processors",
        "types",
        "clean",
        "help",
    ):
        assert f"make {target} " in listed


def test_no_network_at_install_time(clone):
    run = make(clone, "verify", PIP_NO_INDEX="1")
    assert sentence(run).startswith(
        "The requirements could not be installed; check the network, then run make"
    )
    assert "torch" in (clone / ".venv" / "install.log").read_text(encoding="utf-8")
    assert not (clone / ".venv" / "installed").exists()


def test_a_python_that_is_too_old(clone):
    old = clone / "python3"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    assert sentence(make(clone, "verify", f"PYTHON={old}")) == (
        f"{old} is not Python 3.11 or newer; name another one: make PYTHON=/path/to/python3."
    )


def test_no_python_at_all(clone):
    said = sentence(make(clone, "verify", "PYTHON="))
    assert said == "Python 3.11 or newer was not found; install it, or name it: make PYTHON=/path/to/python3."


def test_another_torch_goes_into_an_environment_of_its_own(clone):
    """`make learner` hands it on to the fresh environment: the book's own keeps the torch that is pinned."""
    test, learner = (make(clone, "-n", target, "TORCH=2.10.0").stdout for target in ("test", "learner"))
    assert ".venv-2.10.0/bin/python -m pytest -q" in test
    assert "s/^torch==.*/torch==2.10.0/" in test
    assert ".venv/bin/python -m tests.site.all_notebooks 2.10.0" in learner
    assert ".venv-2.10.0" not in learner
    assert "s/^torch" not in learner
