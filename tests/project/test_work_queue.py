"""Trials over one storage: each is finished once, whoever dies, lives long or comes late."""

import json
import math
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from filelock import FileLock

from book.errors import BookError
from book.project import work_queue
from book.project.work_queue import SharedTrial, folder_name, run_trials

ROOT = Path(__file__).parents[2]
WORKER = """
import json, sys, time
from book.project import work_queue
storage, log, name = sys.argv[1:]
work_queue.POLL = 0.1

def write(*words):
    with open(log, "a") as file:
        print(*words, name, file=file)

def run(trial, folder):
    write("start", trial["x"])
    (folder / "here").touch(exist_ok=False)
    if name == "doomed" and trial["x"] >= 3:
        (folder / "here").unlink()
        time.sleep(1000)
    time.sleep(0.2)
    (folder / "here").unlink()
    write("end", trial["x"])
    return {"square": trial["x"] ** 2, "by": name}

print("ready", flush=True)
input()
print(json.dumps(work_queue.run_trials(storage, "squares", [{"x": x} for x in range(12)], run)))
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Waiting for others' trials takes no time."""
    monkeypatch.setattr(work_queue, "POLL", 0.05)


@pytest.fixture
def start(tmp_path):
    """Starts workers by name; none of them outlives the test."""
    running = []

    def start(name):
        command = [sys.executable, "-c", WORKER, str(tmp_path / "storage"), str(tmp_path / "log"), name]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        running.append(subprocess.Popen(command, cwd=ROOT, text=True, **pipes))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def square(trial, folder):
    return {"square": trial["x"] ** 2}


def never(trial, folder):
    raise AssertionError(f"{trial} was run")


def grid(*values):
    return [{"x": x} for x in values]


def shared(storage, trial, study="squares"):
    return SharedTrial(trial, Path(storage, study, folder_name(trial)))


def finished(storage, study="squares"):
    """The trials that have a result."""
    files = Path(storage, study).glob("*/result.json")
    return sorted(json.loads(file.read_text("utf-8"))["trial"]["x"] for file in files)


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def test_results_come_in_the_order_of_the_trials_and_are_shared(tmp_path):
    assert run_trials(tmp_path, "squares", grid(3, 1, 2, 3), square) == [{"square": x} for x in (9, 1, 4, 9)]
    assert run_trials(tmp_path, "squares", grid(2, 3, 1), never) == [{"square": x} for x in (4, 9, 1)]
    assert run_trials(str(tmp_path), "squares", grid(1), never) == [{"square": 1}]
    assert run_trials(tmp_path, "squares", [], never) == []
    assert finished(tmp_path) == [1, 2, 3]


def test_a_larger_grid_runs_what_is_new_and_a_smaller_one_leaves_the_rest_alone(tmp_path):
    ran = []

    def noted(trial, folder):
        ran.append(trial["x"])
        return square(trial, folder)

    run_trials(tmp_path, "squares", grid(1, 2), noted)
    run_trials(tmp_path, "squares", grid(1, 2, 3), noted)
    assert ran == [1, 2, 3]
    other = shared(tmp_path, {"x": 5})
    other.folder.mkdir()
    with FileLock(other.folder / "lock"):  # somebody else's, running
        assert run_trials(tmp_path, "squares", grid(3, 1), never) == [{"square": 9}, {"square": 1}]
    assert run_trials(tmp_path, "another", grid(3), noted) == [{"square": 9}]
    assert ran == [1, 2, 3, 3]


