"""Performance profiles: how often each solver is within a factor of the best one."""

import math
from collections.abc import Mapping, Sequence


def performance_ratios(costs: Mapping[str, Sequence[float | None]]) -> dict[str, list[float]]:
    """Each solver's cost on each problem, as a multiple of the least cost of any; inf where it failed.

    A problem that none has solved says nothing about them, and its ratios are inf.

    Args:
        costs: for each solver its costs, problem by problem, above 0; None where it failed.

    Source:
        Dolan and Moré, "Benchmarking optimization software with performance profiles", Mathematical
        Programming, 2002.

    Examples:
        >>> performance_ratios({"a": [2.0, 3.0], "b": [4.0, None]})
        {'a': [1.0, 1.0], 'b': [2.0, inf]}
    """
    plain = {name: [math.inf if cost is None else cost for cost in row] for name, row in costs.items()}
    best = [min(column) for column in zip(*plain.values(), strict=True)]
    return {
        name: [cost / low if low < math.inf else math.inf for cost, low in zip(row, best, strict=True)]
        for name, row in plain.items()
    }


def profile(ratios: Sequence[float], factor: float) -> float:
    """The share of the problems that a solver solves at no more than a factor times the least cost.

    Args:
        ratios: of one solver, from `performance_ratios`.
        factor: 1 or more.

    Examples:
        >>> profile([1.0, 2.0, math.inf], 1), profile([1.0, 2.0, math.inf], 2)
        (0.3333333333333333, 0.6666666666666666)
    """
    return sum(ratio <= factor for ratio in ratios) / len(ratios)
