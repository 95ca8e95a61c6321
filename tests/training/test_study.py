"""Trials shared over one storage: each is finished once, whoever stops, fails, dies or comes late."""

import json
import math
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import optuna
import pytest
from filelock import FileLock
from optuna.trial import TrialState

from book.errors import BookError
from book.training import study, trial_queue
from book.training.study import run_trials
from book.training.trial_queue import Queue, identity

ROOT = Path(__file__).parents[2]
WORKER = """
import json, sys, time
from book.training import study, trial_queue
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


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(study, "POLL", 0.05)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "trials.db"


def square(trial):
    return {"square": trial["x"] ** 2}


def never(trial):
    raise AssertionError(f"{trial} was run")


def grid(*values):
    return [{"x": x} for x in values]


def states(file, name="squares"):
    """How many rows the study has of each trial and state."""
    rows = optuna.load_study(study_name=name, storage=f"sqlite:///{file}").trials
    return Counter((row.user_attrs["trial"]["x"], row.state) for row in rows)


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


def test_results_come_in_the_order_of_the_trials_and_are_kept(file):
    assert run_trials(file, "squares", grid(3, 1, 2, 3), square) == [{"square": x} for x in (9, 1, 4, 9)]
    assert run_trials(file, "squares", grid(2, 3, 1), never) == [{"square": x} for x in (4, 9, 1)]
    assert run_trials(str(file), "squares", grid(1), never) == [{"square": 1}]
    assert run_trials(f"sqlite:///{file}", "squares", [], never) == []
    assert states(file) == {(x, TrialState.COMPLETE): 1 for x in (1, 2, 3)}


def test_a_larger_grid_runs_what_is_new_and_a_smaller_one_leaves_the_rest_alone(file):
    ran = []

    def noted(trial):
        ran.append(trial["x"])
        return square(trial)

    run_trials(file, "squares", grid(1, 2), noted)
    run_trials(file, "squares", grid(1, 2, 3), noted)
    assert ran == [1, 2, 3]
    other = Queue(file, "squares")
    assert other.take({identity({"x": 5}): {"x": 5}}) is not None  # somebody else's, running
    other.study.add_trial(optuna.trial.create_trial(state=TrialState.WAITING, user_attrs={"trial": {"x": 4}}))
    other.study.enqueue_trial({"x": 6})  # by Optuna itself
    assert run_trials(file, "squares", grid(3, 1), never) == [{"square": 9}, {"square": 1}]
    assert run_trials(file, "another", grid(3), noted) == [{"square": 9}]
    assert ran == [1, 2, 3, 3]


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


def test_an_error_names_its_trial_and_comes_alone(file):
    def faulty(trial):
        if trial["x"] == 2:
            raise ZeroDivisionError("the message")
        return square(trial)

    with pytest.raises(ZeroDivisionError, match="the message") as caught:
        run_trials(file, "squares", grid(1, 2, 3), faulty)
    assert caught.value.__notes__ == [
        'This was trial {"x": 2}; all finished ones are kept, run the same again.'
    ]
    ran = []
    results = run_trials(
        file, "squares", grid(1, 2, 3), lambda trial: ran.append(trial["x"]) or square(trial)
    )
    assert results == [{"square": x} for x in (1, 4, 9)]
    assert ran == [2, 3]


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(file, capsys):
    def interrupted(trial):
        if trial["x"] == 3:
            raise KeyboardInterrupt
        return square(trial)

    with pytest.raises(KeyboardInterrupt):
        run_trials(file, "squares", grid(1, 2, 3, 4), interrupted)
    line = "\nStopped. 2 of 4 trials of squares are finished and kept; run the same again to go on.\n"
    assert capsys.readouterr() == ("", line)
    ran = []
    run_trials(file, "squares", grid(1, 2, 3, 4), lambda trial: ran.append(trial["x"]) or square(trial))
    assert ran == [3, 4]


def test_plain_values_survive_and_others_are_refused(file):
    result = {
        "nan": math.nan,
        "inf": [math.inf, -math.inf],
        "tiny": 5e-324,
        "third": 1 / 3,
        "é": None,
        "n": True,
    }
    [read] = run_trials(
        file, "values", [{"lr": 0.1, "name": "ä", "betas": (0.9, math.inf)}], lambda trial: result
    )
    assert json.dumps(read) == json.dumps(result)
    with pytest.raises(TypeError, match=r"A trial is a dict of plain values; .* is not: .*PosixPath"):
        run_trials(file, "values", [{"path": file}], never)
    with pytest.raises(TypeError, match="PosixPath") as caught:
        run_trials(file, "values", grid(1), lambda trial: {"path": file})
    assert "This was trial" in caught.value.__notes__[0]
    assert run_trials(file, "values", grid(1), square) == [{"square": 1}]


def test_optuna_is_quiet_and_keeps_its_own_settings(file, caplog, capfd):
    optuna.logging.enable_propagation()
    optuna.logging.set_verbosity(optuna.logging.INFO)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run_trials(file, "squares", grid(1, 2), square)
        run_trials(file, "squares", grid(1, 2), square)
    optuna.logging.disable_propagation()
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == optuna.logging.INFO


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


def test_a_file_of_any_name_in_a_new_folder(tmp_path):
    file = tmp_path / "new {1} folder 100% ä" / "a b.db"
    run_trials(file, "squares", grid(1), square)
    assert file.exists()
    assert run_trials(file, "squares", grid(1), never) == [{"square": 1}]


def test_what_is_no_storage_is_refused_in_one_sentence(tmp_path, monkeypatch):
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no database at all" * 100)
    with pytest.raises(BookError, match=rf"^{damaged} cannot hold the trials \(.*\); move it away, or .*\.$"):
        run_trials(damaged, "squares", grid(1), never)
    assert damaged.read_bytes() == b"no database at all" * 100
    with pytest.raises(BookError, match=rf"^{damaged}/in.db cannot hold the trials \(.*\); move it away"):
        run_trials(damaged / "in.db", "squares", grid(1), never)
    for address in (
        "nosuch://user:secret@localhost/trials",
        "oracle+cx_oracle://user:secret@localhost/trials",
    ):
        with pytest.raises(
            BookError, match=r"^The database of the trials cannot be used \(.*\); check"
        ) as caught:
            run_trials(address, "squares", grid(1), never)
        assert "secret" not in str(caught.value)


def test_only_the_two_modules_of_the_trials_need_optuna():
    sources = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / "book/training").glob("*.py")}
    assert {name for name, text in sources.items() if "optuna" in text} == {"study", "trial_queue"}
