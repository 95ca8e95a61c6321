"""Projected gradient: a step of descent, then the nearest point that is allowed."""

from collections.abc import Callable

import torch
from torch import Tensor

from book.calculus import gradient
from book.calculus.functions import one_output
from book.numerics.callables import OUTSIDE, ROUNDING, check_point, check_repeats, on_copies
from book.numerics.number_types import whole
from book.optim.ranges import at_least_zero

SHARE = 1e-4  # of the drop that the slope promises
HALVINGS = 60


@torch.compiler.disable(reason=OUTSIDE)
def projected_gradient(
    f: Callable[[Tensor], Tensor],
    project: Callable[[Tensor], Tensor],
    start: Tensor,
    lr: float | None = None,
    steps: int = 1000,
    tol: float = 1e-8,
) -> Tensor:
    """x ← P(x − η ∇f(x)), step after step, with P(y) the allowed point nearest to y.

    Without a rate, each step searches the bent path P(x − η g) over η (the projection arc): η begins at twice
    the last one, at 1 at first, and is halved until f falls by a ten-thousandth of gᵀ(x − P(x − η g)) or
    more. Where values differ by rounding alone, the change of the gradient decides.

    It stops where x − P(x − g) has no entry above tol: on a convex set that is 0 just where no allowed
    direction goes downhill. It also stops where the gradient is no longer finite, or no step lowers f.

    Args:
        f: takes shape (n,), returns shape ().
        project: from a point to the nearest one of a closed convex set, both of shape (n,), as those of
            `book.optim.constrained.projections`; `functools.partial` gives them their set.
        start: shape (n,); the first point of the path is its projection.
        lr: the rate η at every step, which converges below 2/L for a gradient with the Lipschitz constant L;
            None for the search.
        steps: at most so many.
        tol: the largest entry of x − P(x − g) at which to stop.

    Returns:
        The points, all of them allowed, shape (k + 1, n) after k steps.

    Raises:
        TypeError: the start is not a tensor of a float dtype; lr, steps or tol is no number, `project` no
            function.
        ValueError: f returns more than one number, or torch cannot follow it, or the search finds two values
            at the start; `project` changes the shape, or makes nan of the start; a number is out of range.

    Source:
        Goldstein, "Convex programming in Hilbert space", Bulletin of the American Mathematical Society, 1964;
        Levitin and Polyak, "Constrained minimization methods", 1966; Bertsekas, "On the
        Goldstein-Levitin-Polyak gradient projection method", IEEE Transactions on Automatic Control, 1976,
        for the search.

    Examples:
        >>> from book.optim.constrained.projections import project_ball
        >>> f = lambda x: (x - torch.tensor([3.0, 4.0])).square().sum()
        >>> projected_gradient(f, project_ball, torch.zeros(2), lr=0.25, steps=2)
        tensor([[0.0000, 0.0000],
                [0.6000, 0.8000]])
    """
    check_point(start, "projected_gradient", 1)
    tol, f, P = at_least_zero("tol", tol), one_output(f, "projected_gradient"), _shaped(project)
    rate = None if lr is None else at_least_zero("lr", lr)
    if rate is None:
        check_repeats(f, start.detach(), "projected_gradient")
    path, step = [P(start.detach())], _Arc(f, P) if rate is None else _fixed(P, rate)
    if start.isfinite().all() and not path[0].isfinite().all():
        raise ValueError("`project` makes a point that is not finite of the start; look for nan in it.")
    for _ in range(whole("steps", steps, least=0)):
        x, g = path[-1], gradient(f, path[-1]).detach()
        if not g.isfinite().all() or (x - P(x - g)).abs().max() <= tol:
            break
        following = step(x, g)
        if following is None:
            break
        path.append(following)
    return torch.stack(path)


def _fixed(P: Callable, rate: float) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda x, g: P(x - rate * g)


class _Arc:
    """The next point by halving the rate, from twice the last one on; None where no rate lowers f."""

    def __init__(self, f: Callable, P: Callable):
        self.f, self.P, self.rate = f, P, 0.5

    def __call__(self, x: Tensor, g: Tensor) -> Tensor | None:
        value = self.f(x).item()
        self.rate *= 2
        for _ in range(HALVINGS):
            target = x - self.rate * g
            if not target.isfinite().all():
                self.rate /= 2
                continue
            trial = self.P(target)
            if torch.equal(trial, x):
                break
            if _lower(self.f, x, g, value, trial, self.rate):
                return trial
            self.rate /= 2
        return None


def _lower(f: Callable, x: Tensor, g: Tensor, value: float, trial: Tensor, rate: float) -> bool:
    """Armijo's condition on the arc; where the values are equal up to rounding, by the curvature met."""
    reached, d = f(trial).item(), trial - x
    noise = ROUNDING * torch.finfo(x.dtype).eps * abs(value)
    if abs(reached - value) > noise:
        return reached <= value + SHARE * float(g @ d)
    # f falls by −(g + g₊)ᵀd / 2 and −gᵀd is at least dᵀd / η, so this suffices for the same share.
    return float((gradient(f, trial).detach() - g) @ d) <= 2 * (1 - SHARE) * float(d @ d) / rate


def _shaped(project: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    if not callable(project):
        raise TypeError(f"`project` is a function from a point to a point; got {type(project).__name__}.")

    call = on_copies(project)

    def projected(x: Tensor) -> Tensor:
        nearest = call(x)
        if not isinstance(nearest, Tensor) or nearest.shape != x.shape or nearest.is_complex():
            raise ValueError(f"`project` returns a real tensor of its argument's shape, {tuple(x.shape)}.")
        return nearest.detach().to(x)

    return projected
