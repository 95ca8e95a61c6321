"""The strong Wolfe conditions: low enough, and flat enough. Bracketing first, then zooming in."""

import math
from collections.abc import Callable

from book.numerics.number_types import whole
from book.optim.line_search.bracket import Bracket
from book.optim.line_search.trial import Found, Phi, Trial, at, check_downhill, check_first, check_shares
from book.optim.ranges import at_least_zero

LONGEST = 2.0**50  # a line that still falls at so many times the first step is said to fall for ever


def strong_wolfe(
    phi: Phi,
    start: Trial,
    first: float = 1.0,
    c1: float = 1e-4,
    c2: float = 0.9,
    max_eval: int = 30,
    eps: float = 2.0**-52,
) -> Found:
    """A step with φ(η) ≤ φ(0) + c1 η φ′(0) and |φ′(η)| ≤ c2 |φ′(0)|.

    The step grows while φ falls steeply. The first step that is too high, or beyond a minimum, closes a
    bracket; each trial in it is a guess by cubic, parabola or secant, kept away from the ends. A trial that
    is inf or nan is too high. Where values differ by rounding alone, the slopes decide, as in Hager and
    Zhang's approximate condition; where not even the slope promises more than rounding, the search ends.

    Args:
        phi: from η to φ(η) and φ′(η).
        start: the trial at 0.
        first: the first step that is tried.
        c1: the share of the promised drop that is asked for.
        c2: the share of the slope that may be left, above c1 and below 1.
        max_eval: at most so many trials.
        eps: machine epsilon of the dtype in which φ is computed.

    Raises:
        TypeError: φ does not return two numbers, the start is no `Trial`, or an option no number.
        ValueError: φ does not fall at 0, its start is not finite, `first` is not above 0 and finite,
            0 < c1 < c2 < 1 does not hold, `max_eval` is below 1, or `eps` below 0.

    Source:
        Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, section 3.5; Moré and Thuente, "Line
        search algorithms with guaranteed sufficient decrease", ACM Transactions on Mathematical Software,
        1994, for the guesses; Hager and Zhang, "A new conjugate gradient method with guaranteed descent and
        an efficient line search", SIAM Journal on Optimization, 2005, for the condition under rounding.

    Examples:
        >>> phi = lambda step: ((step - 3) ** 2, 2 * (step - 3))
        >>> strong_wolfe(phi, Trial(0.0, 9.0, -6.0), c2=0.1)
        Found(trial=Trial(length=3.0, value=0.0, slope=0.0), evaluations=2, reason='wolfe')
    """
    check_downhill(start, "strong_wolfe")
    first, (c1, c2) = check_first(first, "strong_wolfe"), check_shares(c1, c2)
    max_eval, eps = whole("max_eval", max_eval, least=1), at_least_zero("eps", eps)
    noise = 4 * eps * abs(start.value)
    judge, bracket, length, seen = _judge(start, c1, c2, noise), Bracket(start), first, []
    while len(seen) < max_eval and not bracket.narrow:
        trial = at(phi, length)
        seen.append(trial)
        if trial.value == -math.inf or (length >= LONGEST * first and trial.value < start.value):
            return Found(_lowest(start, seen), len(seen), "unbounded")
        verdict = judge(trial)
        if verdict in ("wolfe", "rounding"):
            return Found(trial, len(seen), verdict)
        if verdict == "high" and -start.slope * length <= noise:  # no shorter step shows in the values
            break
        length = bracket.take(trial, too_high=verdict == "high")
    best = _lowest(start, seen)
    return Found(best, len(seen), "none" if best is start else "lower")


def _judge(start: Trial, c1: float, c2: float, noise: float) -> Callable[[Trial], str]:
    """What is said of a trial: "wolfe", "rounding", "high", or "steep"."""

    def judge(trial: Trial) -> str:
        if not trial.finite:
            return "high"
        flat = abs(trial.slope) <= -c2 * start.slope
        if trial.value <= start.value + c1 * trial.length * start.slope:
            return "wolfe" if flat else "steep"
        promised = (2 * c1 - 1) * start.slope
        if flat and abs(trial.value - start.value) <= noise and trial.slope <= promised:
            return "rounding"
        return "high"

    return judge


def _lowest(start: Trial, seen: list[Trial]) -> Trial:
    return min((start, *(trial for trial in seen if trial.finite)), key=lambda trial: trial.value)
