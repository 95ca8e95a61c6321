"""How sure we are of a mean, and of the difference between two: Student's t and Welch's."""

import math
import statistics

from scipy.special import stdtrit

LEVEL = 0.95


def student_t(p: float, df: float) -> float:
    """The quantile of Student's t: T is below it with probability p.

    Args:
        p: above 0 and below 1.
        df: degrees of freedom ν, above 0.

    Raises:
        ValueError: p or df is outside its range.

    Source:
        Student, "The Probable Error of a Mean", Biometrika, 1908.

    Examples:
        >>> round(student_t(0.975, 4), 4)
        2.7764
    """
    if not 0 < p < 1 or not df > 0:
        raise ValueError(f"student_t takes p above 0 and below 1 and df above 0; got {p} and {df}.")
    return float(stdtrit(df, p))


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


def _variance_of_mean(values: list[float]) -> float:
    return statistics.variance(values) / len(values)
