"""Other right answers to the exercises of *Second order in practice*, by kind."""

import numpy as np
import torch


def by_loops(curves, budget):
    best, lowest = None, float("inf")
    for name, (seconds, losses) in curves.items():
        here, spent = losses[0], 0.0
        for loss in losses[1:]:
            spent += seconds
            if spent > budget:
                break
            here = loss
        if here < lowest:
            best, lowest = name, here
    return best


def by_numpy(curves, budget):
    ends = {}
    for name, (seconds, losses) in curves.items():
        times = seconds * np.arange(len(losses))
        ends[name] = losses[np.searchsorted(times, budget, side="right") - 1]
    return list(ends)[int(np.argmin(list(ends.values())))]


def by_torch(curves, budget):
    names = list(curves)
    ends = [
        torch.tensor(losses)[torch.arange(len(losses)) * seconds <= budget][-1]
        for seconds, losses in curves.values()
    ]
    return names[int(torch.stack(ends).argmin())]


RIGHT_ANSWERS = {"4-second-order/who-is-ahead": {"python": by_loops, "numpy": by_numpy, "torch": by_torch}}
