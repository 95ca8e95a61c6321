"""States of the error by eigenvalue, and what the library says is drawn in each."""

import math
import random
from functools import cache
from itertools import product

import torch

from book.optim.heavy_ball import best, rate, regime
from book.optim.noisy_ball import expected_squares, hovering_square

COUNT, SAME, BEYOND = 12, 1e-6, 1e6
BESIDE = ("best", "same", "effective")
TELLING = [
    (2.0, 0.0, 10),
    (3.0, 0.5, 10, 0.1),
    (4.0, 0.0, 300, 0.5, "effective", 500),
    (1.0, 0.0, 10, 0.0, "same"),
    (2.0, 0.5, 10, 0.001, "same", 0),
    (1.9, 0.99, 40, 0.0, "effective"),
    (3.9, 0.99, 300, 0.01),
    (1.0, 0.0, 10),
]


def state_of(lr, momentum, kappa, noise=0.0, beside="best", t=20) -> dict:
    given = {"lr": lr, "momentum": momentum, "kappa": kappa, "noise": noise}
    return given | {"beside": beside, "scale": "loss", "t": t}


def states() -> list[dict]:
    draw = random.Random(5)
    found = [state_of(*best(1 / κ, 1.0), κ, σ) for κ in (2, 9, 100, 300) for σ in (0, 0.1)]
    found += [state_of(*given) for given in TELLING]
    for momentum in (0.0, 0.0, 0.2, 0.5, 0.7, 0.9, 0.99):
        kappa = draw.choice([2, 10.5, 30, 100])
        balanced, limit = 2 * (1 + momentum) * kappa / (1 + kappa), 2 * (1 + momentum)
        rates = [balanced, 0.3 * balanced + 0.7 * limit, *(draw.uniform(0.02, most) for most in (4, 2, 1))]
        for lr, noise in product(rates, (0, 10 ** draw.uniform(-4, -0.4))):
            found.append(state_of(lr, momentum, kappa, noise, draw.choice(BESIDE), draw.randrange(501)))
    return [given | {"lr": min(4.0, given["lr"])} for given in found]


def curvatures_of(kappa: float) -> list[float]:
    return [kappa ** (i / (COUNT - 1) - 1) for i in range(COUNT)]


def steps_of(kappa: float) -> int:
    return next((n for n in (20, 30, 50, 70, 100, 150, 200, 300, 500) if n >= 1.5 * kappa), 500)


def rate_of_descent(lr: float, momentum: float, kappa: float, beside: str) -> float:
    return {"best": 2 * kappa / (1 + kappa), "same": lr, "effective": lr / (1 - momentum)}[beside]


@cache
def run_of(lr: float, momentum: float, kappa: float, noise: float) -> dict:
    """What is drawn of a method, from the library: each curvature starts with a twelfth of a loss of 1."""
    steps, sums = steps_of(kappa), {}
    starts = {"left": (0.0, 1.0), "brought": (noise, 0.0), "both": (noise, 1.0)}
    for name, (sigma, size) in starts.items():
        sums[name] = torch.stack(
            [
                λ / 2 * expected_squares(lr, momentum, λ, sigma, steps, size * math.sqrt(2 / (COUNT * λ)))
                for λ in curvatures_of(kappa)
            ]
        )
    losses = sums["both"].sum(dim=0)
    beyond = next((t for t, loss in enumerate(losses.tolist()) if not loss <= BEYOND), None)
    left, brought = (sums[name].sum(dim=0)[:beyond] for name in ("left", "brought"))
    ended = beyond is not None
    return {
        "parts": sums["both"][:, :beyond],
        "losses": losses[:beyond],
        "transient": left,
        "fluctuation": brought,
        "factors": [rate(lr, momentum, λ) for λ in curvatures_of(kappa)],
        "floor": sum(λ / 2 * hovering_square(lr, momentum, λ, noise) for λ in curvatures_of(kappa)),
        "small": None if ended else first_of_all(losses <= 0.01),
        "takeover": None if ended or not noise else first_of_all(brought > left),
        "limit": limit_of(lr, momentum, kappa),
    }


def first_of_all(fine: torch.Tensor) -> int | None:
    """The first step from which on all are fine."""
    wrong = (~fine).nonzero().flatten().tolist()
    start = wrong[-1] + 1 if wrong else 0
    return start if start < len(fine) else None


def limit_of(lr: float, momentum: float, kappa: float) -> str:
    flat, steep = rate(lr, momentum, 1 / kappa), rate(lr, momentum, 1.0)
    slowest = max(flat, steep)
    if (name := regime(lr, momentum, 1.0)) in ("diverging", "marginal"):
        return name
    if slowest - math.sqrt(best(1 / kappa, 1.0)[1]) <= SAME:
        return "best"
    if slowest - math.sqrt(momentum) <= SAME:
        return "all"
    return "both" if abs(flat - steep) <= SAME else "flat" if flat > steep else "steep"


def runs_of(given: dict) -> dict[str, dict]:
    lr, momentum, kappa, noise = (given[name] for name in ("lr", "momentum", "kappa", "noise"))
    descent = rate_of_descent(lr, momentum, kappa, given["beside"])
    return {"descent": run_of(descent, 0.0, kappa, noise), "yours": run_of(lr, momentum, kappa, noise)}
