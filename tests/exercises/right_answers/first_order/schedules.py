"""Other right answers to the exercises of *Learning-rate schedules*, by kind."""

from fractions import Fraction
from functools import partial

import numpy as np
import torch


def by_clamp(total_steps, warmup, cooldown):
    ramps = torch.tensor([warmup, cooldown], dtype=torch.float64)
    return lambda t: (torch.tensor([t + 1, total_steps - t]) / ramps).min().clamp(0, 1)


def by_interpolation(total_steps, warmup, cooldown):
    """A table of all factors, which numpy looks up."""
    t = np.arange(total_steps + 1)
    table = np.clip(np.minimum((t + 1) / warmup, (total_steps - t) / cooldown), 0, 1)
    return lambda step: np.interp(step, t, table)


class Trapezoid:
    def __init__(self, total, warmup, cooldown):
        self.total, self.warmup, self.cooldown = total, warmup, cooldown

    def __call__(self, step):
        if step >= self.total:
            return 0
        return min(1, Fraction(step + 1, self.warmup), Fraction(self.total - step, self.cooldown))


def lowest(n, up, down, t):
    return max(0.0, sorted([1.0, (t + 1) / up, (n - t) / down])[0])


def by_partial(total_steps, warmup, cooldown):
    return partial(lowest, total_steps, warmup, cooldown)


RIGHT_ANSWERS = {
    "3-first-order/trapezoid": {
        "torch": by_clamp,
        "numpy": by_interpolation,
        "object": Trapezoid,
        "python": by_partial,
    },
}
