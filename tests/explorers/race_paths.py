"""The numbers of a race by the library: what the browser's are held against."""

import math
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import NamedTuple

import torch
from torch import Tensor

from book.explorers.race.settings import GROUNDS, RACE, Settings
from book.explorers.shared.ground import MOST_STEPS, picture
from book.explorers.shared.tables import SECOND
from book.optim.line_search.unbounded import Unbounded
from book.optim.methods import METHODS
from book.optim.second_order import SECOND_ORDER
from book.surfaces import SURFACES, Surface
from tests.explorers.noise import normals

REACH = 10  # half pictures from the middle, beyond which a path is not followed


class Run(NamedTuple):
    """A path (k + 1, 2), its losses, the first step at the goal, and the step at which it has diverged."""

    path: Tensor
    losses: list[float]
    first: int | None
    gone: int | None


def race(
    surface: str,
    start,
    methods: dict[str, Settings],
    noise: bool,
    seed: int,
    goal: float,
    factor: float = 1,
    steps: int = MOST_STEPS,
) -> dict[str, Run]:
    """Name → Run, over so many steps of the library's methods; all of them see the same noise.

    Args:
        factor: what the slopes are multiplied by; near 1, it shows what a path makes of rounding errors.
    """
    f, x = SURFACES[surface], torch.tensor(start, dtype=torch.float64)
    deviation = GROUNDS[surface]["noise"] if noise else 0
    found = {}
    for name, settings in methods.items():
        fixed = RACE["second"][name]["fixed"] if name in SECOND else {}
        method = SECOND_ORDER[name].make if name in SECOND else METHODS[name].make
        go = search if name in SECOND else walk
        moved = f if factor == 1 else lambda x: factor * f(x)
        noises = islice(errors(deviation, seed, len(start)), steps)
        path = go(partial(method, **settings, **fixed), moved, x, noises)
        path = within_reach(path, f)
        losses = f(path).tolist()
        out = f.minima and len(path) <= steps and far(path[-1:], f).item() > 1
        first = next((k for k, loss in enumerate(losses) if loss <= goal), None)
        found[name] = Run(path, losses, first, len(path) - 1 if out else None)
    return found


def walk(make: Callable, f: Callable[[Tensor], Tensor], start: Tensor, errors: Iterable[Tensor]) -> Tensor:
    """The points of `book.optim.trajectory`, a step for each error, by a cheaper gradient.

    Examples:
        >>> make = lambda p: torch.optim.SGD(p, lr=0.25)
        >>> walk(make, lambda x: x.square().sum(), torch.tensor([1.0, -2.0]), [torch.zeros(2)] * 2)
        tensor([[ 1.0000, -2.0000],
                [ 0.5000, -1.0000],
                [ 0.2500, -0.5000]])
    """
    x = torch.nn.Parameter(start.clone())
    optimizer, path = make([x]), [start]
    for error in errors:
        x.grad = torch.autograd.grad(f(x), x)[0] + error
        if not x.grad.isfinite().all():
            break
        optimizer.step()
        path.append(x.detach().clone())
    return torch.stack(path)


def search(make: Callable, f: Callable[[Tensor], Tensor], start: Tensor, errors: Iterable[Tensor]) -> Tensor:
    """The points of a method that asks for the loss itself, a step for each error, which holds for all of it.

    Examples:
        >>> from book.optim import Newton
        >>> start = torch.tensor([1.0, -2.0], dtype=torch.float64)
        >>> path = search(Newton, lambda x: x.square().sum(), start, [torch.zeros(2).double()] * 2)
        >>> path[0].tolist(), path[1:].abs().max().item() < 1e-12
        ([1.0, -2.0], True)
    """
    x = torch.nn.Parameter(start.clone())
    optimizer, path, rests = make([x]), [start], False
    for error in errors:
        if rests and not error.any():  # it would ask for the same gradient again, and stay
            path.append(path[-1])
            continue
        tried = []

        def loss(error=error, tried=tried):
            value = f(x) + error @ x
            tried.append((value.item(), x.detach().clone()))
            return value

        try:
            optimizer.step(loss)
        except Unbounded:  # the farthest point of the line that falls for ever
            path.append(min((one for one in tried if math.isfinite(one[0])), key=lambda one: one[0])[1])
            break
        except (FloatingPointError, ValueError):  # far out
            break
        path.append(x.detach().clone())
        rests = optimizer.status == "gradient" and not error.any() and torch.equal(path[-1], path[-2])
    return torch.stack(path)


def errors(deviation: float, seed: int, n: int) -> Iterable[Tensor]:
    draw = normals(seed)
    for _ in range(MOST_STEPS):
        yield torch.tensor([deviation and deviation * z for z in islice(draw, n)], dtype=torch.float64)


def within_reach(path: Tensor, f: Surface) -> Tensor:
    gone = (far(path, f) > REACH).nonzero()
    return path[: int(gone[0]) + 1] if len(gone) else path


def far(path: Tensor, f: Surface) -> Tensor:
    """How far each point is from the middle of the picture: 1 at its edges."""
    low, high = torch.tensor(picture(f), dtype=torch.float64).T
    return ((path - (low + high) / 2).abs() / ((high - low) / 2)).amax(-1)


def to_minimum(point: Tensor, f: Surface) -> float | None:
    """The distance to the nearest minimum, None where there is none."""
    return (point - torch.tensor(f.minima, dtype=point.dtype)).norm(dim=-1).min().item() if f.minima else None
