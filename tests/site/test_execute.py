"""`python -m book execute`: what it runs, what it stores, and what a failure or Ctrl-C leaves behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from book.errors import BookError
from book.site import lock
from book.site.execute import execute
from book.site.runner import blank
from book.site.why import reason
from book.whole_files import write_whole

FORKED = pytest.mark.usefixtures("forked_kernels")
UP_TO_DATE = "Every chapter's outputs are up to date"


def changed(book) -> str | None:
    return reason(book.source, lock.read(book.root), book.root)


def test_two_runs_store_the_same_bytes(small_book):
    before, entry = small_book.notebook.read_bytes(), lock.read(small_book.root)["1-numbers/small"]
    execute(every=True, root=small_book.root)
    assert small_book.notebook.read_bytes() == before
    assert lock.read(small_book.root)["1-numbers/small"] | {"seconds": 0} == entry | {"seconds": 0}


def test_what_is_stored(small_book):
    stored = json.loads(small_book.notebook.read_text(encoding="utf-8"))
    assert [cell["id"] for cell in stored["cells"]] == [f"cell-{n}" for n in range(5)]
    assert set(stored["metadata"]) == {"jupytext", "kernelspec", "language_info"}
    assert "version" not in stored["metadata"]["language_info"]
    assert [cell["metadata"] for cell in stored["cells"]] == [
        {},
        {"tags": ["setup", "remove-cell"]},
        {},
        {},
        {},
    ]


def test_a_chapter_that_is_declared_finished_says_so_when_stored(small_book):
    small_book.source.write_text(
        small_book.source.read_text().replace("# jupyter:", "# jupyter:\n#   finished: true")
    )
    assert blank(small_book.source, small_book.root).metadata["finished"] is True


def test_nothing_runs_where_nothing_changed(small_book, capsys):
    execute(root=small_book.root)
    assert UP_TO_DATE in capsys.readouterr().out


@FORKED
def test_a_chapter_is_run_when_named(small_book, capsys):
    execute([small_book.source], root=small_book.root)
    announced = r"Running 1-numbers/small \(\d+\.\d s the last time\)\.\n"
    assert re.fullmatch(announced + r" +\d+\.\d s  1-numbers/small\n", capsys.readouterr().out)


@FORKED
def test_widget_views_are_not_stored_and_streams_are_joined(small_book):
    code = "import ipywidgets\nprint('a', flush=True)\nprint('b')\nipywidgets.IntSlider()"
    small_book.edit("chapters/1-numbers/small.py", 'evidence("N1"', f'{code}\n\n# %%\nevidence("N1"')
    execute(root=small_book.root)
    stored = json.loads(small_book.notebook.read_text(encoding="utf-8"))
    stream, widget = stored["cells"][4]["outputs"]
    assert stream["text"] == ["a\n", "b\n"]
    assert set(widget["data"]) == {"text/plain"}
    assert "widgets" not in stored["metadata"]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("chapters/1-numbers/small.py", "A small chapter", "A changed chapter"),
        ("chapters/1-numbers/small.ipynb", "A small chapter", "A changed chapter"),
        ("chapters/1-numbers/small.ipynb", '"execution_count": 2', '"execution_count": null'),
        ("chapters/1-numbers/small.ipynb", '"alt": "A curve', '"alternative": "A curve'),
    ],
)
def test_what_counts_as_changed(small_book, file, old, new):
    assert changed(small_book) is None
    small_book.edit(file, old, new)
    assert changed(small_book)


@FORKED
def test_a_failing_chapter_ends_in_one_sentence(small_book, capsys):
    before = small_book.notebook.read_bytes()
    small_book.edit(
        "chapters/1-numbers/small.py", "figure, ax = axes()", "raise ValueError('no axes today.')"
    )
    with pytest.raises(BookError) as failure:
        execute(root=small_book.root)
    assert str(failure.value) == (
        "chapters/1-numbers/small.py, cell 3 raised ValueError: no axes today. "
        "The old notebook is untouched; correct the cell, then make execute."
    )
    assert capsys.readouterr().out.endswith("the last time).\n  failed  1-numbers/small\n")
    assert small_book.notebook.read_bytes() == before


@FORKED
@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "import warnings\nwarnings.warn('old way')",
            "the cell warns, or writes to stderr: '… UserWarning: old",
        ),
        ("import sys\nprint('loading', file=sys.stderr)", "the cell warns, or writes to stderr: 'loading'"),
        ("from tqdm import tqdm\nlist(tqdm([1]))", "the cell warns, or writes to stderr: '"),
        (
            "import logging\nlogging.warning('slow')",
            "the cell warns, or writes to stderr: 'WARNING:root:slow'",
        ),
        (
            "print((lambda: 1).__code__.co_filename)",
            "an output prints a place on this computer, '/tmp/ipykernel_",
        ),
        ("import tempfile\nprint(tempfile.mkdtemp())", "an output prints a place on this computer, '/"),
        ("print(object())", "an output prints a memory address, 'at 0x"),
    ],
)
def test_what_differs_from_run_to_run_is_not_stored(small_book, code, said):
    before = small_book.notebook.read_bytes()
    small_book.edit("chapters/1-numbers/small.py", "figure, ax = axes()", f"{code}\nfigure, ax = axes()")
    with pytest.raises(BookError) as failure:
        execute(root=small_book.root)
    assert str(failure.value).startswith(f"chapters/1-numbers/small.py, cell 3: {said}")
    assert str(failure.value).endswith("then make execute. The old notebook is untouched.")
    assert small_book.notebook.read_bytes() == before


@FORKED
def test_a_kernel_that_dies_ends_in_one_sentence(small_book):
    small_book.edit("chapters/1-numbers/small.py", "figure, ax = axes()", "import os\nos._exit(1)")
    with pytest.raises(BookError, match=r"small.py, cell 3 killed its Python process"):
        execute(root=small_book.root)


def test_a_source_that_is_not_python(small_book):
    small_book.edit("chapters/1-numbers/small.py", "figure, ax = axes()", "figure, ax = axes(")
    with pytest.raises(BookError, match=r"small.py, line \d+: this is not valid Python. Correct the line."):
        execute(root=small_book.root)


@FORKED
def test_the_other_chapters_are_stored_when_one_fails(small_book, capsys):
    failing = small_book.source.with_name("failing.py")
    failing.write_text("# %%\n1 / 0\n", encoding="utf-8")
    small_book.edit("chapters/1-numbers/small.py", "A small chapter", "A changed chapter")
    with pytest.raises(BookError, match=r"^chapters/1-numbers/failing.py, cell 1 raised ZeroDivisionError"):
        execute(root=small_book.root)
    assert "1-numbers/failing (never run), 1-numbers/small (" in capsys.readouterr().out
    assert "A changed chapter" in small_book.notebook.read_text(encoding="utf-8")
    assert not failing.with_suffix(".ipynb").exists()


RUN = """
import functools, pathlib, signal, sys
from book.site import cli, execute
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job starts with Ctrl-C ignored
execute.execute = functools.partial(execute.execute, root=pathlib.Path(sys.argv[1]))
sys.exit(cli.main(["execute"]))
"""


def test_ctrl_c_leaves_the_old_notebook_and_no_kernel(small_book):
    before = small_book.notebook.read_bytes()
    beacon = small_book.root / "kernel-id"
    tell = f"pathlib.Path({str(beacon)!r}).write_text(str(os.getpid()))"
    waiting = f"import os, pathlib, time\n{tell}\ntime.sleep(60)"
    small_book.edit("chapters/1-numbers/small.py", "figure, ax = axes()", waiting)
    running = subprocess.Popen(
        [sys.executable, "-c", RUN, str(small_book.root)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until(lambda: beacon.exists() and beacon.read_text())
    running.send_signal(signal.SIGINT)
    _, error = running.communicate(timeout=30)
    assert running.returncode == 130, error
    assert error.strip() == "Interrupted. Nothing is half-written; run the same command again."
    assert small_book.notebook.read_bytes() == before
    assert sorted(path.name for path in small_book.source.parent.iterdir()) == ["small.ipynb", "small.py"]
    until(lambda: not alive(int(beacon.read_text())))


def until(done, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        time.sleep(0.1)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    file = tmp_path / "x.ipynb"
    file.write_text("old", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "new \ud800")
    assert (file.read_text(encoding="utf-8"), len(list(tmp_path.iterdir()))) == ("old", 1)
