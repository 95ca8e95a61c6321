"""Line searches: how far to go along a direction. Each can stand in for the learning rate of `descend`."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from book.numerics.arguments import check_floating

GOLDEN = (5**0.5 - 1) / 2  # 0.618…, the share of the bracket that each step of golden section keeps
LONGEST = 2.0**100


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
    or nan is refused like one that goes up.

    Args:
        f: takes shape (n,), returns shape ().
        x: shape (n,), one of the four float dtypes.
        g: the gradient of f at x, shape (n,).
        first: the longest step that is tried.
        shrink: the factor from one trial to the next, between 0 and 1.
        share: between 0 and 1.

    Returns:
        The learning rate η; 0 where no step is long enough to move x.

    Raises:
        TypeError: x is not a tensor of a float dtype.
        ValueError: shrink or share is not between 0 and 1, or first is not above 0.

    Source:
        Armijo, "Minimization of functions having Lipschitz continuous first partial derivatives", Pacific
        Journal of Mathematics, 1966.

    Examples:
        >>> x = torch.tensor([1.0])
        >>> backtracking(lambda x: 5 * x.square().sum(), x, 10 * x)
        0.125
    """
    if not (0 < shrink < 1 and 0 < share < 1 and first > 0):
        raise ValueError(
            f"shrink and share must be between 0 and 1 and first above 0; got {shrink}, {share}, {first}."
        )
    along = restricted(f, x, -g)
    eta, height, promised = first, along(0.0), share * g.square().sum().item()
    while not along(eta) <= height - eta * promised:
        eta *= shrink
        if torch.equal(x - eta * g, x):
            return 0.0
    return eta


def exact(f: Callable[[Tensor], Tensor], x: Tensor, g: Tensor, first: float = 1.0) -> float:
    """argmin f(x − ηg) over η > 0, found from values alone.

    The step is doubled, or halved, until three steps enclose a minimum; golden section shrinks the bracket.
    Where f has several minima along the line, it is one of them. Values alone find it to about the root of
    machine epsilon: near its minimum f is flat, so closer steps give equal values.

    Args:
        f, x, g: as for `backtracking`.
        first: the first step that is tried.

    Returns:
        The learning rate η; 0 where no step is long enough to move x.

    Raises:
        TypeError: x is not a tensor of a float dtype.
        ValueError: f still falls at 2^100 times the gradient, or has reached −inf.

    Source:
        Kiefer, "Sequential minimax search for a maximum", Proceedings of the AMS, 1953.

    Examples:
        >>> x = torch.tensor([1.0, 1.0], dtype=torch.float64)
        >>> g = torch.tensor([1.0, 4.0], dtype=torch.float64)
        >>> f"{exact(lambda p: (p[0] ** 2 + 4 * p[1] ** 2) / 2, x, g):.6f}"  # gᵀg / gᵀHg = 17/65
        '0.261538'
    """
    along = restricted(f, x, -g)
    step, height = first, along(0.0)
    while not along(step) < height:
        step /= 2
        if torch.equal(x - step * g, x):
            return 0.0
    return golden_section(along, *bracket(along, step), tol=torch.finfo(x.dtype).eps ** 0.5)


def restricted(f: Callable[[Tensor], Tensor], x: Tensor, direction: Tensor) -> Callable[[float], float]:
    """φ(η) = f(x + η d): a function of n variables as a function of one, along a line.

    Args:
        f: takes shape (n,), returns shape ().
        x, direction: shape (n,).

    Raises:
        TypeError: x is not a tensor of a float dtype.

    Examples:
        >>> along = restricted(lambda p: p.square().sum(), torch.tensor([1.0, 1.0]), torch.tensor([-1.0, 0.0]))
        >>> along(0.0), along(1.0)
        (2.0, 1.0)
    """  # noqa: E501
    check_floating(x, "A line search", ndim=1)
    return lambda step: f(x + step * direction).item()


def bracket(along: Callable[[float], float], step: float) -> tuple[float, float]:
    """Two steps with a minimum of φ between them, from a step with φ(step) < φ(0), by doubling.

    Args:
        along: φ.
        step: above 0.

    Raises:
        ValueError: φ still falls at 2^100, or has reached −inf.

    Examples:
        >>> bracket(lambda step: (step - 5) ** 2, 1.0)
        (2.0, 8.0)
    """
    low, height, ahead = 0.0, along(step), along(2 * step)
    while ahead < height:
        low, step, height = step, 2 * step, ahead
        if step > LONGEST or height == -math.inf:
            raise ValueError(
                "f falls and falls along this line, so it seems to have no minimum there; use backtracking, "
                "or a learning rate."
            )
        ahead = along(2 * step)
    return low, 2 * step


def golden_section(along: Callable[[float], float], low: float, high: float, tol: float) -> float:
    """Shrink a bracket of a minimum of φ by 0.618 for each value, to a width of tol times its upper end.

    Args:
        along: φ, with one minimum between low and high.
        low, high: the bracket.
        tol: relative; below the root of machine epsilon the values can no longer tell.

    Source:
        Kiefer, "Sequential minimax search for a maximum", Proceedings of the AMS, 1953.

    Examples:
        >>> round(golden_section(lambda step: (step - 5) ** 2, 2.0, 8.0, tol=1e-6), 4)
        5.0
    """
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = along(left), along(right)
    while high - low > tol * high:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = along(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = along(right)
    return (low + high) / 2
