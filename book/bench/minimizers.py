"""Our minimizers beside scipy's, pytorch-minimize's and torch's, on the set of Moré, Garbow and Hillstrom."""

import math
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import fmean
from typing import Any

import torch

from book.bench.harness import median, one_thread, processor_seconds, quartiles, record, significant
from book.bench.minimizer_peers import PEERS
from book.bench.minimizers_ours import OURS
from book.bench.watched import Run, Watched
from book.problems import STANDARD, Problem
from book.problems.profile import performance_ratios, profile

TOLERANCE = 1e-8  # a minimum is reached where f is above it by at most this times max(1, |f*|)
PAIRS = {  # ours, and the one of scipy that is the same method with the same derivatives
    "Newton": "scipy trust-exact",  # the same Hessians; scipy has no Newton with a search along a line
    "TrustRegion": "scipy trust-ncg",
    "ConjugateGradient": "scipy CG",
    "NewtonCG": "scipy Newton-CG",
    "BFGS": "scipy BFGS",
    "BFGS, scipy's choices": "scipy BFGS",
    "LBFGS": "scipy L-BFGS-B",
    "LevenbergMarquardt": "scipy lm",
}
FACTORS = (1, 1.25, 1.5, 2, 3, 4, 6, 8, 16, 32, 64)
WORKERS = 4
SOLVERS: dict[str, Callable[[Watched], Run]] = OURS | PEERS


@one_thread()
def run(store: bool, workers: int = WORKERS) -> dict:
    """Minimize every problem with every solver; print evaluations against scipy's, store all if asked to.

    Each solver starts at the standard start, has the same derivatives, stops by its own rules at a gradient
    of at most 1e-8, and may take 3,000 iterations. An evaluation is a point at which f was computed,
    whatever was computed there with it. `reached` counts them up to the first within `TOLERANCE` of the
    minimum in which the solver ended, so that rules for stopping do not count; `evaluations` counts all.
    Seconds are the processor's, of the whole run, of f's calls too.

    Args:
        store: whether to write `assets/results/minimizers.json`.
        workers: processes that share the problems; with 1 all is done here.
    """
    rows = [row for some in _spread(workers) for row in some]
    results = {
        "tolerance": TOLERANCE,
        "problems": len(STANDARD),
        "dimensions": [min(entry.n for entry in STANDARD), max(entry.n for entry in STANDARD)],
        "pairs": [compared(rows, ours, theirs) for ours, theirs in PAIRS.items()],
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


def _on(entry: Problem) -> list[dict]:
    """A row for each solver on a problem."""
    rows = []
    for name, solver in SOLVERS.items():
        watched, ran = Watched(entry), Run()

        def once(solver=solver, watched=watched) -> None:
            nonlocal ran
            ran = _tried(solver, watched)

        seconds = processor_seconds(once)
        rows.append(described(entry, name, watched, ran) | {"seconds": significant(seconds)})
        print(rows[-1], flush=True)
    return rows


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


def compared(rows: list[dict], ours: str, theirs: str) -> dict[str, Any]:
    """Evaluations of ours as multiples of theirs, on the problems where both end in the same minimum.

    `mean` is geometric, as ratios are: what is half as much here and twice as much there is 1.
    """
    mine, other = (
        {(r["problem"], r["n"]): r for r in rows if r["solver"] == name} for name in (ours, theirs)
    )
    ratios, seconds = {}, []
    for key in mine:
        if mine[key]["minimum"] is not None and mine[key]["minimum"] == other[key]["minimum"]:
            ratios[f"{key[0]}, {key[1]}"] = significant(mine[key]["reached"] / other[key]["reached"])
            seconds.append(mine[key]["seconds"] / other[key]["seconds"])
    worst = max(ratios, key=ratios.__getitem__)
    return {
        "ours": ours,
        "theirs": theirs,
        "solved": _solved(mine),
        "solved by theirs": _solved(other),
        "same minimum": len(ratios),
        "solved by both": sum(None not in (mine[key]["minimum"], other[key]["minimum"]) for key in mine),
        "median": median(list(ratios.values())),
        "mean": significant(math.exp(fmean(map(math.log, ratios.values())))),
        "quartiles": quartiles(list(ratios.values())),
        "worst": ratios[worst],
        "worst on": worst,
        "above 1.3": sorted(name for name, ratio in ratios.items() if ratio > 1.3),
        "below 1/1.3": sorted(name for name, ratio in ratios.items() if ratio < 1 / 1.3),
        "median of seconds": median(seconds),
        "ratios": ratios,
    }


def _solved(rows: dict) -> int:
    return sum(row["minimum"] is not None for row in rows.values())


def profiles(rows: list[dict]) -> dict[str, list[float]]:
    """For each solver the share of problems that it solves within each factor of the fewest evaluations."""
    keys = list(dict.fromkeys((row["problem"], row["n"]) for row in rows))
    costs = {name: dict.fromkeys(keys) for name in dict.fromkeys(row["solver"] for row in rows)}
    for row in rows:
        costs[row["solver"]][row["problem"], row["n"]] = row["reached"]
    ratios = performance_ratios({name: list(of.values()) for name, of in costs.items()})
    return {name: [significant(profile(row, factor)) for factor in FACTORS] for name, row in ratios.items()}
