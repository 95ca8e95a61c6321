"""How sure we are of a mean, of the difference between two, and of many differences at once."""

import math
import statistics

from scipy.special import stdtr, stdtrit

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


def paired_interval(a: list[float], b: list[float], level: float = LEVEL) -> tuple[float, float]:
    """Mean difference and half the width of its interval, where a and b come in pairs: Student's, of a − b.

    What the two of a pair share, as runs from one seed share their first weights and the order of the images,
    falls out of the difference.

    Args:
        a, b: n values each, at least 2; those at one place belong together.
        level: as for `mean_interval`.

    Raises:
        ValueError: they are not equally many, or fewer than two.

    Source:
        Student, "The Probable Error of a Mean", Biometrika, 1908, where the example is of pairs.

    Examples:
        >>> mean, half = paired_interval([71.0, 72.0, 73.0], [70.0, 71.5, 72.0])
        >>> round(mean, 3), round(half, 3)
        (0.833, 0.717)
    """
    return mean_interval(_differences(a, b), level)


def paired_p(a: list[float], b: list[float]) -> float:
    """How often |t| of n paired differences would be as large as here or larger, if the true mean were 0.

    Args:
        a, b: as for `paired_interval`.

    Examples:
        >>> round(paired_p([71.0, 72.0, 73.0], [70.0, 71.5, 72.0]), 4)
        0.0377
    """
    gaps = _differences(a, b)
    mean, error = statistics.mean(gaps), math.sqrt(_variance_of_mean(gaps))
    if error == 0:
        return float(mean == 0)
    return 2 * float(stdtr(len(gaps) - 1, -abs(mean) / error))


def holm(p: list[float]) -> list[float]:
    """Adjusted p-values: who rejects where one is at most α errs anywhere with probability at most α.

    Of m, the k-th smallest is multiplied by m − k + 1; none is below a smaller one's, and none above 1.

    Args:
        p: of m tests, which may depend on each other in any way.

    Raises:
        ValueError: one is not from 0 to 1, as nan.

    Source:
        Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics,
        1979.

    Examples:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    if wrong := [value for value in p if not 0 <= value <= 1]:
        raise ValueError(f"p-values are from 0 to 1; got {wrong[0]}. Look for nan among the values compared.")
    order, largest, adjusted = sorted(range(len(p)), key=p.__getitem__), 0.0, [0.0] * len(p)
    for done, place in enumerate(order):
        largest = adjusted[place] = max(largest, min(1.0, (len(p) - done) * p[place]))
    return adjusted


def _differences(a: list[float], b: list[float]) -> list[float]:
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(f"Pairs take at least two values of each, equally many; got {len(a)} and {len(b)}.")
    return [x - y for x, y in zip(a, b, strict=True)]


def _variance_of_mean(values: list[float]) -> float:
    return statistics.variance(values) / len(values)
