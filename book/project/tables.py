"""The comparison's tables, as rows of text."""

import math
import statistics
from collections.abc import Iterator
from itertools import pairwise

from book.project.intervals import paired_interval, paired_p
from book.project.summary import pairwise_p


def wrong_way(gap: float, s_a: float, s_b: float) -> float:
    """How often the worse of two is ahead in one run of each: Φ(−d / √(s_a² + s_b²)).

    Args:
        gap: d, of the means, at least 0.
        s_a, s_b: deviations of independent normal runs, not both 0.

    Examples:
        >>> round(wrong_way(0.3, 0.4, 0.3), 3)
        0.274
    """
    return statistics.NormalDist().cdf(-gap / math.hypot(s_a, s_b))


def neighbours(rows: list[dict], titles: dict[str, str]) -> Iterator[list[str]]:
    """Each method, the next one below it, their gap, and how often one run of each tells the order wrongly.

    Args:
        rows: of a comparison.
        titles: of the methods.

    Yields:
        Two names, the gap, the two deviations, the share.
    """
    chosen = sorted((row for row in rows if row["tuned"]), key=lambda row: -row["mean"])
    for a, b in pairwise(chosen):
        gap = a["mean"] - b["mean"]
        spread = [statistics.stdev(row["accuracies"]) for row in (a, b)]
        names = f"{titles[a['method']]}, then {titles[b['method']]}"
        yield [names, f"{gap:.2f}", *(f"{s:.2f}" for s in spread), f"{wrong_way(gap, *spread):.0%}"]


def ranked(rows: list[dict], titles: dict[str, str]) -> Iterator[list[str]]:
    """The methods at their chosen rates, best first, with what torch's defaults give and what was published.

    Args:
        rows: of a comparison.
        titles: of the methods.

    Yields:
        Name, rate, mean with its interval, that of the defaults, the published figure or nothing.
    """
    default = {row["method"]: row for row in rows if not row["tuned"]}
    for row in sorted((row for row in rows if row["tuned"]), key=lambda row: -row["mean"]):
        published = "" if row["published"] is None else f"{row['published']:.2f}"
        means = (f"{some['mean']:.2f} ± {some['half']:.2f}" for some in (row, default[row["method"]]))
        yield [titles[row["method"]], f"{row['lr']:g}", *means, published]


def against_the_best(rows: list[dict], titles: dict[str, str], level: float) -> Iterator[list[str]]:
    """How each chosen rate compares with the best one over equal seeds, alone and among all pairs.

    Args:
        rows: of a comparison.
        titles: of the methods.
        level: of the intervals.

    Yields:
        Name; the difference with its interval alone; half the interval corrected for all pairs (Bonferroni);
        p alone and by Holm over all pairs; the verdict.
    """
    chosen = {row["method"]: row for row in rows if row["tuned"]}
    best = max(chosen, key=lambda name: chosen[name]["mean"])
    others = sorted((name for name in chosen if name != best), key=lambda name: -chosen[name]["mean"])
    for name in others:
        a, b = chosen[name]["accuracies"], chosen[best]["accuracies"]
        gap, half = paired_interval(a, b, level)
        told = "not told apart" if chosen[name]["tied"] else "worse"
        yield [
            titles[name],
            f"{gap:+.2f} ± {half:.2f}".replace("-", "−"),
            f"± {chosen[name]['to_best'][1]:.2f}",
            probability(paired_p(a, b)),
            probability(chosen[name]["p"]),
            told,
        ]


def probability(p: float) -> str:
    """A p value as text, to three decimals.

    Examples:
        >>> probability(0.0162), probability(2.5e-6), probability(1.0)
        ('0.016', '< 0.001', '1')
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}".rstrip("0").rstrip(".")


def compared(rows: list[dict], first: str, second: str, level: float) -> tuple[float, float, float]:
    """The difference of two methods over equal seeds: mean, half its interval, p by Holm over all pairs.

    Args:
        rows: of a comparison.
        first, second: methods at their chosen rates.
        level: of the interval.
    """
    chosen = {row["method"]: row["accuracies"] for row in rows if row["tuned"]}
    gap, half = paired_interval(chosen[first], chosen[second], level)
    return gap, half, pairwise_p(chosen)[frozenset((first, second))]
