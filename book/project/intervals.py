"""How sure we are of a mean, and of the difference between two: Student's t and Welch's."""

import math
import statistics
from functools import cache

import numpy as np

LEVEL = 0.95
NODES, WEIGHTS = np.polynomial.legendre.leggauss(100)


@cache
def student_t(p: float, df: float) -> float:
    """The quantile of Student's t: T is below it with probability p.

    With t = √ν tan θ the distribution is P(|T| < t) = 2c ∫₀^θ cos^{ν−1}, c = Γ((ν+1)/2) / (√π Γ(ν/2)); the
    integral is Gauss's, the quantile is found by halving.

    Args:
        p: from 0.5 to below 1.
        df: degrees of freedom ν, at least 1.

    Raises:
        ValueError: p or df is outside its range.

    Source:
        Student, "The Probable Error of a Mean", Biometrika, 1908; in this notation: Abramowitz and Stegun,
        "Handbook of Mathematical Functions", 1964, section 26.7.

    Examples:
        >>> round(student_t(0.975, 4), 4)
        2.7764
    """
    if not 0.5 <= p < 1 or df < 1:
        raise ValueError(f"student_t takes p from 0.5 to below 1 and df from 1 on; got {p} and {df}.")
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 0.5 + _within(middle, df) / 2 < p else (low, middle)
    return math.sqrt(df) * math.tan(low)


def mean_interval(values: list[float], level: float = LEVEL) -> tuple[float, float]:
    """Mean and half the width of its interval: x̄ ± t s / √n, with t of n − 1 degrees of freedom.

    Args:
        values: n of them, at least 2, each from a run of its own.
        level: the share of such intervals that hold the true mean, where the values are normal.

    Raises:
        ValueError: there are fewer than two values.

    Source:
        Student, "The Probable Error of a Mean", Biometrika, 1908.

    Examples:
        >>> mean, half = mean_interval([70.0, 71.0, 72.0])
        >>> mean, round(half, 3)
        (71.0, 2.484)
    """
    if len(values) < 2:
        raise ValueError(f"An interval takes at least two values; got {len(values)}.")
    half = student_t((1 + level) / 2, len(values) - 1) * math.sqrt(_variance_of_mean(values))
    return statistics.mean(values), half


def difference_interval(a: list[float], b: list[float], level: float = LEVEL) -> tuple[float, float]:
    """ā − b̄ and half the width of its interval, t √(s_a²/n_a + s_b²/n_b), where the variances may differ.

    t has ν = (u + v)² / (u²/(n_a − 1) + v²/(n_b − 1)) degrees of freedom, with u = s_a²/n_a, v = s_b²/n_b.

    Args:
        a, b: at least 2 values each, all from runs of their own.
        level: as for `mean_interval`.

    Raises:
        ValueError: there are fewer than two values.

    Source:
        Welch, "The Generalization of 'Student's' Problem when Several Different Population Variances are
        Involved", Biometrika, 1947.

    Examples:
        >>> mean, half = difference_interval([71.0, 72.0, 73.0], [70.0, 71.0, 72.0])
        >>> mean, round(half, 3)
        (1.0, 2.267)
    """
    if min(len(a), len(b)) < 2:
        raise ValueError(f"An interval takes at least two values of each; got {len(a)} and {len(b)}.")
    u, v = _variance_of_mean(a), _variance_of_mean(b)
    difference = statistics.mean(a) - statistics.mean(b)
    if u + v == 0:
        return difference, 0.0
    df = (u + v) ** 2 / (u**2 / (len(a) - 1) + v**2 / (len(b) - 1))
    df = max(df, min(len(a), len(b)) - 1.0)  # below it only by rounding
    return difference, student_t((1 + level) / 2, df) * math.sqrt(u + v)


def tied(a: list[float], b: list[float], level: float = LEVEL) -> bool:
    """Whether the interval of the difference contains 0: these runs do not tell which mean is larger.

    Args:
        a, b, level: as for `difference_interval`.

    Examples:
        >>> tied([71.0, 72.0, 73.0], [70.0, 71.0, 72.0]), tied([71.0, 72.0, 73.0], [60.0, 61.0, 62.0])
        (True, False)
    """
    difference, half = difference_interval(a, b, level)
    return abs(difference) <= half


def _within(angle: float, df: float) -> float:
    """P(|T| < √ν tan θ)."""
    c = math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(math.pi)
    θ = angle * (1 + NODES) / 2
    return float(2 * c * angle / 2 * (WEIGHTS * np.cos(θ) ** (df - 1)).sum())


def _variance_of_mean(values: list[float]) -> float:
    return statistics.variance(values) / len(values)
