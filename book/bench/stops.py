"""Teams killed, or stopped by Ctrl-C on one process, and started again: is anything lost?"""

import os
import random
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stderr
from functools import partial
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from book.bench.harness import record, significant
from book.bench.kills import identical, outcome
from book.errors import BookError
from book.optim import Adam
from book.optim.schedules import warmup_cosine
from book.training.data.augment import Augment
from book.training.data.batches import Batches
from book.training.data.load import load
from book.training.models import seeded
from book.training.run.checkpoint import Keep, read_checkpoint
from book.training.run.distributed import team
from book.training.run.fit import fit

IMAGES, BATCH, EPOCHS, EVERY = 640, 31, 6, 7  # the processes' parts of a batch differ, and what they draw
WAYS = {"kill": signal.SIGKILL, "Ctrl-C": signal.SIGINT}
SIZE, AGAIN = 2, (2, 1)  # processes of a run, and those that go on with it
TIMES = 5  # each way with each number
FAILED, INTERRUPTED = 1, 130  # how the book's command ends
PATIENCE = 120.0  # seconds that a process may take to end after the signal
ROUNDING = 1e-9  # of a loss in float64, how far it may be from that of another number of processes
SEED = 0  # of the moments and of who is stopped


def run(store: bool) -> dict:
    """Stop teams of two and start them again, as two processes or one; print each stop, store them if asked.

    Every process has a folder of its own, as on computers that share no disk. The runs that go on with one
    process have no dropout, which is drawn by each process for its own images. In float64 rounding is small
    enough not to be taken for a loss.

    Args:
        store: whether to write `assets/results/stops.json`.
    """
    draw, stops = random.Random(SEED), []
    for again in AGAIN:
        with TemporaryDirectory() as folder:
            stops += trials(Path(folder), SIZE, again, draw, TIMES)
    kept = [stop for stop in stops if stop["nothing_lost"]]
    print(f"Nothing was lost in {len(kept)} of {len(stops)} stops.")
    settings = {"images": IMAGES, "batch": BATCH, "epochs": EPOCHS, "every": EVERY, "processes": SIZE}
    return record("stops", {**settings, "stops": stops, "kept": len(kept)}, store, cores=SIZE)


class Kind(NamedTuple):
    """Of a run: the network's dropout, and its epochs."""

    dropout: float
    epochs: int


def trials(
    folder: Path, size: int, again: int, draw: random.Random, times: int, epochs: int = EPOCHS
) -> list[dict]:
    """Stop a team in each way so many times, and let `again` processes go on.

    Args:
        folder: of all runs.
        size: processes of the run.
        again: processes that go on with it.
        draw: draws the moments and the process that the signal reaches.
        times: of each way.
        epochs: of each run.
    """
    kind = Kind(0.3 if again == size else 0.0, epochs)
    start = time.perf_counter()
    _run_out(size, folder / "alone", kind)
    whole, expected = time.perf_counter() - start, outcome(folder / "alone" / "0" / "run.pt")
    stops = []
    for way in WAYS:
        for number in range(times):
            there = folder / f"{way}-{number}"
            stop = None
            while stop is None:  # a run that was quicker than the first one is no stop
                stop = _stopped(there, size, kind, way, draw.randrange(size), draw.uniform(0, whole / 2))
            stops.append(stop | {"again": again} | _resumed(there, again, kind, expected, stop))
            print(*stops[-1].values(), flush=True)
    return stops


def member(rank: int, size: int, port: int, folder: Path, kind: Kind, begun, stepped) -> None:
    """One process of a team that trains a small network; made for a process, and ends with its status.

    Args:
        rank, size, port: as `torchrun` would set them.
        folder: of all members; each keeps the run, and what it says, in one of its own.
        kind: of the run.
        begun: set after the first step.
        stepped: counts the steps that this member has taken.
    """
    torch.set_num_threads(1)
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": str(size), "LOCAL_RANK": str(rank)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    mine = folder / str(rank)
    mine.mkdir(parents=True, exist_ok=True)
    with open(mine / "said.txt", "a", encoding="utf-8", buffering=1) as said, redirect_stderr(said):
        try:
            train(mine / "run.pt", kind, begun, stepped)
        except BookError as error:
            print(error, file=sys.stderr)
            sys.exit(FAILED)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)


def train(path: Path, kind: Kind, begun, stepped) -> None:
    """One whole run with augmentation, dropout and a schedule."""
    data, test = load("cifar10")
    with team() as here:
        batches = Batches(data[:IMAGES], BATCH, Augment(padding=4, flip=True), seed=1, dtype=torch.float64)
        model = here.spread(network(kind.dropout).double())
        optimizer = Adam(model.parameters(), lr=3e-3)

        def count(*_):
            stepped.value += 1
            begun.set()

        optimizer.register_step_post_hook(count)
        scheduler = LambdaLR(optimizer, warmup_cosine(10, kind.epochs * len(batches)))
        torch.manual_seed(2)  # of the dropout
        kept = {"scheduler": scheduler, "test": test[:100], "keep": Keep(path, EVERY)}
        fit(model, batches, optimizer, kind.epochs, **kept)


