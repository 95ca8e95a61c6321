"""Other right answers to the exercises of *AdaDelta*, by kind."""

import math

import numpy as np
import torch


def by_lerp(x, g, v, u, rho, eps_x, eps_g):
    v = torch.lerp(g.square(), v, rho)
    d = torch.sqrt((u + eps_x) / (v + eps_g)) * g
    return [x - d, v, torch.lerp(d.square(), u, rho)]


def by_numpy(x, g, v, u, rho, eps_x, eps_g):
    x, g, v, u = (np.asarray(thing) for thing in (x, g, v, u))
    v = v + (1 - rho) * (g**2 - v)
    d = np.sqrt(u + eps_x) / np.sqrt(v + eps_g) * g
    return np.stack([x - d, v, u + (1 - rho) * (d**2 - u)])


def by_entries(x, g, v, u, rho, eps_x, eps_g):
    def entry(x, g, v, u):
        v = rho * v + (1 - rho) * g * g
        d = math.sqrt(u + eps_x) / math.sqrt(v + eps_g) * g
        return x - d, v, rho * u + (1 - rho) * d * d

    return tuple(zip(*map(entry, *(thing.tolist() for thing in (x, g, v, u))), strict=True))


RIGHT_ANSWERS = {
    "3-first-order/two-epsilons": {"torch": by_lerp, "numpy": by_numpy, "python": by_entries},
}
