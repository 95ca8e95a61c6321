"""What a step costs: our formula, eager and compiled, beside torch.optim's ways and the memory's speed."""

import inspect
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import torch
from torch import Tensor

from book import optim
from book.bench.harness import (
    ROUNDS,
    cuda_seconds,
    interleave,
    median,
    one_thread,
    paired_ratio,
    processor_seconds,
    quartiles,
    record,
    significant,
    wall_seconds,
)
from book.optim.methods import METHODS

CHANNELS = (3, 64, 64, 128, 128, 256, 256, 512, 512, 512, 512)  # VGG13's, each convolution 3 × 3
WIDTHS = (512, 512, 10)
LR = 1e-9  # the same parameters go through every step of every contestant and stay what they are


def _has_fused(twin: Callable) -> bool:
    return "fused" in inspect.signature(twin).parameters


# The methods that torch has too, those with a fused step of torch's first.
TWINS = {name: method.twin for name, method in METHODS.items() if method.twin}
TIMED = sorted(TWINS, key=lambda name: not _has_fused(TWINS[name]))


def run(store: bool) -> dict:
    """Time every method on one core, on all of them and on a CUDA device, as there are; print and store.

    Args:
        store: whether to write `assets/results/optim.json`.
    """
    cores = torch.get_num_threads()
    with one_thread():
        tables = [_table("one core, processor time", processor_seconds, "cpu")]
    if cores > 1:
        tables.append(_table(f"{cores} cores, wall clock", wall_seconds, "cpu"))
    if torch.cuda.is_available():
        tables.append(_table(f"{torch.cuda.get_device_name()}, events", cuda_seconds, "cuda"))
    return record("optim", {"rounds": ROUNDS, "tables": tables}, store, cores)


def parameters(device: str) -> list[Tensor]:
    """Weights and biases shaped as VGG13's on 32 × 32 images, with gradients.

    Examples:
        >>> sum(x.numel() for x in parameters("cpu"))
        9672778
    """
    shapes = [(b, a, 3, 3) for a, b in pairwise(CHANNELS)]
    shapes += [(b, a) for a, b in pairwise(WIDTHS)]
    generator = torch.Generator().manual_seed(0)
    xs = [torch.randn(size, generator=generator).to(device) for s in shapes for size in (s, s[:1])]
    for x in xs:
        x.grad = torch.randn(x.shape, generator=generator).to(device)
    return xs


def contestants(method: str, xs: list[Tensor]) -> dict[str, torch.optim.Optimizer]:
    """Every way to take the method's step with these parameters.

    Examples:
        >>> list(contestants("RMSProp", [torch.ones(3)]))
        ['compiled', 'eager', 'foreach', 'loop']
    """
    ours, theirs = METHODS[method].make, TWINS[method]
    torchs = {"foreach": {"foreach": True}, "loop": {"foreach": False}}
    torchs = {"fused": {"fused": True}, **torchs} if _has_fused(theirs) else torchs
    return {engine: ours(xs, lr=LR, engine=engine) for engine in ("compiled", "eager")} | {
        name: theirs(xs, lr=LR, **how) for name, how in torchs.items()
    }


def bytes_per_number(optimizer: torch.optim.Optimizer, itemsize: int = 4) -> float:
    """What a step must move for each number: read x, g and the memory, write x and the memory.

    Examples:
        >>> x = torch.ones(3)
        >>> x.grad = torch.ones(3)
        >>> adam = optim.Adam([x])
        >>> adam.step()
        >>> bytes_per_number(adam)  # four read, three written
        28.0
    """
    return 3 * itemsize + 2 * optim.state_bytes(optimizer)


def streams(numbers: int, device: str) -> dict[str, tuple[Callable[[], object], int]]:
    """Loops that do nothing but move memory, each with the bytes that it moves.

    Examples:
        >>> {name: moved for name, (_, moved) in streams(10, "cpu").items()}
        {'a = b': 80, 'a = b + c': 120, 'a += b': 120}
    """
    a, b, c = torch.ones(3, numbers, device=device)
    return {
        "a = b": (lambda: a.copy_(b), 2 * a.nbytes),
        "a = b + c": (lambda: torch.add(b, c, out=a), 3 * a.nbytes),
        "a += b": (lambda: a.add_(b, alpha=LR), 3 * a.nbytes),
    }


