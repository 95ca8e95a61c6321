"""Trials shared over one storage: each is finished once, whoever dies, lives long or comes late."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import optuna
import pytest
from filelock import FileLock
from optuna.trial import TrialState

from book.training.sweep import study, trial_queue
from book.training.sweep.study import run_trials
from book.training.sweep.trial_queue import Queue, identity
from tests.training.squares import grid, square, states

pytestmark = pytest.mark.usefixtures("quick")

ROOT = Path(__file__).parents[3]
WORKER = """
import json, sys, time
from book.training.sweep import study
from book.training.sweep import trial_queue
storage, log, name = sys.argv[1:]
trial_queue.HEARTBEAT, trial_queue.GRACE, study.POLL = 1, 3, 0.1

def write(*words):
    with open(log, "a") as file:
        print(*words, name, file=file)

def run(trial):
    write("start", trial["x"])
    if name == "doomed" and trial["x"] >= 3:
        time.sleep(1000)
    time.sleep(0.2)
    write("end", trial["x"])
    return {"square": trial["x"] ** 2, "by": name}

print("ready", flush=True)
input()
print(json.dumps(study.run_trials(storage, "squares", [{"x": x} for x in range(12)], run)))
"""


@pytest.fixture
def start(tmp_path, file):
    """Starts workers by name; none of them outlives the test."""
    running = []

    def start(name):
        command = [sys.executable, "-c", WORKER, str(file), str(tmp_path / "log"), name]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        running.append(subprocess.Popen(command, cwd=ROOT, text=True, **pipes))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def test_three_processes_share_the_trials_and_one_of_them_is_killed(start, tmp_path, file):
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
    complete = {(x, TrialState.COMPLETE): 1 for x in range(12)}
    assert states(file) == complete | {(int(victim), TrialState.FAIL): 1}


def test_a_trial_that_lives_is_left_alone_however_long_it_takes(file, monkeypatch):
    monkeypatch.setattr(trial_queue, "HEARTBEAT", 1)
    monkeypatch.setattr(trial_queue, "GRACE", 3)

    def long(trial):
        end = time.monotonic() + 5
        while time.monotonic() < end:
            assert Queue(file, "squares").take({identity(trial): trial}) is None
            time.sleep(0.5)
        return square(trial)

    assert run_trials(file, "squares", grid(3), long) == [{"square": 9}]


@pytest.mark.parametrize("change", ["take", "finish", "give_up"])
def test_a_file_is_changed_by_one_process_at_a_time(change, file):
    queue, wanted = Queue(file, "squares"), {identity({"x": 1}): {"x": 1}}
    row = change != "take" and queue.take(wanted)
    arguments = {"take": (wanted,), "finish": (row, square({"x": 1}), 1.0), "give_up": (row,)}[change]
    with ThreadPoolExecutor(max_workers=1) as pool:
        with FileLock(f"{file}.lock"):
            changed = pool.submit(getattr(queue, change), *arguments)
            with pytest.raises(TimeoutError):
                changed.result(timeout=0.2)
        changed.result(timeout=10)


def test_two_that_add_the_same_trial_at_the_same_moment_run_it_once(file):
    wanted = {identity(trial): trial for trial in grid(1)}
    queues = [Queue(file, "squares") for _ in range(3)]
    for queue in queues:
        queue.study.add_trial(
            optuna.trial.create_trial(state=TrialState.WAITING, user_attrs={"trial": {"x": 1}})
        )
    rows = [queue.take(wanted) for queue in queues]
    assert [row and row.number for row in rows] == [0, None, None]
    queues[0].give_up(rows[0])
    assert [row and row.number for row in (queue.take(wanted) for queue in queues)] == [1, None, None]
    assert queues[2]._start(rows[0]) is False  # from a look that is out of date


def test_a_result_that_comes_after_the_trial_counted_as_dead_is_dropped(file):
    def late(trial):
        other = Queue(file, "squares")
        other.give_up(other.rows()[identity(trial)])
        assert run_trials(file, "squares", [trial], lambda trial: {"square": "in time"}) == [
            {"square": "in time"}
        ]
        return {"square": "late"}

    assert run_trials(file, "squares", grid(1), late) == [{"square": "in time"}]
    assert states(file) == {(1, TrialState.FAIL): 1, (1, TrialState.COMPLETE): 1}


def test_the_others_trials_are_waited_for_with_one_line(file, capfd, monkeypatch):
    other = Queue(file, "squares")
    row = other.take({identity({"x": 1}): {"x": 1}})
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 3:
            other.finish(row, {"square": "theirs"}, 1.0)

    monkeypatch.setattr(study.time, "sleep", sleep)
    assert run_trials(file, "squares", grid(1, 2), square) == [{"square": "theirs"}, {"square": 4}]
    assert slept == [0.05] * 3
    line = "Other processes run what is left, 1 of 2 trials; waiting for them.\n"
    assert capfd.readouterr() == ("", line)
