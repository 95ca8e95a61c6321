"""Other right answers to the exercises of *Constraints*, by kind."""

import numpy as np
import torch
from scipy.optimize import brentq


def by_torch(x, radius):
    u = x.abs().sort(descending=True).values
    theta = ((u.cumsum(0) - radius) / torch.arange(1, len(u) + 1)).max().clamp(min=0)
    return x - x.clamp(-theta, theta)


def by_numpy(x, radius):
    sizes, low, high = np.abs(np.asarray(x)), 0.0, float(np.abs(np.asarray(x)).max())
    if sizes.sum() <= radius:
        return np.asarray(x)
    for _ in range(200):
        theta = (low + high) / 2
        low, high = (theta, high) if np.maximum(sizes - theta, 0).sum() > radius else (low, theta)
    return np.sign(np.asarray(x)) * np.maximum(sizes - theta, 0)


def by_python(x, radius):
    entries = [float(entry) for entry in x]
    kept = {i for i, entry in enumerate(entries) if entry}
    if sum(map(abs, entries)) <= radius:
        return entries
    while True:
        theta = (sum(abs(entries[i]) for i in kept) - radius) / len(kept)
        small = {i for i in kept if abs(entries[i]) <= theta}
        if not small:
            break
        kept -= small
    return [entry - theta * (1 if entry > 0 else -1) if i in kept else 0.0 for i, entry in enumerate(entries)]


def by_library(x, radius):
    sizes = np.abs(np.asarray(x))
    if sizes.sum() <= radius:
        return x
    theta = brentq(lambda t: np.maximum(sizes - t, 0).sum() - radius, 0, sizes.max(), xtol=1e-15)
    return torch.from_numpy(np.sign(np.asarray(x)) * np.maximum(sizes - theta, 0))


RIGHT_ANSWERS = {
    "4-second-order/sum-of-sizes": {
        "torch": by_torch,
        "numpy": by_numpy,
        "python": by_python,
        "library": by_library,
    },
}