def after_other_work(clock: Callable, numbers: int, device: str) -> Callable:
    """The clock, with other memory run through before it starts, as the passes through a network do.

    Without it a contestant would find in the cache what the one before it left there.

    Examples:
        >>> after_other_work(lambda work: work(), 10, "cpu")(lambda: "done")
        'done'
    """
    other = torch.ones(2 * numbers, device=device)

    def timed(work: Callable[[], object]) -> float:
        other.add_(1.0)
        return clock(work)

    return timed


@contextmanager
def empty_cache() -> Generator[Path]:
    """Let the compiler find nothing meanwhile of what was compiled before, in this run or another.

    Examples:
        >>> with empty_cache() as folder:
        ...     os.environ["TORCHINDUCTOR_CACHE_DIR"] == str(folder), list(folder.iterdir())
        (True, [])
    """
    with TemporaryDirectory() as folder:
        places = {"TORCHINDUCTOR_CACHE_DIR": folder, "TRITON_CACHE_DIR": f"{folder}/triton"}
        with mock.patch.dict(os.environ, places):
            yield Path(folder)


def _table(name: str, clock: Callable, device: str) -> dict:
    xs = parameters(device)
    numbers = sum(x.numel() for x in xs)
    clock = after_other_work(clock, numbers, device)
    start = wall_seconds(lambda: _first_step(contestants("SGD", xs[-1:])["compiled"]))
    print(f"{name}: {numbers:,} parameters; the compiler's start takes {start:.1f} s")
    rows = [_row(method, xs, streams(numbers, device), clock) for method in TIMED]
    return {"name": name, "parameters": numbers, "compiler_start_seconds": significant(start), "rows": rows}


def _row(method: str, xs: list[Tensor], moves: dict, clock: Callable) -> dict:
    ways = contestants(method, xs)
    compile_seconds = wall_seconds(lambda: _first_step(ways["compiled"]))
    work = {way: optimizer.step for way, optimizer in ways.items()}
    seconds = interleave(work | {stream: move for stream, (move, _) in moves.items()}, ROUNDS, clock)
    best = max(moves, key=lambda stream: moves[stream][1] / median(seconds[stream]))
    moved = bytes_per_number(ways["compiled"]) * sum(x.numel() for x in xs)
    floor = [moved / moves[best][1] * s for s in seconds[best]]
    baseline = "fused" if "fused" in ways else "foreach"
    row = {
        "method": method,
        "milliseconds": {way: significant(1e3 * median(seconds[way])) for way in ways},
        "quartiles_ms": {way: [significant(1e3 * s) for s in quartiles(seconds[way])] for way in ways},
        "baseline": baseline,
        "ratio": paired_ratio(seconds["compiled"], seconds[baseline]),
        "compile_seconds": significant(compile_seconds),
        "megabytes": significant(moved / 1e6),
        "bandwidth": {"loop": best, "gigabytes_per_second": significant(moved / median(floor) / 1e9)},
        "floor_ms": significant(1e3 * median(floor)),
        "share_of_floor": {way: paired_ratio(floor, seconds[way]) for way in ways},
        "state_bytes": {way: optim.state_bytes(optimizer) for way, optimizer in ways.items()},
    }
    _print(row)
    return row


def _first_step(compiled: torch.optim.Optimizer) -> None:
    with empty_cache():
        compiled.step()


def _print(row: dict) -> None:
    times = "  ".join(f"{way} {ms:.4g}" for way, ms in row["milliseconds"].items())
    print(f"{row['method']:9} ms: {times}")
    print(
        f"          {row['ratio']:.3f} × {row['baseline']}; at least {row['megabytes']:.4g} MB in "
        f"{row['floor_ms']:.3g} ms, of which compiled reaches {row['share_of_floor']['compiled']:.0%}; "
        f"{row['state_bytes']['compiled']:g} bytes of state, torch {row['state_bytes'][row['baseline']]:g}; "
        f"first step {row['compile_seconds']:.3g} s"
    )
