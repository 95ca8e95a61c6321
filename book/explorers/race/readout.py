"""What the race shows: the path of each method by the library, and the strings that tell who is where."""

from collections.abc import Callable, Iterable
from itertools import islice

import torch
from torch import Tensor

from book.explorers.descent_on_a_surface.widget import MOST_STEPS, distance, within_reach
from book.explorers.shared.figures import plain, tidy
from book.explorers.shared.noise import normals
from book.optim import SGD, AdaDelta, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp, trajectory
from book.surfaces import SURFACES, Point, Surface

DIGITS = 3
LEAST = 1e-9  # a loss or a distance below it is as good as 0: rounding errors show there
METHODS = {
    method.__name__: method for method in (SGD, Momentum, Nesterov, AdaGrad, RMSProp, AdaDelta, Adam, AdamW)
}
OWN = {  # what a method has beside its rate, and the value it begins with
    "SGD": {},
    "Momentum": {"momentum": 0.9},
    "Nesterov": {"momentum": 0.9},
    "AdaGrad": {},
    "RMSProp": {"alpha": 0.9},
    "AdaDelta": {"rho": 0.9},
    "Adam": {"betas": (0.9, 0.999)},
    "AdamW": {"betas": (0.9, 0.999), "weight_decay": 0.01},
}
RATES = {  # one that suits each method, in the order of `METHODS`
    "bowl, κ = 10": (0.15, 0.02, 0.03, 1, 0.05, 5, 0.2, 0.2),
    "bowl, κ = 50, turned by 30°": (0.038, 0.01, 0.015, 0.5, 0.02, 5, 0.1, 0.1),
    "Rosenbrock": (0.0015, 0.001, 0.001, 0.5, 0.05, 20, 0.2, 0.2),
    "Beale": (0.02, 0.01, 0.01, 0.5, 0.05, 20, 0.2, 0.2),
    "Himmelblau": (0.01, 0.005, 0.005, 1, 0.1, 20, 0.3, 0.3),
    "saddle": (0.1, 0.02, 0.02, 0.1, 0.02, 5, 0.1, 0.1),
    "monkey saddle": (0.05, 0.01, 0.01, 0.1, 0.02, 5, 0.05, 0.05),
    "plateau": (0.5, 0.2, 0.2, 0.5, 0.1, 10, 0.3, 0.3),
}
GOALS = {
    "bowl, κ = 10": 0.001,
    "bowl, κ = 50, turned by 30°": 0.001,
    "Rosenbrock": 0.1,
    "Beale": 0.01,
    "Himmelblau": 0.01,
    "saddle": -1,
    "monkey saddle": -1,
    "plateau": 0.01,
}
NOISE = {  # the standard deviation of each entry of the gradient, when the noise is on
    "bowl, κ = 10": 1,
    "bowl, κ = 50, turned by 30°": 2,
    "Rosenbrock": 5,
    "Beale": 1,
    "Himmelblau": 10,
    "saddle": 0.3,
    "monkey saddle": 0.3,
    "plateau": 0.2,
}

Settings = dict[str, float | tuple[float, float]]


def settings_on(surface: str, method: str) -> Settings:
    """Return the settings with which a method begins on a surface.

    Examples:
        >>> settings_on("Beale", "Momentum")
        {'lr': 0.01, 'momentum': 0.9}
    """
    return {"lr": float(RATES[surface][list(METHODS).index(method)]), **OWN[method]}


def race(
    surface: str, start: Point, methods: dict[str, Settings], noise: bool, seed: int
) -> dict[str, Tensor]:
    """Return the path of each method over 200 steps, by `book.optim.trajectory`; all see the same noise.

    A path ends where it is ten times the picture away from its middle.

    Examples:
        >>> paths = race("bowl, κ = 10", (2, 1), {"SGD": {"lr": 0.1}, "Adam": {"lr": 0.5}}, False, 0)
        >>> {name: [round(entry, 6) for entry in path[1].tolist()] for name, path in paths.items()}
        {'SGD': [1.8, 0.0], 'Adam': [1.5, 0.5]}
    """
    f, x = SURFACES[surface], torch.tensor(start, dtype=torch.float64)
    return {
        name: within_reach(
            trajectory(lambda p, name=name: METHODS[name](p, **methods[name]), f, x, MOST_STEPS, error), f
        )
        for name in methods
        for error in [_errors(NOISE[surface] if noise else 0, seed, len(start))]
    }


def _errors(deviation: float, seed: int, n: int) -> Iterable[Tensor]:
    draw = normals(seed)
    for _ in range(MOST_STEPS):
        yield torch.tensor([deviation and deviation * z for z in islice(draw, n)], dtype=torch.float64)