def network(dropout: float) -> nn.Sequential:
    """A small convolutional network without batch normalisation, which a team on CPUs cannot have.

    Examples:
        >>> network(0.3)(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """
    with seeded(0):
        return nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(4),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(8 * 8 * 8, 10),
        )


def _start(size: int, folder: Path, kind: Kind) -> tuple[Sequence[BaseProcess], list]:
    """The processes of a team, all of which have taken a step or ended, and their counters of steps."""
    context = get_context("forkserver")  # a server that has imported this module forks off each process
    context.set_forkserver_preload([__name__])
    port, begun = _free_port(), [context.Event() for _ in range(size)]
    steps = [context.Value("i", 0) for _ in range(size)]
    make = partial(context.Process, target=member)
    processes = [
        make(args=(rank, size, port, folder, kind, begun[rank], steps[rank])) for rank in range(size)
    ]
    for process in processes:
        process.start()
    for process, event in zip(processes, begun, strict=True):
        while not event.wait(0.02) and process.is_alive():
            pass
    return processes, steps


def _join(processes: Sequence[BaseProcess]) -> list[int | None]:
    """Their statuses; None for one that hangs, which is killed."""
    end = time.perf_counter() + PATIENCE
    for process in processes:
        process.join(max(0.0, end - time.perf_counter()))
    statuses = [process.exitcode for process in processes]
    for process in processes:
        process.kill()
        process.join()
    return statuses


def _run_out(size: int, folder: Path, kind: Kind) -> None:
    """Let a team come to its end."""
    if any(statuses := _join(_start(size, folder, kind)[0])):
        raise RuntimeError(f"The run ended with the statuses {statuses}; its folder holds what it said.")


def _stopped(folder: Path, size: int, kind: Kind, way: str, rank: int, seconds: float) -> dict | None:
    """Send one process a signal; what is left, or None where the run had ended before."""
    processes, steps = _start(size, folder, kind)
    time.sleep(seconds)
    if not all(process.is_alive() for process in processes):
        _join(processes)
        return _cleared(folder)
    before = max(count.value for count in steps)
    if number := processes[rank].pid:
        os.kill(number, WAYS[way])
    statuses = _join(processes)
    if not any(statuses):  # it had just ended
        return _cleared(folder)
    return {
        "way": way,
        "rank": rank,
        "after": significant(seconds),
        "step": before,
        "statuses": statuses,
        "kept_at": len(_losses(folder)),
        "said": [sentence for other in range(size) for sentence in _said(folder, other)],
    }


def _resumed(folder: Path, again: int, kind: Kind, expected: dict, stop: dict) -> dict:
    """Let a team go on, and compare its end with that of the run that was left alone."""
    began = _losses(folder)
    _run_out(again, folder, kind)
    found, losses = outcome(folder / "0" / "run.pt"), expected["history"]["losses"]
    apart = max(abs(a - b) for a, b in zip(found["history"]["losses"], losses, strict=True))
    same_start = began == losses[: len(began)] == found["history"]["losses"][: len(began)]
    files = sorted({file.name for file in folder.glob("[1-9]/*")})
    end = {
        "identical": identical(found, expected),
        "largest_difference": significant(apart),
        "other_disks": files,
    }
    lost = stop["step"] - stop["kept_at"]
    kept = same_start and set(files) <= {"said.txt"} and lost <= (0 if stop["way"] == "Ctrl-C" else EVERY)
    right = end["identical"] if again == len(stop["statuses"]) else apart < ROUNDING
    return end | {"nothing_lost": kept and right and _ended_well(stop)}


def _ended_well(stop: dict) -> bool:
    """Whether all ended with the right status and said one sentence, of a stop the first one for all."""
    statuses, told = [INTERRUPTED] * len(stop["statuses"]), 1
    if stop["way"] == "kill":
        statuses = [-signal.SIGKILL if r == stop["rank"] else FAILED for r in range(len(statuses))]
        told = len(statuses) - 1  # each of the others
    return stop["statuses"] == statuses and len(stop["said"]) == told


def _said(folder: Path, rank: int) -> list[str]:
    """What a member said, without gloo's own lines."""
    lines = (folder / str(rank) / "said.txt").read_text(encoding="utf-8").splitlines()
    return [line.replace(str(folder), "FOLDER") for line in lines if not line.startswith("[")]


def _losses(folder: Path) -> list[float]:
    state = read_checkpoint(folder / "0" / "run.pt")
    return state["history"]["losses"] if state else []


def _cleared(folder: Path) -> None:
    for file in [*folder.glob("*/*")]:
        file.unlink()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
