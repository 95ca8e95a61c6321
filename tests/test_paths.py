"""A path is exactly the one that was given, whatever stands in it, for all that takes a path."""

import os
import shutil
import threading
import zipfile
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from book.errors import BookError
from book.project.work_queue import run_trials
from book.site.archive import make_archive
from book.site.execute import execute
from book.site.serve import server
from book.site.stamp import stamp_notebooks
from book.site.verify import verify
from book.training.data.cache import data_folder
from book.training.run.checkpoint import Keep, read_checkpoint, write_checkpoint
from book.whole_files import write_whole
from tests.site.small_site import small_site

LONGEST = 255  # bytes of one name, on Linux and macOS
NAMES = [
    *(
        "runs?1",
        "a#b",
        "a%20b",
        "100%",
        "with space",
        " ",
        "ü 日本 🙂",
        "~",
        "~root",
        "-rf",
        "a:b",
        "file:",
        "sqlite:",
    ),
    *(
        "[x]*",
        "{0}",
        "$HOME",
        "a'b\"c",
        "a\nb",
        "a\\b",
        ".hidden",
        "...",
        "a,b;c&d|e",
        "a=b",
        "n\u0303",
        "x" * LONGEST,
    ),
    "日" * (LONGEST // 3),
]
OF_ANY_LETTERS = st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=40)
NAME = st.one_of(st.sampled_from(NAMES), OF_ANY_LETTERS.filter(lambda name: name not in (".", "..")))
each = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder for each example, which is the one that you are in."""
    count = iter(range(10**6))

    def fresh() -> Path:
        folder = tmp_path / str(next(count))
        folder.mkdir()
        monkeypatch.chdir(folder)
        return folder

    return fresh


def files(folder: Path) -> set[str]:
    """Everything below a folder that is no folder, as it is named from there."""
    return {
        os.path.join(top, name)[len(f"{folder}/") :] for top, _, names in os.walk(folder) for name in names
    }


@pytest.mark.long
@each
@given(NAME, NAME, st.booleans())
def test_trials_are_stored_below_the_folder_that_was_given(here, one, two, absolute):
    folder = here()
    place = f"{folder}/{one}/{two}" if absolute else f"{one}/{two}"
    trials = [{"x": 1}, {"x": 2}]
    assert run_trials(place, "study", trials, lambda trial, _: trial) == trials
    assert all(name.startswith(f"{one}/{two}/study/") for name in files(folder))
    assert run_trials(Path(place), "study", trials, lambda trial, _: 1 / 0) == trials


@each
@given(NAME, NAME)
def test_a_file_is_written_whole_where_it_was_said(here, one, two):
    folder = here()
    for text in ("first", "second"):
        write_whole(Path(one, two), text)
        assert files(folder) == {f"{one}/{two}"}
        assert Path(one, two).read_text("utf-8") == text


@pytest.mark.long
@each
@given(NAME, NAME.filter(lambda name: len(name.encode()) <= LONGEST - len(".before")))
def test_a_checkpoint_is_kept_where_it_was_said(here, one, two):
    folder = here()
    keep = Keep(f"{one}/{two}")
    for step in (1, 2):
        write_checkpoint(keep.path, {"step": step, "x": torch.ones(2)})
    assert read_checkpoint(keep.path)["step"] == 2
    assert files(folder) == {f"{one}/{two}", f"{one}/{two}.before"}


@pytest.mark.parametrize("room", [0, 4, 6])
def test_a_checkpoint_whose_name_leaves_no_room_for_the_one_before_it_is_refused_in_one_sentence(here, room):
    path = here() / ("x" * (LONGEST - room))
    with pytest.raises(BookError, match=r"cannot be written \(File name too long\)"):
        write_twice(path)


def write_twice(path: Path) -> None:
    for step in (1, 2):
        write_checkpoint(path, {"step": step})


@each
@given(NAME, NAME)
def test_the_data_folder_is_the_one_that_book_data_names(here, one, two):
    folder = here()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", "/home/ada")
        patch.setenv("BOOK_DATA", f"{folder}/{one}/{two}")
        assert str(data_folder()) == f"{folder}/{one}/{two}"
        patch.setenv("BOOK_DATA", f"./{one}/{two}")
        assert str(data_folder()) == f"{folder}/{one}/{two}"


def test_a_shell_is_stood_in_for_where_there_is_none(here, monkeypatch):
    folder = here()
    monkeypatch.setenv("HOME", "/home/ada")
    for chosen, place in {
        "~/d": "/home/ada/d",
        "~": "/home/ada",
        "~nobody-of-this-name/d": None,
        "a/~": None,
    }.items():
        monkeypatch.setenv("BOOK_DATA", chosen)
        assert data_folder() == Path(place or folder / chosen)


ODD = "a runs?1#b%20é[x]~{0}"


@pytest.fixture
def moved(small_book, tmp_path):
    """The small book in a folder with an odd name."""
    return Path(shutil.copytree(small_book.root, tmp_path / ODD))


def test_a_book_in_any_folder_is_verified_and_run(moved, capsys):
    verify(moved)
    execute(every=True, root=moved)
    verify(moved)
    (moved / "chapters" / "index.md").write_text("# A book\n\n[x](absent.md)\n", encoding="utf-8")
    with pytest.raises(BookError, match=r"^chapters/index.md: the link to 'absent.md' leads nowhere"):
        verify(moved)


def test_a_site_in_any_folder_is_stamped_packed_and_served(tmp_path):
    root, html = small_site(tmp_path / ODD, "See {doc}`conditioning`.")
    [stamped] = stamp_notebooks(html, None, root)
    assert stamped == html / "notebooks" / "1-numbers" / "small.ipynb"
    (html / "a b?#c%.txt").write_text("odd", "utf-8")
    assert "descent-book/a b?#c%.txt" in zipfile.ZipFile(make_archive(html)).namelist()
    with server(html, 0) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{running.server_port}/{quote('a b?#c%.txt')}"
        assert urlopen(address).read() == b"odd"
        running.shutdown()
