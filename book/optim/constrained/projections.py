"""Projections: the nearest point of a set, for the sets where it has a formula or nearly one."""

import numpy as np
import torch
from torch import Tensor

from book.numerics.arguments import check_floating, check_values, floating_vector
from book.numerics.number_types import number, plain_numbers
from book.numerics.vector import length, power_of_two


@floating_vector
def project_box(x: Tensor, low: float | Tensor, high: float | Tensor) -> Tensor:
    """The nearest point with low ≤ x ≤ high: each entry is cut off at its bounds.

    Args:
        x: shape (n,).
        low, high: numbers, or tensors of shape (n,); infinite where there is no bound.

    Returns:
        Shape (n,).

    Raises:
        TypeError: a bound is neither a number nor a tensor.
        ValueError: a lower bound is above its upper one, a bound or an entry is nan, or a bound is of another
            shape.

    Examples:
        >>> project_box(torch.tensor([-1.0, 0.5, 3.0]), 0.0, 1.0)
        tensor([0.0000, 0.5000, 1.0000])
    """
    check_values(x, "project_box")
    low, high = (_bound(bound, x, "A bound") for bound in (low, high))
    if x.isnan().any():
        raise ValueError("project_box takes entries that are numbers; got nan.")
    if not (low <= high).all():
        raise ValueError("The box is empty: each lower bound must be at most its upper one.")
    return torch.minimum(torch.maximum(x, low), high)


@floating_vector
@plain_numbers
def project_ball(x: Tensor, radius: float = 1.0, center: Tensor | None = None) -> Tensor:
    """The nearest point with ‖x − center‖ ≤ radius: x itself, or the end of the radius that points to it.

    Args:
        x: shape (n,).
        radius: at least 0.
        center: shape (n,); 0 without it.

    Returns:
        Shape (n,).

    Raises:
        TypeError: the center is neither a number nor a tensor.
        ValueError: the radius is below 0 or nan, x has an entry that is not finite, or the center is of
            another shape.

    Examples:
        >>> project_ball(torch.tensor([3.0, 4.0]))
        tensor([0.6000, 0.8000])
    """
    if not radius >= 0:
        raise ValueError(f"The radius of a ball is at least 0; got {radius}.")
    center = x.new_zeros(()) if center is None else _bound(center, x, "The center")
    _check_finite(x, "project_ball")
    _check_finite(center, "The center")
    if not len(x):
        return x.clone()
    away, scale = x - center, power_of_two(x - center)  # its length may be beyond the dtype
    distance = length(away / scale)
    if distance <= radius / scale:
        return x.clone()
    return center + away / scale / distance * radius


@floating_vector
@plain_numbers
def project_simplex(x: Tensor, total: float = 1.0) -> Tensor:
    """The nearest point with entries from 0 on and a given sum: max(x − θ, 0), with the θ that makes it.

    Sorted downwards, the entries that stay above 0 are the first k, with k the largest j for which entry j is
    above θⱼ = (u₁ + … + uⱼ − total) / j.

    Args:
        x: shape (n,).
        total: the sum, above 0.

    Returns:
        Shape (n,).

    Raises:
        ValueError: the total is not above 0, or not finite; x has an entry that is not finite, or none.

    Source:
        Held, Wolfe and Crowder, "Validation of subgradient optimization", Mathematical Programming, 1974;
        Duchi, Shalev-Shwartz, Singer and Chandra, "Efficient projections onto the l1-ball for learning in
        high dimensions", ICML, 2008, figure 1.

    Examples:
        >>> project_simplex(torch.tensor([1.0, 0.5, -1.0]))
        tensor([0.7500, 0.2500, 0.0000])
    """
    if not 0 < total < float("inf"):
        raise ValueError(f"The entries of a simplex sum to a finite number above 0; got {total}.")
    _check_finite(x, "project_simplex")
    if not len(x):
        raise ValueError("project_simplex takes an entry or more, as none have a sum above 0.")
    x = (x - x.max()).clamp(min=-total)  # what lies lower than that becomes 0 anyway
    u = x.sort(descending=True).values
    thresholds = (u.cumsum(0) - total) / torch.arange(1, len(u) + 1, dtype=x.dtype, device=x.device)
    kept = int((u > thresholds).nonzero().max())
    return (x - thresholds[kept]).clamp(min=0)


@floating_vector
@plain_numbers
def project_half_space(x: Tensor, normal: Tensor, offset: float = 0.0) -> Tensor:
    """The nearest point with aᵀx ≤ b: x itself, or its foot on the plane.

    Args:
        x: shape (n,).
        normal: a, shape (n,), not 0.
        offset: b.

    Returns:
        Shape (n,).

    Raises:
        TypeError: the normal is no tensor.
        ValueError: the normal is 0 or of another shape, or x, it or b is not finite.

    Examples:
        >>> project_half_space(torch.tensor([2.0, 2.0]), torch.tensor([1.0, 0.0]), 1.0)
        tensor([1., 2.])
    """
    _check_finite(x, "project_half_space")
    normal = _normal(normal, x)
    size = _length(normal, offset)
    unit = normal / size
    return x - (unit @ x - offset / size).clamp(min=0) * unit


