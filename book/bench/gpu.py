"""All that only a GPU can show, in one command: `make gpu`, or `python -m book bench gpu`.

The table `ITEMS` is the list. Each item runs in a process of its own, within its time limit; what is finished
is kept in `_runs/gpu`, so that after a cut the same command goes on. The report is assets/results/gpu.json,
with gpu.txt beside it.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch

from book.bench import gpu_items as items
from book.bench.harness import record, significant
from book.errors import BookError
from book.provenance import commit
from book.results import FOLDERS
from book.whole_files import write_whole

FOLDER = Path("_runs", "gpu")
MINUTES = 25  # that all items together may take


class Item(NamedTuple):
    """What is measured, what it shows, and the seconds that it may take."""

    measure: Callable[[str], dict]
    shows: str
    seconds: int


ITEMS = {
    "device": Item(items.device_facts, "which card, which torch, that cuDNN is on", 30),
    "optimizers": Item(items.optimizers, "compiled steps on the device: equal to eager ones; times", 330),
    "precision": Item(items.precisions, "float32, bfloat16, float16: losses and images a second", 120),
    "network": Item(items.networks, "a compiled network with its CUDA graph against the plain one", 150),
    "memory": Item(items.memory, "the peak of a step by optimizer, and the sentence when it is full", 90),
    "resume": Item(items.resume, "a run stopped and taken up, bit for bit", 90),
    "two": Item(items.two_processes, "two processes, with two GPUs where they are there", 150),
    "budget": Item(items.budget, "hours of the comparison on this card", 120),
    "speedrun": Item(items.speedruns, "the whole recipe with cuDNN: accuracy and seconds", 400),
}


def run(store: bool) -> dict:
    """Run what is not finished yet, then report; `make gpu` does this.

    Args:
        store: whether to write the report into `assets/results`.

    Raises:
        BookError: there is no CUDA device.
    """
    if not torch.cuda.is_available():
        raise BookError(
            "There is no CUDA device here, and this shows what only one can. On Colab choose a GPU."
        )
    return report(FOLDER, "cuda", store)


def report(folder: Path, device: str, store: bool) -> dict:
    """Print the plan, run each item that is not finished, print and store what all of them found.

    Args:
        folder: of what is finished.
        device: "cuda"; on "cpu" the same code runs in a small size, as its tests do.
        store: whether to write the report.

    Returns:
        The record; in its results an item that failed or took too long holds an `error`. It is tried again at
        the next call.
    """
    print(plan(folder, device), flush=True)
    found = {}
    for name, item in ITEMS.items():
        found[name] = _kept(folder, name, device) or _measured(folder, name, item, device)
        print(f"\n{describe(name, found[name])}", flush=True)
    whole = record("gpu", {"device": device, "commit": commit(), "items": found}, store)
    if store:
        text = "\n\n".join(describe(name, result) for name, result in found.items())
        write_whole(FOLDERS[0] / "gpu.txt", text + "\n")
    return whole


def plan(folder: Path, device: str) -> str:
    """What will be done, within how long, and what is finished already.

    Examples:
        >>> print(plan(Path("nowhere"), "cpu").splitlines()[1])
        device       30 s  which card, which torch, that cuDNN is on
    """
    rows = [
        f"{name:10} {item.seconds:4} s  {item.shows}" + "; finished" * bool(_kept(folder, name, device))
        for name, item in ITEMS.items()
    ]
    total = sum(item.seconds for item in ITEMS.values()) / 60
    head = f"{len(ITEMS)} items on {device}, at most {total:.0f} minutes; what is finished is in {folder}."
    return "\n".join([head, *rows])


def describe(name: str, result: dict) -> str:
    """An item's result as lines.

    Examples:
        >>> print(describe("memory", {"seconds": 1.0, "found": {"adam": 3, "sgd": {"peak": 2}}}))
        memory: 1.0 s
          adam: 3
          sgd: {"peak": 2}
    """
    if "error" in result:
        return f"{name}: failed. {result['error']}"
    lines = [f"  {key}: {_text(value)}" for key, value in result["found"].items()]
    return "\n".join([f"{name}: {result['seconds']} s", *lines])


def _text(value) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _kept(folder: Path, name: str, device: str) -> dict | None:
    """A finished item of this card, this torch and this commit."""
    try:
        kept = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept if kept["made_by"] == _maker(device) else None


def _measured(folder: Path, name: str, item: Item, device: str) -> dict:
    """Run an item in a process of its own: what it does to the device ends with it."""
    start = time.perf_counter()
    words = [sys.executable, "-m", __name__, name, device]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = subprocess.Popen(words, start_new_session=True, **pipes)
    try:
        said, errors = running.communicate(timeout=item.seconds)
    except BaseException as error:
        os.killpg(running.pid, signal.SIGKILL)  # with what it started
        running.wait()
        if isinstance(error, subprocess.TimeoutExpired):
            return {"error": f"It took longer than its {item.seconds} s."}
        raise
    if running.returncode:
        return {"error": (errors.strip().splitlines() or [f"It ended with status {running.returncode}."])[-1]}
    seconds = significant(time.perf_counter() - start)
    found = json.loads(said.splitlines()[-1])
    result = {"seconds": seconds, "found": found, "made_by": _maker(device)}
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{name}.json", json.dumps(result, indent=1) + "\n")
    return result


def _maker(device: str) -> list:
    return [items.card(device), torch.__version__, commit()]


if __name__ == "__main__":
    print(json.dumps(ITEMS[sys.argv[1]].measure(sys.argv[2])))
