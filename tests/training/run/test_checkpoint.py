"""A checkpoint is whole or not there; a damaged one is seen, and the one before takes its place."""

import errno
import hashlib
import os
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch

from book.bench.kills import identical
from book.errors import BookError
from book.training.run import checkpoint
from book.training.run.checkpoint import Keep, read_checkpoint, write_checkpoint

STATE = {
    "tensors": [torch.tensor([1.0, float("nan")]), torch.arange(6.0).reshape(2, 3).T, torch.tensor(True)],
    "bfloat16": torch.ones(2, dtype=torch.bfloat16),
    "numbers": (0.1, 3, None, "name", True),
    "ordered": OrderedDict(a=torch.zeros(0)),
}
OTHER = {"tensors": [torch.zeros(3)]}


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "runs" / "a.pt"


def names(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


def test_what_is_read_is_what_was_written(path):
    assert read_checkpoint(path) is None
    write_checkpoint(path, STATE)
    assert identical(read_checkpoint(path), STATE)
    assert names(path) == ["a.pt"]


def test_the_one_before_is_kept(path):
    for state in (OTHER, {"third": 3}, STATE):
        write_checkpoint(path, state)
    assert names(path) == ["a.pt", "a.pt.before"]
    assert identical(read_checkpoint(path), STATE)
    assert read_checkpoint(path.with_name("a.pt.before")) == {"third": 3}


def test_a_file_system_without_hard_links(path, monkeypatch):
    def fails(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", fails)
    test_the_one_before_is_kept(path)


def cut(content: bytes, share: float) -> bytes:
    return content[: int(share * len(content))]


def flipped(content: bytes, share: float) -> bytes:
    place = int(share * (len(content) - 1))
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.999])
@pytest.mark.parametrize("damage", [cut, flipped])
def test_a_damaged_one_gives_way_to_the_one_before(path, capsys, damage, share):
    write_checkpoint(path, STATE)
    write_checkpoint(path, OTHER)
    path.write_bytes(damage(path.read_bytes(), share))
    assert identical(read_checkpoint(path), STATE)
    assert capsys.readouterr().err == f"{path} is damaged; the checkpoint before it takes its place.\n"
    assert names(path) == ["a.pt"]
    assert identical(read_checkpoint(path), STATE)
    assert capsys.readouterr().err == ""


def test_without_a_whole_one_nothing_is_overwritten(path):
    write_checkpoint(path, STATE)
    path.write_bytes(b"notes of my own\n")
    with pytest.raises(BookError, match=r"a\.pt is damaged or no checkpoint, .* Delete it to start anew"):
        read_checkpoint(path)
    write_checkpoint(path, STATE)
    path.with_name("a.pt.before").write_bytes(b"")
    path.write_bytes(b"")
    with pytest.raises(BookError, match="there is no whole one before it"):
        read_checkpoint(path)


def test_another_format(path, monkeypatch):
    monkeypatch.setattr(checkpoint, "VERSION", 2)
    write_checkpoint(path, STATE)
    monkeypatch.undo()
    with pytest.raises(BookError, match=r"a\.pt has format 2; .* reads format 1. Choose another path"):
        read_checkpoint(path)


class Trap:
    """A pickle of it makes a folder as it is read."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def test_no_code_is_run(path):
    write_checkpoint(path, STATE)
    folder = path.parent / "trapped"
    payload = pickle.dumps(Trap(folder), protocol=2)
    head = f"descent checkpoint 1 {hashlib.sha256(payload).hexdigest()}\n"
    path.write_bytes(head.encode() + payload)
    with pytest.raises(BookError, match="is damaged or no checkpoint"):
        read_checkpoint(path)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("value", "named"), [(np.float64(0.1), "numpy"), (lambda: 1, "lambda"), (Trap, "Trap")]
)
def test_what_could_not_be_read_is_not_written(path, value, named):
    with pytest.raises(BookError, match=rf"^A checkpoint takes tensors and plain values, not .*{named}"):
        write_checkpoint(path, {"value": value})
    assert not path.exists()


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_takes_nothing_away(path, monkeypatch, call):
    write_checkpoint(path, STATE)

    def fails(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, fails)
    with pytest.raises(BookError, match=r"a\.pt cannot be written \(No space left on device\)\. Make room"):
        write_checkpoint(path, OTHER)
    monkeypatch.undo()
    assert identical(read_checkpoint(path), STATE)
    assert "a.pt.part" not in names(path)


def test_a_path_in_words_and_a_count_from_one():
    assert Keep("runs/a.pt").path == Path("runs/a.pt")
    with pytest.raises(ValueError, match=r"^every starts at 1; got 0.$"):
        Keep("runs/a.pt", every=0)
