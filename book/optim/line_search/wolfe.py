"""The strong Wolfe conditions: low enough, and flat enough. Bracketing first, then zooming in."""

import math
from collections.abc import Callable

from book.optim.line_search.interpolate import cubic_minimum, inside
from book.optim.line_search.trial import Found, Phi, Trial, at, check_downhill, check_shares

FURTHER = (1.1, 4.0)  # the next step beyond one that still falls: between these times the ground covered
NARROW = 1e-15  # a bracket narrower than this share of its upper end holds no further step
LONGEST = 2.0**100


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
    bracket; from there on each trial is the minimum of a cubic through the bracket's ends, kept away from
    them. Where values differ by rounding alone, the slopes decide, as in Hager and Zhang's approximate
    condition. A trial that is inf or nan is too high.

    Args:
        phi: from η to φ(η) and φ′(η).
        start: the trial at 0.
        first: the first step that is tried.
        c1: the share of the promised drop that is asked for.
        c2: the share of the slope that may be left, above c1 and below 1.
        max_eval: at most so many trials.
        eps: machine epsilon of the dtype in which φ is computed.

    Raises:
        ValueError: φ does not fall at 0, its start is not finite, or 0 < c1 < c2 < 1 does not hold.

    Source:
        Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, algorithms 3.5 and 3.6; Hager and
        Zhang, "A new conjugate gradient method with guaranteed descent and an efficient line search", SIAM
        Journal on Optimization, 2005, for the condition under rounding.

    Examples:
        >>> phi = lambda step: ((step - 3) ** 2, 2 * (step - 3))
        >>> strong_wolfe(phi, Trial(0.0, 9.0, -6.0), c2=0.1)
        Found(trial=Trial(length=3.0, value=0.0, slope=0.0), evaluations=2, reason='wolfe')
    """
    check_downhill(start, "strong_wolfe")
    check_shares(c1, c2)
    seen: list[Trial] = []
    judge = _judge(start, c1, c2, 4 * eps * abs(start.value))
    before, length = start, first
    while len(seen) < max_eval:
        trial = _try(phi, length, seen)
        if trial.value == -math.inf or (trial.length >= LONGEST and trial.value < before.value):
            return Found(_lowest(start, seen), len(seen), "unbounded")
        verdict = judge(trial)
        if verdict in ("wolfe", "rounding"):
            return Found(trial, len(seen), verdict)
        if verdict == "high" or trial.value >= before.value:
            return _zoom(phi, start, before, trial, judge, seen, max_eval)
        if trial.slope >= 0:
            return _zoom(phi, start, trial, before, judge, seen, max_eval)
        before, length = trial, _further(before, trial)
    return _given_up(start, seen)


def _judge(start: Trial, c1: float, c2: float, noise: float) -> Callable[[Trial], str]:
    """What is said of a trial: "wolfe", "rounding", "high", or "steep"."""

    def judge(trial: Trial) -> str:
        if not trial.finite:
            return "high"
        flat = abs(trial.slope) <= -c2 * start.slope
        if trial.value <= start.value + c1 * trial.length * start.slope:
            return "wolfe" if flat else "steep"
        promised = (2 * c1 - 1) * start.slope
        if flat and trial.value <= start.value + noise and trial.slope <= promised:
            return "rounding"
        return "high"

    return judge


def _zoom(phi, start, low, high, judge, seen, max_eval) -> Found:
    """Shrink a bracket: `low` is its lowest end that is low enough, `high` the other."""
    width = math.inf
    while len(seen) < max_eval and abs(high.length - low.length) > NARROW * max(high.length, low.length):
        halved, width = abs(high.length - low.length) <= 0.66 * width, abs(high.length - low.length)
        guess = cubic_minimum(low, high) if high.finite and halved else (low.length + high.length) / 2
        trial = _try(phi, inside(guess, low.length, high.length), seen)
        verdict = judge(trial)
        if verdict in ("wolfe", "rounding"):
            return Found(trial, len(seen), verdict)
        if verdict == "high" or trial.value >= low.value:
            high = trial
        else:
            if trial.slope * (high.length - low.length) >= 0:
                high = low
            low = trial
    return _given_up(start, seen)


def _further(before: Trial, trial: Trial) -> float:
    """The next step beyond a trial that still falls: where a cubic has its minimum, not too near nor far."""
    ground = trial.length - before.length
    near, far = (trial.length + share * ground for share in FURTHER)
    guess = cubic_minimum(before, trial)
    return min(max(guess, near), far) if guess > trial.length else far


def _try(phi: Phi, length: float, seen: list[Trial]) -> Trial:
    seen.append(at(phi, length))
    return seen[-1]


def _lowest(start: Trial, seen: list[Trial]) -> Trial:
    return min((start, *(trial for trial in seen if trial.finite)), key=lambda trial: trial.value)


def _given_up(start: Trial, seen: list[Trial]) -> Found:
    best = _lowest(start, seen)
    return Found(best, len(seen), "none" if best is start else "lower")
