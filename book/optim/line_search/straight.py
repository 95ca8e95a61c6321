"""A line along which a search saw nothing but a slope: where to look next, in the loss's own units."""

import math

from torch import Tensor

from book.numerics.vector import length
from book.optim.line_search.trial import Found, Trial

STRAIGHT = 0.99  # a slope that keeps this share of the first, or more, is no sign of a minimum
NEAR = 1e-3  # a step below this share of x's length is a matter of digits, not of units


def longer(found: Found, start: Trial, last: Trial, x: Tensor, d: Tensor) -> float | None:
    """A first step for another search, where all trials of the last were too short to tell anything.

    A straight line with the slope φ′(0) falls by |φ(0)| on a step of |φ(0) / φ′(0)|, whatever the units are.
    Where φ still falls on a shorter one, it has not fallen by its own size, and is not yet said to fall for
    ever. Where no trial is lower and the slope is still the first, the loss's digits are too coarse to show
    so small a fall; then that step is tried too, or one as long as x if that is shorter; but not if it is
    short beside x, where the method is near its end.

    Args:
        found: what the search ended with.
        start: the trial at 0.
        last: the longest trial.
        x, d: where the line begins, and its direction, shape (n,).

    Returns:
        A step longer than the longest trial; None where no other search is called for.

    Source:
        Hager and Zhang, "Algorithm 851: CG_DESCENT, a conjugate gradient method with guaranteed descent", ACM
        Transactions on Mathematical Software, 2006: the units of its first trial.

    Examples:
        >>> import torch
        >>> start, last = Trial(0.0, 1e-20, -1e-40), Trial(1e16, 0.999e-20, -1e-40)
        >>> longer(Found(last, 26, "unbounded"), start, last, torch.zeros(1), torch.ones(1))
        1e+20
        >>> longer(Found(last, 26, "wolfe"), start, last, torch.zeros(1), torch.ones(1))
    """
    straight = last.finite and last.slope <= STRAIGHT * start.slope
    if found.reason != "unbounded" and not (found.reason == "none" and straight):
        return None
    step = abs(start.value / start.slope)
    room = (length(x.double()) / length(d.double())).item()
    if found.reason == "none" and room > 0:
        step = min(step, room) if step >= NEAR * room else 0.0
    return step if last.length < step < math.inf else None