@floating_vector
@plain_numbers
def project_box_and_plane(
    x: Tensor, low: float | Tensor, high: float | Tensor, normal: Tensor, offset: float
) -> Tensor:
    """The nearest point of a box on a plane, low ≤ x ≤ high and aᵀx = b: the box's cut of x − t a, for one t.

    aᵀx of the cut falls with t, in straight pieces between the t at which an entry meets a bound. So the
    piece that reaches b is found by halving the sorted list of these, and t on it by a straight line.

    Args:
        x: shape (n,).
        low, high: as for `project_box`, finite where the normal is not 0.
        normal: a, shape (n,), not 0.
        offset: b.

    Returns:
        Shape (n,).

    Raises:
        TypeError: the normal is no tensor, or a bound neither a number nor a tensor.
        ValueError: the box is empty or endless, the normal is 0, a shape does not fit, no point of the box
            lies on the plane, or x is too far away for its digits to decide.

    Source:
        Brucker, "An O(n) algorithm for quadratic knapsack problems", Operations Research Letters, 1984.

    Examples:
        >>> project_box_and_plane(torch.tensor([2.0, 0.5]), 0.0, 1.0, torch.tensor([1.0, 1.0]), 1.0)
        tensor([1., 0.])
    """
    _check_finite(x, "project_box_and_plane")
    normal = _normal(normal, x)
    _length(normal, offset)
    moving = normal != 0
    low, high = (_bound(bound, x, "A bound").expand_as(x) for bound in (low, high))

    def cut(t) -> Tensor:
        return project_box(x - t * normal, low, high)

    ends = torch.where(normal > 0, low, high), torch.where(normal > 0, high, low)
    least, most = (float(normal[moving] @ end[moving]) for end in ends)
    slack = 8 * torch.finfo(x.dtype).eps * max(abs(least), abs(most), abs(offset))
    if not slack < float("inf"):
        raise ValueError("The box needs finite bounds where the plane's normal is not 0.")
    if not least - slack <= offset <= most + slack:
        raise ValueError(
            f"No point of the box lies on the plane: aᵀx is between {least:g} and {most:g} there."
        )
    meets = torch.cat([(x - bound)[moving] / normal[moving] for bound in (low, high)])
    nearest = cut(_root(lambda t: float(normal @ cut(t)) - offset, meets.sort().values))
    if abs(float(normal @ nearest) - offset) > slack / torch.finfo(x.dtype).eps ** 0.5:
        raise ValueError(
            f"x is so far from the box that its digits in {x.dtype} do not tell the nearest point; bring it "
            "nearer, or take float64."
        )
    return nearest


def _root(excess, places: Tensor) -> float:
    """Where a function that falls in straight pieces between sorted places is 0."""
    first, last = 0, len(places) - 1
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (middle, last) if excess(places[middle]) > 0 else (first, middle)
    before, after = excess(places[first]), excess(places[last])
    share = before / (before - after) if before > after else 0.0
    return float(places[first] + min(max(share, 0.0), 1.0) * (places[last] - places[first]))


def _bound(value: float | Tensor, x: Tensor, name: str) -> Tensor:
    """A number, or one for each entry of x, in x's dtype."""
    many = isinstance(value, Tensor | np.ndarray | list | tuple)
    if isinstance(value, Tensor):
        check_values(value, name)
    bound = torch.as_tensor(value if many else number(name, value), dtype=x.dtype, device=x.device)
    if bound.shape not in ((), x.shape):
        raise ValueError(f"{name} is a number or of shape {tuple(x.shape)}, as x; got {tuple(bound.shape)}.")
    return bound


def _normal(normal: Tensor, x: Tensor) -> Tensor:
    """A plane's normal in x's dtype."""
    check_floating(normal, "A plane's normal")
    check_values(normal, "A plane's normal")
    if normal.shape != x.shape:
        raise ValueError(f"A plane's normal is of x's shape {tuple(x.shape)}; got {tuple(normal.shape)}.")
    return normal.to(x)


def _length(normal: Tensor, offset: float) -> Tensor:
    size = length(normal)
    if not (0 < size < float("inf") and abs(offset) < float("inf")):
        raise ValueError("A plane has a normal that is finite and not 0, and a finite offset.")
    return size


def _check_finite(x: Tensor, name: str) -> None:
    check_values(x, name)
    if not x.isfinite().all():
        raise ValueError(f"{name} takes finite entries; got {x[~x.isfinite()][0].item()}.")