def test_an_error_names_its_trial_and_comes_alone(tmp_path):
    def faulty(trial, folder):
        if trial["x"] == 2:
            raise ZeroDivisionError("the message")
        return square(trial, folder)

    with pytest.raises(ZeroDivisionError, match="the message") as caught:
        run_trials(tmp_path, "squares", grid(1, 2, 3), faulty)
    note = 'This was trial {"x": 2}; all finished ones are kept, run the same again.'
    assert caught.value.__notes__ == [note]
    ran = []

    def noted(trial, folder):
        ran.append(trial["x"])
        return square(trial, folder)

    results = run_trials(tmp_path, "squares", grid(1, 2, 3), noted)
    assert results == [{"square": x} for x in (1, 4, 9)]
    assert ran == [2, 3]


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(tmp_path, capsys):
    ran = []

    def interrupted(trial, folder):
        if trial["x"] == 3 and 3 not in ran:
            ran.append(3)
            raise KeyboardInterrupt
        ran.append(trial["x"])
        return square(trial, folder)

    with pytest.raises(KeyboardInterrupt):
        run_trials(tmp_path, "squares", grid(1, 2, 3, 4), interrupted)
    line = "\nStopped. 2 of 4 trials of squares are finished and kept; run the same again to go on.\n"
    assert capsys.readouterr() == ("", line)
    run_trials(tmp_path, "squares", grid(1, 2, 3, 4), interrupted)
    assert ran == [1, 2, 3, 3, 4]


def test_plain_values_survive_and_others_are_refused(tmp_path):
    result = {
        "nan": math.nan,
        "inf": [math.inf, -math.inf],
        "tiny": 5e-324,
        "third": 1 / 3,
        "é": None,
        "n": True,
    }
    trial = {"lr": 0.1, "name": "ä/..", "betas": (0.9, math.inf)}
    [read] = run_trials(tmp_path, "values", [trial], lambda trial, folder: result)
    assert json.dumps(read) == json.dumps(result)
    with pytest.raises(TypeError, match=r"A trial is a dict of plain values; .* is not: .*PosixPath"):
        run_trials(tmp_path, "values", [{"path": tmp_path}], never)
    with pytest.raises(TypeError, match="PosixPath") as caught:
        run_trials(tmp_path, "values", grid(1), lambda trial, folder: {"path": folder})
    assert "This was trial" in caught.value.__notes__[0]
    assert run_trials(tmp_path, "values", grid(1), square) == [{"square": 1}]


def test_a_trial_finds_in_its_folder_what_it_left_there(tmp_path):
    def twice(trial, folder):
        state = folder / "state"
        if state.exists():
            return {"went on from": state.read_text("utf-8")}
        state.write_text(str(trial["x"]), "utf-8")
        raise InterruptedError

    for x in (1, 2):
        with pytest.raises(InterruptedError):
            run_trials(tmp_path, "squares", grid(x), twice)
    found = run_trials(tmp_path, "squares", grid(1, 2), twice)
    assert found == [{"went on from": "1"}, {"went on from": "2"}]


@pytest.mark.parametrize("name", ["runs?1/t.db", "new {1} folder 100% ä/a b", "sqlite:/x#y"])
def test_the_storage_is_exactly_the_path_given(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_trials(name, "squares", grid(1), square)
    assert finished(tmp_path / name) == [1]
    assert [path.name for path in tmp_path.iterdir()] == [Path(name).parts[0]]


def test_what_is_no_storage_is_refused_in_one_sentence(tmp_path):
    file = tmp_path / "trials.db"
    file.write_bytes(b"something else")
    for storage in (file, file / "in"):
        with pytest.raises(
            BookError,
            match=rf"^{storage}/squares/\S+ cannot be made or locked \(.*\); name another storage\.$",
        ):
            run_trials(storage, "squares", grid(1), never)
    assert file.read_bytes() == b"something else"


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[1]",
        '{"trial": 1}',
        "7",
        "\x00",
        "[" * 100_000,
        '{"trial": {"x": 2}, "result": {"square": 4}}',
    ],
)
def test_a_damaged_result_is_never_taken_for_one(damage, tmp_path):
    run_trials(tmp_path, "squares", grid(1), square)
    file = shared(tmp_path, {"x": 1}).folder / "result.json"
    file.write_text(damage, "utf-8")
    with pytest.raises(BookError, match=rf"^{file} is damaged\. Delete it, and its trial is run again\.$"):
        run_trials(tmp_path, "squares", grid(1), never)
    file.unlink()
    assert run_trials(tmp_path, "squares", grid(1), square) == [{"square": 1}]


