"""What exactness costs: one sum in four kinds of number, timed and compared with the exact one."""

import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import torch

from book.bench.harness import interleave, median, paired_ratio, quartiles, record, significant

TERMS = 10_000
HARMONIC = (100, 1000, 4000)


def run(store: bool) -> dict:
    """Sum 10 000 float32 numbers between 1e-4 and 1e4 in each way, print the table, store it if asked to.

    The first six add one term at a time from Python, so the interpreter's own cost is in all of them; the
    last two hand the whole array to torch. The second table adds the fractions 1/1, 1/2, 1/3, …, whose
    common denominator grows.

    Args:
        store: whether to write `assets/results/sums.json`.
    """
    x = terms(TERMS)
    exact = sum(map(Fraction, x.tolist()), Fraction())
    rows = _rows(contestants(x), exact)
    growth = [_harmonic(n) for n in HARMONIC]
    _print(rows, growth)
    return record("sums", {"terms": TERMS, "rows": rows, "harmonic": growth}, store)


def terms(n: int) -> torch.Tensor:
    """n float32 numbers whose logarithms are spread evenly from 1e-4 to 1e4, the same at every call.

    Examples:
        >>> bool(1e-4 <= terms(100).min() < terms(100).max() <= 1e4)
        True
    """
    return 10 ** (8 * torch.rand(n, generator=torch.Generator().manual_seed(0)) - 4)


def contestants(x: torch.Tensor) -> dict[str, Callable[[], Any]]:
    """The ways to add, each with its terms already converted.

    Examples:
        >>> {name: float(add()) for name, add in contestants(torch.ones(3)).items()}["Fraction"]
        3.0
    """
    floats, singles = x.tolist(), list(x.numpy())
    fractions, decimals = list(map(Fraction, floats)), list(map(Decimal, floats))
    doubles = x.double()
    return {
        "Fraction": lambda: reduce(operator.add, fractions),
        "Decimal, 28 digits": lambda: reduce(operator.add, decimals),
        "float64": lambda: reduce(operator.add, floats),
        "float64, Kahan": lambda: _kahan(floats, 0.0),
        "float32": lambda: reduce(operator.add, singles),
        "float32, Kahan": lambda: _kahan(singles, np.float32(0)),
        "float64, torch.sum": lambda: doubles.sum().item(),
        "float32, torch.sum": lambda: x.sum().item(),
    }


def _kahan(values: list, zero):
    total = excess = zero
    for value in values:
        wanted = value - excess
        rounded = total + wanted
        excess = (rounded - total) - wanted
        total = rounded
    return total


def _rows(ways: dict[str, Callable[[], Any]], exact: Fraction) -> list[dict]:
    seconds = interleave(ways)
    rows = []
    for name, add in ways.items():
        result = add()
        value = Fraction(result) if isinstance(result, Fraction | Decimal) else Fraction(float(result))
        rows.append(
            {
                "number": name,
                "ns_per_term": significant(median(seconds[name]) / TERMS * 1e9),
                "quartiles_ns": [significant(s / TERMS * 1e9) for s in quartiles(seconds[name])],
                "times_float64": paired_ratio(seconds[name], seconds["float64"]),
                "relative_error": significant(float(abs(value - exact) / exact)),
            }
        )
    return rows


def _harmonic(n: int) -> dict:
    fractions = [Fraction(1, k) for k in range(1, n + 1)]
    seconds = interleave({"sum": lambda: reduce(operator.add, fractions)})["sum"]
    digits = len(str(sum(fractions).denominator))
    return {"terms": n, "us_per_term": significant(median(seconds) / n * 1e6), "denominator_digits": digits}


def _print(rows: list[dict], growth: list[dict]) -> None:
    print(f"{'number':20} {'ns/term':>9} {'× float64':>10} {'relative error':>15}")
    for row in rows:
        cells = f"{row['ns_per_term']:9.3g} {row['times_float64']:10.3g} {row['relative_error']:15.2g}"
        print(f"{row['number']:20} {cells}")
    for row in growth:
        print(
            f"1/1 + … + 1/{row['terms']}: {row['us_per_term']:.3g} µs/term, "
            f"a denominator of {row['denominator_digits']} digits"
        )
