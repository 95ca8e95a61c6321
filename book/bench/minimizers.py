"""Our minimizers beside scipy's, pytorch-minimize's and torch's, on the set of Moré, Garbow and Hillstrom."""

import math
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch

from book.bench.harness import one_thread, processor_seconds, record, significant
from book.bench.minimizer_peers import PEERS
from book.bench.minimizer_ratios import FACTORS, compared, profiles
from book.bench.minimizers_ours import OURS
from book.bench.watched import Run, Watched
from book.problems import STANDARD, Problem

TOLERANCE = 1e-8  # a minimum is reached where f is above it by at most this times max(1, |f*|)
PAIRS = (  # ours, and a peer's that is the same method with the same derivatives
    ("Newton", "torchmin newton-exact"),
    ("Newton", "scipy trust-exact"),  # the same Hessians; scipy has no Newton with a search along a line
    ("TrustRegion", "scipy trust-ncg"),
    ("ConjugateGradient", "scipy CG"),
    ("NewtonCG", "scipy Newton-CG"),
    ("BFGS", "scipy BFGS"),
    ("BFGS, scipy's choices", "scipy BFGS"),
    ("LBFGS", "scipy L-BFGS-B"),
    ("LevenbergMarquardt", "scipy lm"),
)
MOVES, SHIFT, MOVABLE = 6, 1e-12, 100  # starts besides the standard one, how far off, and up to which n
WORKERS = 2
SOLVERS: dict[str, Callable[[Watched], Run]] = OURS | PEERS


@one_thread()
def run(store: bool, workers: int = WORKERS) -> dict:
    """Minimize every problem with every solver; print evaluations against scipy's, store all if asked to.

    Each solver starts at the standard start, has the same derivatives, stops by its own rules at a gradient
    of at most 1e-8, and may take 3,000 iterations. An evaluation is a point at which f was computed,
    whatever was computed there with it. `reached` counts them up to the first within `TOLERANCE` of the
    minimum in which the solver ended, so that rules for stopping do not count; `evaluations` counts all.
    Seconds are the processor's, of the whole run, of f's calls too.

    A long path hangs on the last digits. So solvers that are compared, on problems of at most `MOVABLE`
    dimensions, also start at `MOVES` points that are off by 1e-12: `moved` has their `reached`.

    Args:
        store: whether to write `assets/results/minimizers.json`.
        workers: processes that share the problems; with 1 all is done here.
    """
    rows = [row for some in _spread(workers) for row in some]
    results = {
        "tolerance": TOLERANCE,
        "problems": len(STANDARD),
        "moves": {"starts": MOVES, "shift": SHIFT, "up to n": MOVABLE},
        "dimensions": [min(entry.n for entry in STANDARD), max(entry.n for entry in STANDARD)],
        "pairs": [compared(rows, ours, theirs) for ours, theirs in PAIRS],
        "profiles": profiles(rows),
        "factors": FACTORS,
        "rows": rows,
    }
    for pair in results["pairs"]:
        print({key: value for key, value in pair.items() if key != "ratios"}, flush=True)
    return record("minimizers", results, store, cores=workers)


def _spread(workers: int) -> list[list[dict]]:
    """The rows of every problem, in the set's order; the largest are begun first."""
    if workers == 1:
        return [_on(entry) for entry in STANDARD]
    order = sorted(range(len(STANDARD)), key=lambda place: -STANDARD[place].n)
    with ProcessPoolExecutor(workers, get_context("spawn"), _warm) as pool:
        found = dict(zip(order, pool.map(_at, order), strict=True))
    return [found[place] for place in sorted(found)]


def _warm() -> None:
    """Let a new process do once what takes longer the first time."""
    torch.set_num_threads(1)
    for solver in SOLVERS.values():
        _tried(solver, Watched(STANDARD[0]))


def _at(place: int) -> list[dict]:
    return _on(STANDARD[place])


def moved(entry: Problem, seed: int) -> Problem:
    """A problem whose start is off by about `SHIFT`, relative to what is larger than 1.

    Examples:
        >>> max(abs(there - here) for there, here in zip(moved(STANDARD[0], 1).start, STANDARD[0].start)) < 1e-11
        True
    """  # noqa: E501
    here = np.array(entry.start)
    noise = np.random.default_rng(seed).standard_normal(len(here))
    return replace(entry, start=tuple((here + SHIFT * np.maximum(1.0, abs(here)) * noise).tolist()))


def _on(entry: Problem) -> list[dict]:
    """A row for each solver on a problem."""
    rows, of_pairs = [], {name for pair in PAIRS for name in pair}
    for name, solver in SOLVERS.items():
        watched, ran = Watched(entry), Run()

        def once(solver=solver, watched=watched) -> None:
            nonlocal ran
            ran = _tried(solver, watched)

        seconds = processor_seconds(once)
        row = described(entry, name, watched, ran) | {"seconds": significant(seconds)}
        if name in of_pairs and entry.n <= MOVABLE and row["minimum"] is not None:
            row["moved"] = _moved(entry, solver, row["minimum"])
        rows.append(row)
        print(row, flush=True)
    return rows


def _moved(entry: Problem, solver: Callable[[Watched], Run], minimum: int) -> list[int]:
    """Evaluations from each moved start that leads to the same minimum."""
    found = []
    for seed in range(1, MOVES + 1):
        watched = Watched(moved(entry, seed))
        row = described(watched.entry, "", watched, _tried(solver, watched))
        found += [row["reached"]] if row["minimum"] == minimum else []
    return found


def _tried(solver: Callable[[Watched], Run], watched: Watched) -> Run:
    try:
        return solver(watched)
    except (ValueError, ArithmeticError, RuntimeError) as error:
        return Run(status=type(error).__name__, error=str(error))


def described(entry: Problem, name: str, watched: Watched, ran: Run) -> dict[str, Any]:
    """What a solver did on a problem, in numbers.

    `minimum` is the index of the known minimum that the lowest point seen belongs to, None where it belongs
    to none; `value` is f there.
    """
    value = min(watched.values, default=math.inf)
    index = which(entry, value)
    low = entry.minima[index].value if index is not None else value
    reached = next((i for i, v in enumerate(watched.values, 1) if near(v, low)), None)
    return {
        "problem": entry.name,
        "n": entry.n,
        "solver": name,
        "value": value if math.isfinite(value) else None,
        "minimum": index,
        "reached": reached if index is not None else None,
        "evaluations": watched.evaluations,
        "products": watched.products,
        "hessians": watched.hessians,
        "iterations": ran.iterations,
        "status": ran.status,
        "error": ran.error,
    }


def near(value: float, low: float) -> bool:
    """Whether a value is within `TOLERANCE` of a minimum.

    Examples:
        >>> near(1e-9, 0.0), near(100.0 + 1e-7, 100.0), near(1e-7, 0.0)
        (True, True, False)
    """
    return value - low <= TOLERANCE * max(1.0, abs(low))


def which(entry: Problem, value: float) -> int | None:
    """The known minimum that a value is at, from above or below by rounding."""
    gaps = [abs(value - known.value) / max(1.0, abs(known.value)) for known in entry.minima]
    best = min(range(len(gaps)), key=gaps.__getitem__, default=None)
    return best if best is not None and gaps[best] <= TOLERANCE else None
