"""Armijo's condition along any direction: the first step of a shrinking row that lowers φ by enough."""

from book.numerics.number_types import number, whole
from book.optim.line_search.trial import Found, Phi, Trial, at, check_downhill, check_first


def armijo(
    phi: Phi, start: Trial, first: float = 1.0, shrink: float = 0.5, c1: float = 1e-4, max_eval: int = 60
) -> Found:
    """The first of the steps η = first, first · shrink, … with φ(η) ≤ φ(0) + c1 η φ′(0).

    A step that gives inf or nan is refused like one that goes up.

    Args:
        phi: from η to φ(η) and φ′(η); the slope is kept and not used.
        start: the trial at 0.
        first: the longest step.
        shrink: the factor from one trial to the next, between 0 and 1.
        c1: the share of the promised drop that is asked for, between 0 and 1.
        max_eval: at most so many trials.

    Raises:
        TypeError: φ does not return two numbers, the start is no `Trial`, or an option no number.
        ValueError: φ does not fall at 0, its start is not finite, `first` is not above 0 and finite,
            shrink or c1 is not between 0 and 1, or `max_eval` is below 1.

    Source:
        Armijo, "Minimization of functions having Lipschitz continuous first partial derivatives", Pacific
        Journal of Mathematics, 1966.

    Examples:
        >>> found = armijo(lambda step: ((step - 1) ** 2, 2 * (step - 1)), Trial(0.0, 1.0, -2.0), first=4.0)
        >>> found.trial.length, found.evaluations
        (1.0, 3)
    """
    check_downhill(start, "armijo")
    first, max_eval = check_first(first, "armijo"), whole("max_eval", max_eval, least=1)
    shrink, c1 = number("shrink", shrink), number("c1", c1)
    if not (0 < shrink < 1 and 0 < c1 < 1):
        raise ValueError(f"shrink and c1 must be between 0 and 1; got {shrink} and {c1}.")
    length = first
    for count in range(1, max_eval + 1):
        trial = at(phi, length)
        if trial.finite and trial.value <= start.value + c1 * length * start.slope:
            return Found(trial, count, "armijo")
        length *= shrink
    return Found(start, max_eval, "none")
