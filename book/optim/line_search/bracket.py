"""The interval in which a step is looked for, and the next one to try, by Moré and Thuente's four cases."""

import math

from book.optim.line_search.interpolate import cubic_minimum, parabola_minimum, secant
from book.optim.line_search.trial import Trial

FURTHER = (1.1, 4.0)  # the next step beyond one that still falls: between these times the ground covered
TENTH = 0.1  # the share that is kept of a step whose value is not finite
MARGIN = 1e-3  # a guess keeps this share of the bracket between itself and either end
SLOW = 0.66  # a bracket that keeps more than this share over two trials is halved
NARROW = 1e-15  # a bracket narrower than this share of its upper end holds no further step


class Bracket:
    """`low`, the lowest trial that is low enough, and `high`, on the side to which φ falls from there.

    Args:
        start: the trial at 0. Until a trial is too high, or beyond a minimum, there is no `high`.

    Source:
        Moré and Thuente, "Line search algorithms with guaranteed sufficient decrease", ACM Transactions on
        Mathematical Software, 1994, section 4.

    Examples:
        >>> bracket = Bracket(Trial(0.0, 9.0, -6.0))
        >>> bracket.take(Trial(5.0, 4.0, 4.0), too_high=False)
        3.0
    """

    def __init__(self, start: Trial):
        self.low = start
        self.high: Trial | None = None
        self._widths = (math.inf, math.inf)

    @property
    def width(self) -> float:
        """How far apart the ends are."""
        return math.inf if self.high is None else abs(self.high.length - self.low.length)

    @property
    def narrow(self) -> bool:
        """Whether no number is left between the ends that would make a difference."""
        return self.high is not None and self.width <= NARROW * max(self.high.length, self.low.length)

    def take(self, trial: Trial, too_high: bool) -> float:
        """Let a trial replace an end, and say which step to try next."""
        low, high = self.low, self.high
        if too_high or trial.value > low.value:
            guess, self.high = before_a_rise(low, trial), trial
        elif trial.slope * low.slope < 0:
            guess, self.low, self.high = around_a_minimum(low, trial), trial, low
        elif high is None:
            guess, self.low = beyond(low, trial), trial
        else:
            guess, self.low = towards(low, trial, high), trial
        return guess if self.high is None else self._inside(guess, self.low.length, self.high.length)

    def _inside(self, guess: float, one: float, other: float) -> float:
        """The middle, where the bracket shrinks too slowly; else the guess, a little away from the ends."""
        before, self._widths = self._widths[0], (self._widths[1], self.width)
        if self.width >= SLOW * before or math.isnan(guess):
            return (one + other) / 2
        left, right = sorted((one, other))
        return min(max(guess, left + MARGIN * self.width), right - MARGIN * self.width)


def before_a_rise(low: Trial, trial: Trial) -> float:
    """φ is higher at the trial: the cubic, or its mean with the parabola where that is nearer to `low`.

    Examples:
        >>> before_a_rise(Trial(0.0, 4.0, -4.0), Trial(5.0, 9.0, 6.0))
        2.0
    """
    if not trial.finite:
        return low.length + TENTH * (trial.length - low.length)
    cubic, parabola = cubic_minimum(low, trial), parabola_minimum(low, trial)
    nearer = abs(cubic - low.length) <= abs(parabola - low.length)
    return cubic if nearer else (cubic + parabola) / 2


def around_a_minimum(low: Trial, trial: Trial) -> float:
    """φ is lower and rises again: of cubic and secant, the one that is farther from the trial.

    Examples:
        >>> around_a_minimum(Trial(0.0, 4.0, -4.0), Trial(3.0, 1.0, 2.0))
        2.0
    """
    return max(cubic_minimum(low, trial), secant(low, trial), key=lambda guess: abs(guess - trial.length))


def beyond(low: Trial, trial: Trial) -> float:
    """φ still falls and nothing is known ahead: the farther of cubic and secant, within limits.

    Examples:
        >>> beyond(Trial(0.0, 4.0, -4.0), Trial(1.0, 1.0, -2.0)), beyond(Trial(0.0, 4.0, -4.0), Trial(1.0, 0.0, -4.0))
        (2.0, 5.0)
    """  # noqa: E501
    ground = trial.length - low.length
    near, far = (trial.length + times * ground for times in FURTHER)
    if abs(trial.slope) >= abs(low.slope):
        return far
    cubic = cubic_minimum(low, trial)
    guess = max(secant(low, trial), cubic if cubic > trial.length else far)
    return min(guess if low.length == 0 else max(guess, near), far)


def towards(low: Trial, trial: Trial, high: Trial) -> float:
    """φ still falls towards an end that is known: the nearer of cubic and secant, or the cubic to that end.

    Examples:
        >>> towards(Trial(0.0, 4.0, -4.0), Trial(1.0, 1.0, -2.0), Trial(4.0, 4.0, 4.0))
        2.0
    """
    if abs(trial.slope) >= abs(low.slope):
        return cubic_minimum(trial, high) if high.finite else (trial.length + high.length) / 2
    side = math.copysign(1.0, high.length - trial.length)
    guesses = [side * (guess - trial.length) for guess in (cubic_minimum(low, trial), secant(low, trial))]
    ahead = [guess for guess in guesses if guess > 0]
    return trial.length + side * min([*ahead, SLOW * abs(high.length - trial.length)])
