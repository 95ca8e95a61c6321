"""A process killed at any moment, also while it writes, leaves a run that ends as if it were left alone."""

import os
import random
import signal
import sys
import threading
from itertools import count
from multiprocessing import get_context

import pytest
import torch

from book import results
from book.bench import kills
from book.training.run import checkpoint, keeper

EPOCHS = 2  # 40 steps, a checkpoint every 3


def state(number: int) -> dict:
    return {"number": number, "tensor": torch.full((1000,), number)}


def write_until_killed(path, line: int) -> None:
    """Write the states 1, 2 and 3; die before a line of the code that writes the third."""
    for number in (1, 2):
        checkpoint.write_checkpoint(path, state(number))
    dies_at(line)
    checkpoint.write_checkpoint(path, state(3))
    sys.settrace(None)


def killed_at_each_line(folder) -> None:
    """Write in a fork of this process for each line, until there is no such line."""
    for line in count(1):
        if not (pid := os.fork()):
            write_until_killed(folder / str(line) / "run.pt", line)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if status == 0:
            break
        assert status == -signal.SIGKILL


def train_until_killed(path, line: int, writes: int) -> None:
    """Train; die before a line of the code that writes one of the checkpoints, counted from 1 on."""
    numbers = count(1)

    def counted(*arguments):
        if next(numbers) == writes:
            dies_at(line)
        checkpoint.write_checkpoint(*arguments)

    keeper.write_checkpoint = counted
    train(path)


def dies_at(line: int) -> None:
    """Kill this process before the so-manieth line, or return, of the functions that touch the disk."""
    lines = count(1)

    def trace(frame, event, argument):
        if frame.f_code not in (checkpoint.write_checkpoint.__code__, checkpoint._keep_before.__code__):
            return None
        if event in ("line", "return") and next(lines) == line:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


def train(path) -> None:
    kills.whole_run(path, "Adam", "eager", threading.Event(), EPOCHS)


def in_process(target, *arguments) -> int:
    """Run it in a process of its own; return the exit status."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["book.bench.kills"])
    process = context.Process(target=target, args=arguments)
    process.start()
    process.join()
    return process.exitcode


def test_killed_before_any_line_of_a_write(tmp_path, capsys):
    assert in_process(killed_at_each_line, tmp_path) == 0
    *killed, whole = sorted(tmp_path.iterdir(), key=lambda folder: int(folder.name))
    assert checkpoint.read_checkpoint(whole / "run.pt")["number"] == 3
    found = set()
    for folder in killed:
        path = folder / "run.pt"
        left = {file.suffix for file in folder.iterdir()}
        read = checkpoint.read_checkpoint(path)
        assert kills.identical(read, state(read["number"]))
        found.add((read["number"], frozenset(left - {".pt"})))
        checkpoint.write_checkpoint(path, state(4))
        assert checkpoint.read_checkpoint(path)["number"] == 4
    assert found == {
        (2, frozenset({".before"})),
        (2, frozenset({".before", ".part"})),
        (2, frozenset({".before", ".part", ".spare"})),
        (3, frozenset({".before"})),
    }
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("writes", [1, 5])
def test_a_run_killed_while_it_writes(tmp_path, writes):
    path = tmp_path / "run.pt"
    train(tmp_path / "alone")
    assert in_process(train_until_killed, path, 10, writes) == -signal.SIGKILL
    assert (tmp_path / "run.pt.part").exists()
    assert path.exists() == (writes > 1)
    train(path)
    assert kills.identical(kills.outcome(path), kills.outcome(tmp_path / "alone"))


def test_a_run_killed_again_and_again_at_random_moments(tmp_path):
    how = ("Nesterov", "eager")
    seconds = kills.left_alone(tmp_path / "alone", *how, EPOCHS)
    draw, path = random.Random(1), tmp_path / "run"
    killed = [kills.killed(path, *how, draw.uniform(0, seconds / 2), EPOCHS) for _ in range(2)]
    assert killed[0]
    kills.left_alone(path, *how, EPOCHS)
    assert kills.identical(kills.outcome(path), kills.outcome(tmp_path / "alone"))


def test_the_stored_kills():
    stored = results.load("kills")["results"]
    assert len(stored["kills"]) == stored["survived"] == 20
    assert all(kill["identical"] for kill in stored["kills"])
    assert {(kill["method"], kill["engine"]) for kill in stored["kills"]} == {
        (method, engine) for method in kills.OPTIMIZERS for engine in kills.ENGINES
    }
