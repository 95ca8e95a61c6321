"""Small stand-ins for the two data sets, published at mirrors that behave well or badly."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from book.training.data import download
from book.training.data.load import load
from book.training.data.published import PUBLISHED
from tests.training.mirrors import TEST, TRAIN, closed, pixels, serving, tiny_cifar10, tiny_mnist

TINY = {"mnist": tiny_mnist(), "cifar10": tiny_cifar10()}
SHAPE = {"mnist": (1, 28), "cifar10": (3, 32)}
IMAGES = "train-images-idx3-ubyte"


@pytest.fixture
def server():
    with serving({**TINY["mnist"][1], **TINY["cifar10"][1]}) as server:
        yield server


@pytest.fixture
def offer(server, tmp_path, monkeypatch):
    """Publish the stand-ins at mirrors that behave as named; returns the (empty) folder of the files."""
    monkeypatch.setenv("BOOK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    def publish(name, *hows):
        mirrors = tuple(closed() if how == "dead" else server.mirror(how) for how in hows)
        monkeypatch.setitem(PUBLISHED, name, replace(TINY[name][0], mirrors=mirrors))
        return tmp_path / "data" / PUBLISHED[name].folder

    return publish


def holds_no_damaged_file(folder: Path, name: str, parts: bool = False) -> bool:
    """Every file here is a published one, whole; nothing else but the lock (and, if so said, a part)."""
    members = PUBLISHED[name].members
    here = [file for file in folder.iterdir() if file.name != ".lock"] if folder.exists() else []
    rest = [file for file in here if file.name not in members]
    sound = all(download.is_whole(file, members[file.name]) for file in here if file not in rest)
    return sound and (not rest or (parts and all(file.name.endswith(".gz.part") for file in rest)))


def is_the_stand_in(name: str) -> bool:
    channels, size = SHAPE[name]
    same = [
        torch.equal(half.images, torch.from_numpy(pixels(count, channels, size, count)))
        and half.labels.tolist() == [i % 10 for i in range(count)]
        for half, count in zip(load(name, "full"), (TRAIN, TEST), strict=True)
    ]
    return all(same)
