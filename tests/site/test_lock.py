"""The lock file: one line a chapter, whole at every moment, and a sentence where it is damaged."""

from multiprocessing import get_context

import pytest

from book.errors import BookError
from book.site import lock

ENTRY = {"seconds": 1.5, "source": "0a", "digests": {"book.errors": "0b"}}
CHAPTERS = [f"chapter-{number}" for number in range(12)]


@pytest.fixture
def root(tmp_path):
    (tmp_path / "chapters").mkdir()
    for name in CHAPTERS:
        (tmp_path / "chapters" / f"{name}.py").touch()
    return tmp_path


def store(root, name, **changed):
    lock.store(root / "chapters" / f"{name}.py", ENTRY | changed, root)


def test_what_is_stored_is_read(root):
    assert lock.read(root) == {}
    store(root, "chapter-1")
    assert lock.read(root) == {"chapter-1": ENTRY}


def test_each_chapter_has_a_line_in_the_order_of_names(root):
    for name in ("chapter-2", "chapter-0", "chapter-1"):
        store(root, name)
    lines = lock.file(root).read_text(encoding="utf-8").splitlines()
    assert [line[:12] for line in lines[1:-1]] == [f'"chapter-{number}":' for number in range(3)]
    assert (lines[0], lines[-1]) == ("{", "}")


def test_a_chapter_that_is_gone_leaves_the_lock(root):
    store(root, "chapter-0")
    (root / "chapters" / "chapter-0.py").unlink()
    store(root, "chapter-1")
    assert list(lock.read(root)) == ["chapter-1"]


@pytest.mark.long
def test_processes_that_write_at_the_same_time_lose_no_entry(root):
    with get_context("spawn").Pool(4) as pool:
        pool.starmap(store, [(root, name) for name in CHAPTERS])
    assert sorted(lock.read(root)) == sorted(CHAPTERS)


def test_an_interruption_leaves_the_old_file(root, monkeypatch):
    store(root, "chapter-0")

    def interrupted(self, *arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store(root, "chapter-0", seconds=9.0)
    assert lock.read(root) == {"chapter-0": ENTRY}
    assert not list((root / "chapters").glob("*.tmp"))


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\n{}", "[]", '{"chapter-0": 3}', '{"chapter-0": {}}'])
def test_a_damaged_lock_is_one_sentence(root, text):
    lock.file(root).write_text(text, encoding="utf-8")
    with pytest.raises(
        BookError, match=r"lock.json cannot be read. Keep one line for each chapter, then make"
    ):
        lock.read(root)
