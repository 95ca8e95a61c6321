"""The methods of `book.optim`, as `book.bench.minimizers` runs them."""

from collections.abc import Callable
from functools import partial

import torch

from book import optim
from book.bench.watched import Run, Watched

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


OURS = {
    name: partial(ours, getattr(optim, name), of_residuals=name in RESIDUALS)
    for name in NAMES
    if hasattr(optim, name)
}