def readout(
    surface: str,
    start: Point,
    methods: dict[str, Settings],
    noise: bool,
    seed: int,
    steps: int,
    goal: float,
) -> dict[str, str]:
    """Return every string of the explorer's table and its sentence.

    Args:
        surface: one of the names of `RATES`.
        start: two numbers.
        methods: name → settings.
        noise, seed: whether the gradients are noisy, and by which numbers.
        steps: how many are taken, at most 200.
        goal: the loss to reach.

    Returns:
        `loss_NAME`, `distance_NAME` (to the nearest minimum) and `reached_NAME` for each method; `story`.

    Examples:
        >>> shown = readout("bowl, κ = 10", (2, 1), {"SGD": {"lr": 0.15}}, False, 0, 24, 0.001)
        >>> shown["loss_SGD"], shown["distance_SGD"], shown["reached_SGD"]
        ('8.19·10^-4', '0.0405', '24')
    """
    f = SURFACES[surface]
    paths = race(surface, start, methods, noise, seed)
    losses = {name: f(path).tolist() for name, path in paths.items()}
    gone = {name: _gone(path, f) for name, path in paths.items()}
    first = {
        name: next((k for k, loss in enumerate(row) if loss <= goal), None) for name, row in losses.items()
    }
    now = {name: _floored(row[min(steps, len(row) - 1)], f) for name, row in losses.items()}
    shown = {}
    for name, path in paths.items():
        shown[f"loss_{name}"] = _amount(tidy, now[name], f)
        shown[f"distance_{name}"] = _to_minimum(path[min(steps, len(path) - 1)], f)
        shown[f"reached_{name}"] = _reached(first[name], gone[name])
    return shown | {"story": _story(f, losses, now, first, gone, goal, noise, steps)}


def _gone(path: Tensor, f: Surface) -> int | None:
    """At which step a path has diverged: left the picture where there is a minimum to stay at."""
    out = distance(path[-1:], f).item() > 1 and len(path) <= MOST_STEPS
    return len(path) - 1 if out and f.minima else None


def _to_minimum(point: Tensor, f: Surface) -> str:
    if not f.minima:
        return "–"
    nearest = (point - torch.tensor(f.minima, dtype=point.dtype)).norm(dim=-1).min().item()
    return _amount(tidy, _floored(nearest, f), f)


def _floored(value: float, f: Surface) -> float:
    return max(value, LEAST) if f.minima else value


def _amount(write: Callable, value: float, f: Surface) -> str:
    return "<10^-9" if f.minima and value == LEAST else write(value, DIGITS)


def _reached(first: int | None, gone: int | None) -> str:
    if gone is not None:
        return f"diverged at {gone}"
    return f"not in {MOST_STEPS}" if first is None else str(first)


def _story(
    f: Surface, losses: dict, now: dict, first: dict, gone: dict, goal, noise: bool, steps: int
) -> str:
    same = ["Every method meets the same noise."] if noise and len(now) > 1 else []
    return " ".join([_lead(f, now, gone, steps), _winner(losses, first, gone, goal), *_lost(gone), *same])


def _lead(f: Surface, now: dict, gone: dict, steps: int) -> str:
    if steps == 0:
        return f"All stand at the start, at a loss of {_amount(plain, next(iter(now.values())), f)}."
    running = {name: loss for name, loss in now.items() if gone[name] is None or steps < gone[name]}
    after = f"After {steps} {'step' if steps == 1 else 'steps'}"
    if not running:
        return f"{after} none is left."
    best = min(running.values())
    leaders = [name for name, loss in running.items() if loss == best]
    lowest = "lowest, " if len(now) > 1 else ""
    be = "is" if len(leaders) == 1 else "are"
    return f"{after} {_names(leaders)} {be} {lowest}at {_amount(plain, best, f)}."


def _winner(losses: dict, first: dict, gone: dict, goal: float) -> str:
    reached = {name: k for name, k in first.items() if k is not None and gone[name] is None}
    if not reached:
        who = "None reaches" if len(first) > 1 else "It does not reach"
        return f"{who} {plain(goal)} in {MOST_STEPS} steps."
    k = min(reached.values())
    winners = [name for name in reached if reached[name] == k]
    who = f"First at {plain(goal)}" if len(first) > 1 else f"At {plain(goal)}"
    again = len(winners) == 1 and any(loss > goal for loss in losses[winners[0]][k:])
    back = ", and above it again later" if again else ""
    return f"{who}: {_names(winners)}, in {k} {'step' if k == 1 else 'steps'}{back}."


def _lost(gone: dict) -> list[str]:
    lost = [name for name, k in gone.items() if k is not None]
    return (
        [f"{_names(lost)} {'diverges' if len(lost) == 1 else 'diverge'}: too large a rate here."]
        if lost
        else []
    )


def _names(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
