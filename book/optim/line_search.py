"""Line searches: how far to go along a direction. Each can stand in for the learning rate of `descend`."""

import math
from collections.abc import Callable
from functools import wraps

import torch
from torch import Tensor

from book.calculus.functions import check_direction
from book.numerics.callables import as_height, as_number, check_point, check_same
from book.numerics.number_types import number, plain_numbers
from book.numerics.vector import length

GOLDEN = (5**0.5 - 1) / 2  # 0.618…, the share of the bracket that each step of golden section keeps
LONGEST = 2.0**1000
SHORTEST = 2.0**-1022  # the smallest normal number


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


@plain_numbers
def bracket(along: Callable[[float], float], step: float) -> tuple[float, float]:
    """Two steps with a minimum of φ between them, from a step with φ(step) < φ(0), by doubling.

    Args:
        along: φ.
        step: above 0.

    Raises:
        ValueError: the step is not above 0 and finite, φ still falls at 2^1000, or has reached −inf.

    Examples:
        >>> bracket(lambda step: (step - 5) ** 2, 1.0)
        (2.0, 8.0)
    """
    if not 0 < step < math.inf:
        raise ValueError(f"The step must be above 0 and finite; got {step}.")
    along = as_height(along, "bracket")
    low, height, ahead = 0.0, along(step), along(2 * step)
    if height == math.inf:
        raise ValueError(f"φ({step}) must be finite, and below φ(0); it is not finite.")
    while ahead < height:
        low, step, height = step, 2 * step, ahead
        if step > LONGEST or height == -math.inf:
            raise ValueError(
                "f falls and falls along this line, so it seems to have no minimum there; use backtracking, "
                "or a learning rate."
            )
        ahead = along(2 * step)
    return low, 2 * step


@plain_numbers
def golden_section(along: Callable[[float], float], low: float, high: float, tol: float) -> float:
    """Shrink a bracket of a minimum of φ by 0.618 for each value, to a width of tol times its upper end.

    Args:
        along: φ, with one minimum between low and high.
        low, high: the bracket.
        tol: relative; at least 0; below the root of machine epsilon values can no longer tell, and 1e-15 is
            the least. Where the minimum is at 0, the search ends at the smallest normal number.

    Raises:
        ValueError: the bracket is not of two finite numbers, the lower first and at least 0, tol is negative
            or nan, or φ is nowhere finite in the bracket.

    Source:
        Kiefer, "Sequential minimax search for a maximum", Proceedings of the AMS, 1953.

    Examples:
        >>> round(golden_section(lambda step: (step - 5) ** 2, 2.0, 8.0, tol=1e-6), 4)
        5.0
    """
    if not 0 <= low <= high < math.inf:
        raise ValueError(
            f"A bracket has a lower and an upper step, at least 0 and finite; got {low}, {high}."
        )
    if not tol >= 0:
        raise ValueError(f"tol must be at least 0; got {tol}.")
    along, tol = as_height(along, "golden_section"), max(tol, 1e-15)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = along(left), along(right)
    while high - low > max(tol * high, SHORTEST):
        if at_left < at_right or at_left == math.inf:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = along(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = along(right)
    if at_left == at_right == math.inf:
        raise ValueError("φ is not finite in this bracket; give one around a minimum.")
    return (low + high) / 2


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
