"""How far to go along −g, from values alone. Each search can stand in for the learning rate of `descend`."""

import math
from collections.abc import Callable
from functools import wraps

import torch
from torch import Tensor

from book.calculus.functions import check_direction
from book.numerics.callables import as_number, check_point, check_same
from book.numerics.number_types import number
from book.numerics.vector import length
from book.optim.line_search.golden_section import LONGEST, bracket, golden_section


def searching(search: Callable[..., float]) -> Callable[..., float]:
    """Decorate a search along −g from x, which starts from finite numbers; its first value is that at x."""

    @wraps(search)
    def checked(f, x, g, first=1.0, **options):
        name = search.__name__
        check_point(x, name, ndim=1)
        check_direction(g, x, name)
        first = number("first", first)
        options = {name: number(name, value) for name, value in options.items()}
        if not 0 < first < math.inf:
            raise ValueError(f"{name} takes a first step above 0 and finite; got {first}.")
        if not (x.isfinite().all() and g.isfinite().all()):
            raise ValueError(f"{name} starts where x, g and f(x) are finite; here x or g is not.")
        return search(_from_finite(f, name), x, g, first, **options)

    return checked


@searching
def backtracking(
    f: Callable[[Tensor], Tensor],
    x: Tensor,
    g: Tensor,
    first: float = 1.0,
    shrink: float = 0.5,
    share: float = 1e-4,
) -> float:
    """The first of the steps η = first, first · shrink, … with f(x − ηg) ≤ f(x) − share · η‖g‖².

    The condition, Armijo's, asks for a share of the drop that the slope at x promises. A step that gives inf
    or nan is refused like one that goes up. Each trial costs a value of f, f(x) one, and all are believed:
    an f that draws random numbers has to draw them once.

    Args:
        f: takes shape (n,), returns shape () or a number; see `book.numerics.callables`.
        x: shape (n,), finite, one of the four float dtypes.
        g: the gradient of f at x, shape (n,), of x's dtype.
        first: the longest step that is tried.
        shrink: the factor from one trial to the next, between 0 and 1.
        share: between 0 and 1.

    Returns:
        The learning rate η; 0 where no step is long enough to move x.

    Raises:
        TypeError: x is not a tensor of a float dtype.
        ValueError: shrink or share is not between 0 and 1, first is not above 0, x, g or f(x) is not finite.

    Source:
        Armijo, "Minimization of functions having Lipschitz continuous first partial derivatives", Pacific
        Journal of Mathematics, 1966.

    Examples:
        >>> x = torch.tensor([1.0])
        >>> backtracking(lambda x: 5 * x.square().sum(), x, 10 * x)
        0.125
    """
    if not (0 < shrink < 1 and 0 < share < 1):
        raise ValueError(f"shrink and share must be between 0 and 1; got {shrink} and {share}.")
    along = restricted(f, x, -g)
    eta, height, slope = first, along(0.0), length(g.double()).item()
    while not along(eta) <= height - share * eta * slope * slope:
        eta *= shrink
        if torch.equal(x - eta * g, x):
            return 0.0
    return eta


@searching
def exact(f: Callable[[Tensor], Tensor], x: Tensor, g: Tensor, first: float = 1.0) -> float:
    """argmin f(x − ηg) over η > 0, found from values alone.

    The step is doubled, or halved, until three steps enclose a minimum; golden section shrinks the bracket.
    A first step that changes f by no more than rounding is doubled before, until it shows.
    Where f has several minima along the line, it is one of them. Values alone find it to about the root of
    machine epsilon: near its minimum f is flat, so closer steps give equal values.

    Args:
        f, x, g: as for `backtracking`.
        first: the first step that is tried.

    Returns:
        The learning rate η; 0 where no step is long enough to move x.

    Raises:
        TypeError: x is not a tensor of a float dtype.
        ValueError: f still falls at 2^1000 times the gradient, or has reached −inf; first is not above 0, x,
            g or f(x) is not finite, or f gives two values at one point.

    Source:
        Kiefer, "Sequential minimax search for a maximum", Proceedings of the AMS, 1953.

    Examples:
        >>> x = torch.tensor([1.0, 1.0], dtype=torch.float64)
        >>> g = torch.tensor([1.0, 4.0], dtype=torch.float64)
        >>> f"{exact(lambda p: (p[0] ** 2 + 4 * p[1] ** 2) / 2, x, g):.6f}"  # gᵀg / gᵀHg = 17/65
        '0.261538'
    """
    along = _repeatable(restricted(f, x, -g))
    step, height = first, along(0.0)
    ahead, rounding = along(step), 10 * torch.finfo(x.dtype).eps * abs(height)
    while abs(ahead - height) <= rounding and step < LONGEST:  # too short to show in f
        step *= 2
        ahead = along(step)
    while not ahead < height:
        step /= 2
        if torch.equal(x - step * g, x):
            return 0.0
        ahead = along(step)
    return golden_section(along, *bracket(along, step), tol=torch.finfo(x.dtype).eps ** 0.5)


def restricted(f: Callable[[Tensor], Tensor], x: Tensor, direction: Tensor) -> Callable[[float], float]:
    """φ(η) = f(x + η d): a function of n variables as a function of one, along a line.

    Args:
        f: takes shape (n,), returns shape () or a number.
        x, direction: shape (n,), of one float dtype.

    Raises:
        TypeError: x is not a tensor of a float dtype, or the direction is of another.
        ValueError: x is not a vector, or the direction is not of its shape.

    Examples:
        >>> along = restricted(lambda p: p.square().sum(), torch.tensor([1.0, 1.0]), torch.tensor([-1.0, 0.0]))
        >>> along(0.0), along(1.0)
        (2.0, 1.0)
    """  # noqa: E501
    check_point(x, "A line search", ndim=1)
    check_direction(direction, x, "A line search")
    value = as_number(f, "A line search")
    return lambda step: value(x + step * direction)


def _from_finite(f: Callable[[Tensor], Tensor], name: str) -> Callable[[Tensor], float]:
    """f as a number, the first of which must be finite."""
    value, begun = as_number(f, name), []

    def checked(x: Tensor) -> float:
        height = value(x)
        if not begun and not math.isfinite(height):
            raise ValueError(f"{name} starts where x, g and f(x) are finite; here f(x) is {height}.")
        begun.append(True)
        return height

    return checked


def _repeatable(along: Callable[[float], float]) -> Callable[[float], float]:
    """φ, refused where it gives another value at a step that was tried before: `bracket` tries one again."""
    seen = {}

    def checked(step: float) -> float:
        height = along(step)
        if step in seen:
            check_same(seen[step], height, "exact")
        seen[step] = height
        return height

    return checked
