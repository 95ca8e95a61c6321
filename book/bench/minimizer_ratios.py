"""Evaluations of one solver in those of another, problem by problem, and performance profiles of all."""

import math
import statistics
from typing import Any

from book.bench.harness import median, quartiles, significant
from book.problems.profile import performance_ratios, profile

FACTORS = (1, 1.25, 1.5, 2, 3, 4, 6, 8, 16, 32, 64)
MUCH = 1.3  # a count that is so many times another is told


def compared(rows: list[dict], ours: str, theirs: str) -> dict[str, Any]:
    """Evaluations of ours as multiples of theirs, on the problems where both end in the same minimum.

    Each count is the median over a problem's starts; `standard` has the standard start's own. `mean` is
    geometric, as ratios are: what is half as much here and twice as much there is 1. `theirs vary` and
    `ours vary` name the problems on which a solver's own counts are more than 1.3 times apart.
    """
    mine, other = (
        {(r["problem"], r["n"]): r for r in rows if r["solver"] == name} for name in (ours, theirs)
    )
    keys = [key for key in mine if None not in (mine[key]["minimum"], other[key]["minimum"])]
    same = [key for key in keys if mine[key]["minimum"] == other[key]["minimum"]]
    ratios, standard = (
        {f"{key[0]}, {key[1]}": significant(count(mine[key]) / count(other[key])) for key in same}
        for count in (typical, lambda row: row["reached"])
    )
    worst = max(ratios, key=ratios.__getitem__)
    return {
        "ours": ours,
        "theirs": theirs,
        "solved": _solved(mine),
        "solved by theirs": _solved(other),
        "same minimum": len(ratios),
        "solved by both": len(keys),
        "median": median(list(ratios.values())),
        "mean": significant(math.exp(statistics.fmean(map(math.log, ratios.values())))),
        "quartiles": quartiles(list(ratios.values())),
        "worst": ratios[worst],
        "worst on": worst,
        **_outside(ratios),
        "standard": {"median": median(list(standard.values()))} | _outside(standard),
        "ours vary": _varied(mine, same),
        "theirs vary": _varied(other, same),
        "median of seconds": median([mine[key]["seconds"] / other[key]["seconds"] for key in same]),
        "ratios": ratios,
    }


def typical(row: dict) -> float:
    """The median of evaluations over a problem's starts.

    Examples:
        >>> typical({"reached": 10, "moved": [30, 11]}), typical({"reached": 10})
        (11, 10)
    """
    return statistics.median(_counts(row))


def _counts(row: dict) -> list[int]:
    return [row["reached"], *row.get("moved", ())]


def _outside(ratios: dict[str, float]) -> dict[str, list[str]]:
    return {
        "above 1.3": sorted(name for name, ratio in ratios.items() if ratio > MUCH),
        "below 1/1.3": sorted(name for name, ratio in ratios.items() if ratio < 1 / MUCH),
    }


def _varied(rows: dict, keys: list) -> list[str]:
    counts = {key: _counts(rows[key]) for key in keys}
    return [f"{key[0]}, {key[1]}" for key, found in counts.items() if max(found) > MUCH * min(found)]


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
