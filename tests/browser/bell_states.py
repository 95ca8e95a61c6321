"""Bells for the natural step, and what the library and torch say of them."""

import itertools
import math
import random

import torch
from torch.distributions import Normal, kl_divergence

from book.calculus import hessian
from book.explorers.natural_step.widget import DEFAULTS, LIMITS, TABLE
from book.numerics.vector import f64
from book.optim.natural_gradient import natural_direction

WALK = TABLE["walk"]
TO_BELL = {  # (μ, σ) of the parameters, and back
    "sigma": (lambda ω: ω, lambda bell: bell),
    "log sigma": (
        lambda ω: torch.stack([ω[0], ω[1].exp()]),
        lambda bell: torch.stack([bell[0], bell[1].log()]),
    ),
    "precision": (
        lambda ω: torch.stack([ω[0], ω[1] ** -0.5]),
        lambda bell: torch.stack([bell[0], bell[1] ** -2]),
    ),
}
DATA = Normal(f64(0), f64(1))


def states() -> list[dict]:
    draw = random.Random(3)
    models = [DEFAULTS["model"], [0, 1], [0, 2], [0.75, 1.25], [0.1, 1], [0, 0.6]]
    models += [list(corner) for corner in itertools.product(*LIMITS["model"])]
    for _ in range(30):
        models.append([draw.uniform(*limits) for limits in LIMITS["model"]])
    deltas = itertools.cycle([0.05, 0.2, 0.001, 0.01])
    return [
        {"parameters": name, "model": model, "divergence": divergence}
        for model, divergence in zip(models, deltas, strict=False)
        for name in TO_BELL
    ]


def bell(model) -> Normal:
    return Normal(model[0], model[1])


def loss(model) -> torch.Tensor:
    return kl_divergence(DATA, bell(model)).squeeze()


def gradient(name, ω) -> torch.Tensor:
    return torch.func.grad(lambda ω: loss(TO_BELL[name][0](ω)))(ω)


def fisher(name, ω) -> torch.Tensor:
    """The curvature of the divergence from the model itself."""
    to_bell, _ = TO_BELL[name]
    here = bell(to_bell(ω))
    return hessian(lambda other: kl_divergence(here, bell(to_bell(other))), ω)


def directions(name, ω) -> dict[str, torch.Tensor]:
    g, F = gradient(name, ω), fisher(name, ω)
    return {"plain": -g, "natural": natural_direction(F, g)}


def walk(name, model, kind) -> list[list[float]]:
    to_bell, to_parameters = TO_BELL[name]
    path = [f64(*model)]
    while len(path) <= WALK["steps"]:
        ω = to_parameters(path[-1])
        F, d = fisher(name, ω), WALK["lr"] * directions(name, ω)[kind]
        size = (d @ F @ d / 2).item()
        if size > WALK["longest"]:
            d = d * math.sqrt(WALK["longest"] / size)
        path.append(to_bell(ω + d))
    return torch.stack(path).tolist()
