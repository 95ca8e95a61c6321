"""Runs killed at random moments and started again: does each end bit for bit as one that was left alone?"""

import random
import time
from functools import partial
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from book.bench.harness import record, significant
from book.optim import Adam, Nesterov
from book.optim.schedules import warmup_cosine
from book.training.data.augment import Augment
from book.training.data.batches import Batches
from book.training.data.load import load
from book.training.models import seeded
from book.training.run.checkpoint import Keep, read_checkpoint
from book.training.run.fit import fit

OPTIMIZERS = {"Adam": partial(Adam, lr=3e-3), "Nesterov": partial(Nesterov, lr=0.05, momentum=0.9)}
ENGINES = ("eager", "compiled")
KILLS = 5  # of each method with each engine
IMAGES, BATCH, EPOCHS, EVERY = 640, 32, 12, 3
PRECISION = "bfloat16"
SEED = 0  # of the moments
ADDED = ("differentiable", "decoupled_weight_decay")  # to a group of ours, as a state is loaded


def run(store: bool) -> dict:
    """Kill and start again; print each kill, store them if asked to.

    Args:
        store: whether to write `assets/results/kills.json`.
    """
    draw, kills = random.Random(SEED), []
    for method in OPTIMIZERS:
        for engine in ENGINES:
            with TemporaryDirectory() as folder:
                kills += _kills(Path(folder), method, engine, draw)
    survived = sum(kill["identical"] for kill in kills)
    print(f"{survived} of {len(kills)} ended bit for bit as the run that was left alone.")
    settings = {"images": IMAGES, "batch": BATCH, "epochs": EPOCHS, "every": EVERY, "precision": PRECISION}
    return record("kills", {**settings, "kills": kills, "survived": survived}, store)


def whole_run(path: Path, method: str, engine: str, begun: Event, epochs: int = EPOCHS) -> None:
    """One whole run with augmentation, batch normalisation, dropout and a schedule; made for a process.

    Args:
        path: where it is kept.
        method, engine: from `OPTIMIZERS` and `ENGINES`.
        begun: set after each step.
        epochs: as for `fit`.
    """
    torch.set_num_threads(1)
    data, test = load("cifar10")
    batches = Batches(data[:IMAGES], BATCH, Augment(padding=4, flip=True, cutout=8), seed=1)
    model = network()
    optimizer = OPTIMIZERS[method](model.parameters(), engine=engine)
    optimizer.register_step_post_hook(lambda *_: begun.set())
    scheduler = LambdaLR(optimizer, warmup_cosine(10, epochs * len(batches)))
    torch.manual_seed(2)  # of the dropout
    kept = {"scheduler": scheduler, "precision": PRECISION, "keep": Keep(path, EVERY)}
    fit(model, batches, optimizer, epochs, test=test[:100], **kept)


def network() -> nn.Sequential:
    """A small convolutional network with batch normalisation and dropout.

    Examples:
        >>> network()(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """
    with seeded(0):
        return nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(4),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(8 * 8 * 8, 10),
        )


def left_alone(path: Path, method: str, engine: str, epochs: int = EPOCHS) -> float:
    """Let a run come to its end in a process of its own; return the seconds from its first step on."""
    process = _start(path, method, engine, epochs)
    start = time.perf_counter()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"The run ended with status {process.exitcode}; its words stand above.")
    return time.perf_counter() - start


def killed(path: Path, method: str, engine: str, seconds: float, epochs: int = EPOCHS) -> bool:
    """Kill a run so many seconds after its first step; return whether it was still running."""
    process = _start(path, method, engine, epochs)
    process.join(seconds)
    process.kill()
    process.join()
    return process.exitcode != 0


def outcome(path: Path) -> dict:
    """What the last checkpoint of a run holds, all times left out."""
    state = read_checkpoint(path) or {}
    return {
        **{name: value for name, value in state.items() if name != "seconds"},
        "optimizer": as_made(state["optimizer"]),
        "history": {name: value for name, value in state["history"].items() if name != "seconds"},
    }


def as_made(optimizer_state: dict) -> dict:
    """An optimizer's state without the options that loading one adds to its groups, which no formula reads.

    Examples:
        >>> optimizer = Adam([nn.Parameter(torch.zeros(1))])
        >>> before = as_made(optimizer.state_dict())
        >>> optimizer.load_state_dict(optimizer.state_dict())
        >>> identical(as_made(optimizer.state_dict()), before)
        True
    """
    groups = [
        {name: value for name, value in group.items() if name not in ADDED}
        for group in optimizer_state["param_groups"]
    ]
    return optimizer_state | {"param_groups": groups}


def identical(a, b) -> bool:
    """Whether two states are equal bit for bit: in types, keys, shapes, dtypes and every entry.

    Examples:
        >>> state = {"x": [torch.tensor([1.0, float("nan")]), 0.1]}
        >>> identical(state, {"x": [torch.tensor([1.0, float("nan")]), 0.1]})
        True
        >>> identical(state, {"x": [torch.tensor([1.0, 2.0]), 0.1]})
        False
    """
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(identical(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(identical, a, b))
    if isinstance(a, Tensor):
        return a.shape == b.shape and a.dtype == b.dtype and _bytes(a) == _bytes(b)
    return a == b


def _bytes(tensor: Tensor) -> bytes:
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def _kills(folder: Path, method: str, engine: str, draw: random.Random) -> list[dict]:
    """As many kills as are wanted, each of a run of its own."""
    whole = left_alone(folder / "alone", method, engine)
    expected, kills = outcome(folder / "alone"), []
    while len(kills) < KILLS:
        path, seconds = folder / str(len(kills)), draw.uniform(0, whole)
        if not killed(path, method, engine, seconds):  # it was quicker than the first one
            path.unlink()
            continue
        kill = {"method": method, "engine": engine, "after": significant(seconds)} | _found(path)
        left_alone(path, method, engine)
        kill["identical"] = identical(outcome(path), expected)
        print(*kill.values(), flush=True)
        kills.append(kill)
    return kills


def _found(path: Path) -> dict:
    """What the kill left behind: the step to go on from, and whether a checkpoint was being written."""
    state = read_checkpoint(path)
    place = state["place"] if state else {"epoch": 0, "batch": 0}
    writing = any(path.with_name(path.name + ending).exists() for ending in (".part", ".spare"))
    return place | {"writing": writing}


def _start(path: Path, method: str, engine: str, epochs: int) -> BaseProcess:
    """A process that has taken its first step, or has ended without one."""
    context = get_context("forkserver")  # a server that has imported this module forks off each run
    context.set_forkserver_preload([__name__])
    begun = context.Event()
    process = context.Process(target=whole_run, args=(path, method, engine, begun, epochs))
    process.start()
    while not begun.wait(0.05) and process.is_alive():
        pass
    return process
