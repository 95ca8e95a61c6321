"""A stored result says where it is from, and is there whole or not at all."""

import json
import subprocess
from pathlib import Path

import pytest
import torch

from book import provenance as module
from book.provenance import commit, provenance
from book.whole_files import write_whole


def test_what_a_result_carries():
    said = provenance("python -m book bench sums", cores=3)
    assert said["command"] == "python -m book bench sums"
    assert said["hardware"]["cores used"] == 3
    assert said["software"]["torch"] == torch.__version__
    json.dumps(said)


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A repository that holds a copy of the module."""
    (tmp_path / "book").mkdir()
    monkeypatch.setattr(module, "__file__", str(tmp_path / "book" / "provenance.py"))
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]

    def git(*words):
        return subprocess.run(
            ["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True, text=True
        )

    git("init")
    (tmp_path / "book" / "some.py").write_text("1", encoding="utf-8")
    git("add", ".")
    git("commit", "-m", "first")
    git("tag", "v1")
    return tmp_path, git("rev-parse", "HEAD").stdout.strip()


def test_the_commit_and_whether_files_have_changed_since(copy):
    folder, full = copy
    assert commit() == full[:12]
    (folder / "book" / "some.py").write_text("2", encoding="utf-8")
    assert commit() == full[:12] + "-dirty"


def test_an_installed_copy_is_of_no_commit_even_inside_another_repository(copy, monkeypatch):
    folder, _ = copy
    monkeypatch.setattr(module, "__file__", str(folder / "site-packages" / "book" / "provenance.py"))
    assert commit() is None


def test_without_git_there_is_no_commit(copy, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit() is None


def test_a_file_is_replaced_as_a_whole(tmp_path, monkeypatch):
    file = tmp_path / "new" / "result.json"
    write_whole(file, "first")
    write_whole(file, "sécond")
    assert file.read_text(encoding="utf-8") == "sécond"

    def full(self, *arguments, **options):
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(file, "third")
    assert file.read_text(encoding="utf-8") == "sécond"
