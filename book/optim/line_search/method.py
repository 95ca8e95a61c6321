"""LineSearch, the base of methods that choose a direction and then how far to go along it."""

from typing import ClassVar

from torch import Tensor, finfo

from book.numerics.vector import dot
from book.optim.full_batch import FullBatch, Point
from book.optim.line_search.armijo import armijo
from book.optim.line_search.straight import longer
from book.optim.line_search.trial import Found, Trial, at, check_shares
from book.optim.line_search.unbounded import WITHOUT_END, Unbounded
from book.optim.line_search.wolfe import strong_wolfe


class LineSearch(FullBatch):
    """A method that writes `direction` and, if it learns, `observe`; the search along the line is done here.

    Where a direction does not go downhill, or no step along it lowers the loss, the method forgets what it
    has learned and goes along −g once; `memory["repairs"]` counts how often. Without a search each direction
    is taken as it is.

    Args:
        params, max_iter, tolerance_grad, tolerance_change: as for `FullBatch`.
        lr: the first step that is tried, in units of the direction; without a search, the step.
        line_search_fn: "strong_wolfe", "armijo", or None for a step of `lr`.
        c1, c2: the shares of Wolfe's conditions, as in `strong_wolfe`.
        own: the method's hyperparameters.

    Raises:
        ValueError: `line_search_fn` is none of the three, or at a step the loss falls without end along a
            line.
        FloatingPointError: at a step without a search, it leads where the loss is not finite.

    Examples:
        >>> import torch
        >>> class Steepest(LineSearch):
        ...     def direction(self, here):
        ...         return -here.gradient
        >>> x = torch.nn.Parameter(torch.tensor([1.0, 1.0], dtype=torch.float64))
        >>> optimizer = Steepest([x], max_iter=100)
        >>> _ = optimizer.step(lambda: (x * x * torch.tensor([1.0, 4.0])).sum() / 2)
        >>> optimizer.status, bool(x.detach().norm() < 1e-6)
        ('gradient', True)
    """

    choices: ClassVar[dict[str, tuple]] = {"line_search_fn": ("strong_wolfe", "armijo", None)}

    def __init__(
        self,
        params,
        *,
        lr: float = 1.0,
        line_search_fn: str | None = "strong_wolfe",
        c1: float = 1e-4,
        c2: float = 0.9,
        **own,
    ):
        super().__init__(params, lr=lr, line_search_fn=line_search_fn, c1=c1, c2=c2, **own)

    def check(self, options: dict) -> dict:
        """Refuse hyperparameters that do not fit, shares out of order among them."""
        options = super().check(options)
        c1, c2 = check_shares(options["c1"], options["c2"])
        return options | {"c1": c1, "c2": c2}

    def direction(self, here: Point) -> Tensor:
        """Where to go from a point, shape (n,)."""
        raise NotImplementedError("A method writes its direction.")

    def observe(self, s: Tensor, y: Tensor) -> None:
        """Learn from a step s and the change y of the gradient along it, both of shape (n,)."""

    def forget(self) -> None:
        """Drop what was learned."""

    def first_length(self, here: Point, d: Tensor) -> float:
        """The first step that is tried along d."""
        return 1.0

    def advance(self, here: Point) -> Point:
        """Go along `direction`, or along −g where that fails."""
        d = self.direction(here)
        there = self._along(here, d)
        if there is here and not d.equal(-here.gradient):
            self.forget()
            self.count("repairs")
            there = self._along(here, -here.gradient)
        if there is not here:
            self.observe(there.x - here.x, there.gradient - here.gradient)
        return there

    def _along(self, here: Point, d: Tensor) -> Point:
        if not self._takes(here, d):
            return here
        points, trials = {0.0: here}, []

        def phi(length: float) -> tuple[float, float]:
            point = points[length] = self.evaluate(here.x + length * d)
            trials.append(Trial(length, point.value, dot(point.gradient, d)))
            return point.value, trials[-1].slope

        search = SEARCHES[self.options["line_search_fn"]]
        start = Trial(0.0, here.value, dot(here.gradient, d))
        found = search(phi, start, self.options["lr"] * self.first_length(here, d), self.options)
        while again := longer(found, start, max(trials), here.x, d):
            found = search(phi, start, again, self.options)
        there = points[found.trial.length]
        if found.reason == "unbounded":
            raise Unbounded(WITHOUT_END.format(there.value))
        return there

    def _takes(self, here: Point, d: Tensor) -> bool:
        """Whether a direction can be followed: it is finite, and goes downhill where a search follows it."""
        searched = self.options["line_search_fn"] is not None
        return bool(d.isfinite().all() and (not searched or dot(here.gradient, d) < 0))


def _fixed(phi, start: Trial, first: float, options: dict) -> Found:
    trial = at(phi, first)
    if not trial.finite:
        raise FloatingPointError(
            f"A step of lr={first:g} leads where the loss is {trial.value}; take a smaller one, or a search."
        )
    return Found(trial, 1, "fixed")


def _armijo(phi, start: Trial, first: float, options: dict) -> Found:
    return armijo(phi, start, first, c1=options["c1"])


def _strong_wolfe(phi, start: Trial, first: float, options: dict) -> Found:
    eps = finfo(options["params"][0].dtype).eps
    return strong_wolfe(phi, start, first, c1=options["c1"], c2=options["c2"], eps=eps)


SEARCHES = {"strong_wolfe": _strong_wolfe, "armijo": _armijo, None: _fixed}
