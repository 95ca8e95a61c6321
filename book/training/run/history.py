"""What a run has seen: its losses, its tests and its time."""

from dataclasses import dataclass, field
from math import isfinite


@dataclass
class History:
    """What a run has seen so far. `book.figures.history.curves` draws it.

    Args:
        losses: of each step, on its batch, before the step; the last one is nan or inf where a run diverged.
        test_losses, test_accuracies: after each whole epoch; the accuracies from 0 to 1.
        seconds: that each epoch took, testing left out; a run that diverged ends in a shorter one.
        ends: how many steps had been taken at the end of each whole epoch.

    Examples:
        >>> History(losses=[2.3, 1.9]).diverged, History(losses=[2.3, float("nan")]).diverged
        (False, True)
    """

    losses: list[float] = field(default_factory=list)
    test_losses: list[float] = field(default_factory=list)
    test_accuracies: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    @property
    def diverged(self) -> bool:
        """Whether a loss became nan or inf; the run ended there."""
        return not all(map(isfinite, self.losses[-1:] + self.test_losses[-1:]))
