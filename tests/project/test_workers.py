"""Workers get their share of the cores, are waited for, and are stopped when the work is given up."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import torch

from book.cores import cores
from book.project import workers
from book.project.workers import helpers
from book.site.paths import ROOT


def note_threads(folder):
    (folder / str(os.getpid())).write_text(str(torch.get_num_threads()), encoding="utf-8")


def sleep_long(folder):
    (folder / "started").write_text("yes", encoding="utf-8")
    how = "early"
    try:
        time.sleep(600)
        how = "late"
    finally:
        (folder / "ended").write_text(how, encoding="utf-8")


def test_each_has_its_share_of_the_cores(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(9)), raising=False)
    before = torch.get_num_threads()
    with helpers(2, note_threads, tmp_path) as cores:
        assert (cores, torch.get_num_threads()) == (8, 4)
    assert torch.get_num_threads() == before
    [helper] = tmp_path.iterdir()
    assert helper.name != str(os.getpid())
    assert helper.read_text(encoding="utf-8") == "4"


@pytest.mark.parametrize(("gpus", "chosen"), [(0, []), (1, [0, 0, 0]), (2, [1, 0, 1])])
def test_each_helper_has_its_gpu(gpus, chosen, monkeypatch):
    seen, started = [], []
    context = SimpleNamespace(Process=lambda target, args: started.append((target, args)) or Mock())
    monkeypatch.setattr(workers.multiprocessing, "get_context", lambda way: context)
    monkeypatch.setattr(workers, "Thread", Mock())
    monkeypatch.setattr(workers.signal, "signal", Mock())
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.cuda, "set_device", seen.append)
    with helpers(4, print, "helped"):
        pass
    for target, args in started:
        target(*args)
    assert len(started) == 3
    assert seen == chosen


def test_cores_are_those_that_the_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3, 5}, raising=False)
    assert cores() == 2
    monkeypatch.delattr(os, "sched_getaffinity")  # macOS
    assert cores() == 64


def test_nobody_shares_cores_that_are_not_there():
    """Only the record of a measurement names all cores of the computer, beside its load."""
    files = [
        file for file in (ROOT / "book").rglob("*.py") if "cpu_count" in file.read_text(encoding="utf-8")
    ]
    assert sorted(file.name for file in files) == ["cores.py", "provenance.py"]


def test_alone_nothing_changes(tmp_path):
    before = torch.get_num_threads()
    with helpers(1, note_threads, tmp_path) as cores:
        assert cores == torch.get_num_threads() == before
    assert list(tmp_path.iterdir()) == []


def wait_for(file):
    while not (file.exists() and file.stat().st_size):  # there and written
        time.sleep(0.05)


def interrupted_once_it_sleeps(folder):
    wait_for(folder / "started")
    raise KeyboardInterrupt


def test_they_are_stopped_when_the_work_is_given_up(tmp_path, capfd):
    with pytest.raises(KeyboardInterrupt), helpers(2, sleep_long, tmp_path):
        interrupted_once_it_sleeps(tmp_path)
    assert (tmp_path / "ended").read_text(encoding="utf-8") == "early"
    assert "Traceback" not in capfd.readouterr().err


def test_they_end_with_a_parent_that_is_killed(tmp_path):
    code = (
        "from pathlib import Path; from time import sleep; from book.project.workers import helpers\n"
        "from tests.project.test_workers import sleep_long\n"
        f"with helpers(2, sleep_long, Path({str(tmp_path)!r})): sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    wait_for(tmp_path / "started")
    parent.kill()
    parent.wait()
    wait_for(tmp_path / "ended")
    assert (tmp_path / "ended").read_text(encoding="utf-8") == "early"


def test_at_least_one():
    with pytest.raises(ValueError, match="workers start at 1; got 0"), helpers(0, print):
        pass
