"""Many descents of a surface, each at a rate of its own, walked by the library at once."""

from collections.abc import Callable, Iterator
from itertools import islice

import torch
from torch import Tensor

from book.optim import SGD, descend, trajectory
from book.surfaces import Surface
from tests.explorers.race_paths import errors


def reach(surface: Surface) -> float:
    """Ten times the box."""
    return 10 * max(abs(end) for side in surface.box for end in side)


def side_by_side(surface: Surface, rates: Tensor) -> Callable[[Tensor], Tensor]:
    """Σ ηᵢ f(xᵢ) of points one after the other: a step of rate 1 down it moves each by a rate of its own.

    A point beyond reach feels no gradient any more, and so cannot stop the others with an inf.
    """

    def f(x):
        points = x.reshape(len(rates), -1)
        near = (points.abs() <= reach(surface)).all(-1, keepdim=True)
        return rates @ surface(torch.where(near, points, 0.0))

    return f


def noise_of(surface: Surface, rates: Tensor, steps: int) -> Iterator[Tensor]:
    """What each step adds to the gradient of `side_by_side`: every path meets the same noise."""
    blurs = errors(surface.noise, 0, len(surface.start))
    return (torch.outer(rates, blur).flatten() for blur in islice(blurs, steps))


def descended(surface: Surface, starts: Tensor, lr: Tensor, steps: int) -> Tensor:
    """The library's path from each start at its rate, shape (k + 1, starts, n).

    There are fewer than `steps` steps if all the paths have come to rest or have left.
    """
    f, begin = side_by_side(surface, lr), starts.flatten()
    if surface.noise:
        noise = noise_of(surface, lr, steps)
        path = trajectory(lambda p: SGD(p, lr=1.0), f, begin, steps, noise)
    else:
        path = descend(f, begin, 1.0, steps)
    return path.unflatten(1, starts.shape)
