"""The folder of the data sets: never a damaged file in it, whatever the disk and other processes do."""

import errno
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tqdm import tqdm

from book.errors import BookError
from book.training.data import cache, download
from book.training.data.load import load
from book.training.data.published import PUBLISHED
from tests.training.mirrors import TRAIN, pixels
from tests.training.stand_ins import IMAGES, TINY, holds_no_damaged_file, is_the_stand_in

ROOT = Path(__file__).parents[3]
ASK = """
import sys
from book.training.data import load as data
from book.training.data.published import PUBLISHED
from tests.training.mirrors import tiny_mnist
PUBLISHED["mnist"], _ = tiny_mnist((sys.argv[1],))
print("ready", flush=True)
input()
train, test = data.load("mnist", "full")
print(len(train), int(train.images.sum()))
"""


def test_what_is_there_is_neither_downloaded_nor_written_again(offer, server):
    folder = offer("mnist", "good")
    load("mnist", "full")
    times = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    asked = len(server.requests)
    assert is_the_stand_in("mnist")
    assert len(server.requests) == asked == 4
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == times


@pytest.mark.parametrize("name", TINY)
def test_a_damaged_file_is_replaced_and_the_sound_ones_stay(name, offer, server):
    folder = offer(name, "good")
    load(name, "full")
    damaged, sound, *_ = PUBLISHED[name].members
    (folder / damaged).write_bytes(b"damaged")
    before = (folder / sound).stat().st_mtime_ns
    server.requests.clear()
    assert is_the_stand_in(name)
    assert len(server.requests) == 1
    assert (folder / sound).stat().st_mtime_ns == before
    (folder / damaged).write_bytes(b"damaged")
    offer(name, "dead")
    with pytest.raises(BookError, match="could not be downloaded"):
        load(name, "full")
    assert not (folder / damaged).exists()  # nothing damaged stays, for another program to read
    assert holds_no_damaged_file(folder, name)


def test_a_member_that_is_unpacked_wrong_does_not_stay(offer, monkeypatch):
    folder = offer("mnist", "good")
    published = PUBLISHED["mnist"]
    wrong = replace(published.archives[0], members={IMAGES: "0" * 32})
    monkeypatch.setitem(PUBLISHED, "mnist", replace(published, archives=(wrong, *published.archives[1:])))
    with pytest.raises(BookError, match=rf"^{IMAGES} came out of {IMAGES}\.gz damaged; check the disk"):
        load("mnist", "full")
    assert not (folder / IMAGES).exists()


