"""The methods of `book.optim`, as `book.bench.minimizers` runs them."""

from collections.abc import Callable
from functools import partial

import torch

from book import optim
from book.bench.watched import Run, Watched
from book.optim.full_batch import Point

LIMITS = {"max_iter": 3000, "tolerance_grad": 1e-8, "tolerance_change": 0.0}
RESIDUALS = ("GaussNewton", "LevenbergMarquardt")  # their closures return these in place of the loss
NAMES = ("Newton", "TrustRegion", "ConjugateGradient", "NewtonCG", "BFGS", "LBFGS", *RESIDUALS)


def ours(method: Callable, watched: Watched, of_residuals: bool = False) -> Run:
    """Run one of our methods from the standard start in one step."""
    x = torch.nn.Parameter(watched.entry.at_start())
    optimizer = method([x], **LIMITS)
    optimizer.step(lambda: watched.residuals(x) if of_residuals else watched.loss(x))
    watched.products = optimizer.memory.get("products", 0)
    return Run(optimizer.memory.get("step", 0), optimizer.status)


class ScipysChoices(optim.BFGS):
    """BFGS as a control: scipy's first matrix, I, and its first trial, by the last fall of f.

    Where its count is scipy's and that of `BFGS` is not, these two choices make the difference.
    """

    def direction(self, here: Point) -> torch.Tensor:
        """−B g."""
        self._value = here.value
        return super().direction(here)

    def observe(self, s: torch.Tensor, y: torch.Tensor) -> None:
        """Update B, which begins as I."""
        self.memory.setdefault("inverse", torch.eye(len(s)).to(s))
        self.memory["before"] = self._value
        super().observe(s, y)

    def first_length(self, here: Point, d: torch.Tensor) -> float:
        """Where a parabola falls as far as f did along the last step, at most 1; at first a length of 1."""
        fall = 2 * (self.memory["before"] - here.value) if "before" in self.memory else here.gradient.norm()
        return min(1.0, 1.01 * float(fall) / -float(here.gradient @ d)) if fall > 0 else 1.0


OURS = {
    name: partial(ours, getattr(optim, name), of_residuals=name in RESIDUALS)
    for name in NAMES
    if hasattr(optim, name)
} | {"BFGS, scipy's choices": partial(ours, ScipysChoices)}