def test_trials_that_read_alike_have_folders_of_their_own():
    long = ["x" * 200 + end for end in "ab"]
    trials = [
        {},
        {"x": "a b"},
        {"x": "a-b"},
        {"x": "../é" * 99},
        {"x": "a", "y": "b"},
        {"x": 1},
        {"x": "1"},
        {"x": 1.0},
    ]
    names = [folder_name(trial) for trial in trials + [{"x": text} for text in long]]
    assert len(set(names)) == len(names)
    assert max(len(name.encode()) for name in names) < 150
    assert all(len(Path(name).parts) == 1 for name in names)
    assert folder_name({"x": 1, "y": (2, 3)}) == folder_name({"y": [2, 3], "x": 1})


def test_three_processes_share_the_trials_and_one_of_them_is_killed(start, tmp_path):
    log = tmp_path / "log"
    workers = [start(name) for name in ("doomed", "first", "second")]
    assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * 3
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()

    def lines():
        return [line.split() for line in log.read_text().splitlines()] if log.exists() else []

    until(lambda: any(event == "start" and int(x) >= 3 and by == "doomed" for event, x, by in lines()))
    workers[0].send_signal(signal.SIGKILL)
    outputs = [worker.communicate(timeout=90)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [-signal.SIGKILL, 0, 0]
    assert outputs[1] == outputs[2]
    results = json.loads(outputs[1])
    assert [result["square"] for result in results] == [x**2 for x in range(12)]
    assert {"first", "second"} <= {result["by"] for result in results}
    assert Counter(x for event, x, _ in lines() if event == "end") == dict.fromkeys(map(str, range(12)), 1)
    [victim] = [x for event, x, by in lines() if by == "doomed" and int(x) >= 3]
    starts = Counter(x for event, x, _ in lines() if event == "start")
    assert starts == dict.fromkeys(map(str, range(12)), 1) | {victim: 2}


def test_a_process_that_stands_still_keeps_its_trial_and_a_killed_one_gives_it_up_at_once(start, tmp_path):
    """No sign of life is needed: whoever stands still may wake up and write into its folder."""
    doomed, log = start("doomed"), tmp_path / "log"
    doomed.stdin.write("\n")
    doomed.stdin.flush()
    last = shared(tmp_path / "storage", {"x": 3})
    until(lambda: log.exists() and "start 3" in log.read_text())
    doomed.send_signal(signal.SIGSTOP)
    for _ in range(5):
        assert last.attempt(never) is False
    doomed.kill()
    doomed.wait()
    assert last.attempt(square) is True
    assert last.result()["result"] == {"square": 9}


def test_many_that_take_the_same_trial_at_the_same_moment_run_it_once(tmp_path):
    begun, over, ran = Event(), Event(), []

    def slow(trial, folder):
        ran.append(trial)
        begun.set()
        assert over.wait(60)
        return square(trial, folder)

    some = shared(tmp_path, {"x": 1})
    with ThreadPoolExecutor(max_workers=9) as pool:
        first = pool.submit(some.attempt, slow)
        assert begun.wait(60)
        others = [pool.submit(shared(tmp_path, {"x": 1}).attempt, slow) for _ in range(8)]
        assert [other.result(60) for other in others] == [False] * 8
        over.set()
        assert first.result(60) is True
    assert some.attempt(never) is True  # finished: nothing to do
    assert ran == grid(1)


def test_the_others_trials_are_waited_for_with_one_line(tmp_path, capfd, monkeypatch):
    other, slept = shared(tmp_path, {"x": 1}), []
    other.folder.mkdir(parents=True)
    theirs = FileLock(other.folder / "lock")
    theirs.acquire()

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 3:
            stored = {"trial": other.trial, "result": {"square": "theirs"}, "seconds": 1.0}
            (other.folder / "result.json").write_text(json.dumps(stored), "utf-8")
            theirs.release()

    monkeypatch.setattr(work_queue.time, "sleep", sleep)
    assert run_trials(tmp_path, "squares", grid(1, 2), square) == [{"square": "theirs"}, {"square": 4}]
    assert slept == [0.05] * 3
    line = "Other processes run what is left, 1 of 2 trials; waiting for them.\n"
    assert capfd.readouterr() == ("", line)