def test_a_file_appears_under_its_name_only_when_it_is_whole(offer, monkeypatch):
    folder = offer("mnist", "good")
    seen = []

    def copy_in_pieces(source, target):
        content = source.read()
        target.write(content[: len(content) // 2])
        target.flush()
        seen.append(sorted(file.name for file in folder.iterdir()))
        target.write(content[len(content) // 2 :])

    monkeypatch.setattr(cache.shutil, "copyfileobj", copy_in_pieces)
    load("mnist", "full")
    assert len(seen) == 4
    assert [name for name in seen[0] if name != ".lock"] == [f"{IMAGES}.gz.part", f"{IMAGES}.part"]


class FullDisk:
    """An open file on a disk with room for a thousand bytes more."""

    def __init__(self, *args):
        self.file, self.room = open(*args), 1000  # noqa: SIM115

    def write(self, content):
        self.room -= len(content)
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.file.write(content)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()


@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize("module", [download, cache], ids=["while receiving", "while unpacking"])
def test_a_full_disk(name, module, offer, monkeypatch):
    folder = offer(name, "good", "good")
    monkeypatch.setattr(module, "open", FullDisk, raising=False)
    next_step = r"free some space, or set BOOK_DATA to a folder on another one\."
    with pytest.raises(BookError, match=rf"^The disk of {folder} is full; {next_step}$"):
        load(name, "full")
    assert holds_no_damaged_file(folder, name)


@pytest.fixture
def nobody():
    """Root may write everywhere; for this test it becomes a user who may not."""
    if os.geteuid() != 0:
        yield
        return
    try:
        os.seteuid(65534)
    except OSError:
        pytest.skip("this root cannot become another user, and permissions do not bind it")
    yield
    os.seteuid(0)


@pytest.mark.parametrize("there", [True, False], ids=["in", "below"])
def test_a_folder_without_permission_to_write(there, offer, tmp_path_factory, monkeypatch, request):
    offer("mnist", "good")
    top = tmp_path_factory.mktemp("closed")
    folder = top / "MNIST" / "raw"
    if there:
        folder.mkdir(parents=True)
        folder.chmod(0o555)
    for parent in [*list(folder.parents)[:2], *list(top.parents)[:2]]:
        if parent.exists() and parent.is_relative_to(tmp_path_factory.getbasetemp().parent):
            parent.chmod(0o755 if parent != top else 0o555)
    monkeypatch.setenv("BOOK_DATA", str(top))
    request.getfixturevalue("nobody")
    sentence = f"There is no permission to write in {folder}; set BOOK_DATA to a folder of your own."
    with pytest.raises(BookError) as caught:
        load("mnist", "full")
    assert str(caught.value) == sentence


def test_a_file_where_the_folder_should_be(offer, tmp_path):
    folder = offer("mnist", "good")
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(BookError, match=rf"^MNIST cannot be stored in {folder} \(.*\); set BOOK_DATA to "):
        load("mnist", "full")


def test_two_processes_at_once_download_once(server, tmp_path):
    env = {**os.environ, "BOOK_DATA": str(tmp_path), "PYTHONPATH": str(ROOT), "no_proxy": "127.0.0.1"}
    ask = [sys.executable, "-c", ASK, server.mirror("slow")]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    processes = [subprocess.Popen(ask, env=env, cwd=ROOT, text=True, **pipes) for _ in range(2)]
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.communicate()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    results = [(*process.communicate(timeout=120), process.returncode) for process in processes]
    expected = f"{TRAIN} {int(pixels(TRAIN, 1, 28, TRAIN).sum())}\n"
    for out, err, code in results:
        assert (code, out) == (0, expected), err
    assert sorted(file for _, file, _ in server.requests) == sorted(TINY["mnist"][1])
    folder = tmp_path / "MNIST" / "raw"
    assert {file.name for file in folder.iterdir()} - {".lock"} == set(PUBLISHED["mnist"].members)


def test_a_process_that_waits_says_so(offer, server, capsys):
    folder = offer("mnist", "good")
    folder.mkdir(parents=True)
    held = threading.Event()

    def hold():
        with cache.FileLock(folder / ".lock"):
            held.set()
            time.sleep(0.5)

    threading.Thread(target=hold).start()
    held.wait(5)
    assert is_the_stand_in("mnist")
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"Another process is at MNIST in {folder}; waiting for it."
    assert second == f"Downloading MNIST into {folder}."


def test_where_nobody_watches_one_line_is_printed(offer, capsys):
    folder = offer("cifar10", "good")
    load("cifar10", "full")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"Downloading CIFAR-10 into {folder}.\n")
    load("cifar10", "full")
    assert capsys.readouterr().err == ""


def test_a_terminal_shows_the_bytes(offer, capsys, monkeypatch):
    offer("cifar10", "good")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    load("cifar10", "full")
    last = capsys.readouterr().err.split("\r")[-1]
    size = tqdm.format_sizeof(len(TINY["cifar10"][1]["cifar-10-python.tar.gz"]))
    assert last.startswith("cifar-10-python.tar.gz: 100%|")
    assert f"| {size}/{size} [" in last
    assert last.endswith("B/s]\n")


@pytest.mark.parametrize(
    ("env", "platform", "folder"),
    [
        ({"BOOK_DATA": "~/data"}, "linux", "/home/ada/data"),
        ({"XDG_CACHE_HOME": "/cache"}, "linux", "/cache/descent"),
        ({}, "linux", "/home/ada/.cache/descent"),
        ({"BOOK_DATA": ""}, "darwin", "/home/ada/Library/Caches/descent"),
    ],
)
def test_where_the_data_lie(env, platform, folder, monkeypatch):
    for name in ("BOOK_DATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/ada", **env}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache.data_folder() == Path(folder)


def test_what_is_published():
    from book.training.data.vision import datasets

    assert set(PUBLISHED["mnist"].members) == set(PUBLISHED_FILES["mnist"])
    assert set(PUBLISHED["cifar10"].members) == set(PUBLISHED_FILES["cifar10"])
    assert PUBLISHED["cifar10"].mirrors[-1] + PUBLISHED["cifar10"].archives[0].name == datasets.CIFAR10.url
    for published in PUBLISHED.values():
        assert len(published.mirrors) == 3
        assert all(mirror.startswith("http") and mirror.endswith("/") for mirror in published.mirrors)
        digests = [*published.members.values(), *(archive.md5 for archive in published.archives)]
        assert all(len(digest) == 32 and set(digest) <= set("0123456789abcdef") for digest in digests)


PUBLISHED_FILES = {
    "mnist": [
        f"{split}-{kind}-ubyte" for split in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
    ],
    "cifar10": ["batches.meta", "test_batch", *(f"data_batch_{i}" for i in range(1, 6))],
}
