"""A support vector machine by its dual: two multipliers at a time, so that their sum stays what it is."""

from typing import NamedTuple

import torch
from torch import Tensor

from book.numerics.arguments import check_floating, check_values
from book.numerics.number_types import plain_numbers, whole
from book.optim.ranges import at_least_zero

FLOOR = 1e-12  # for a curvature that is not above 0


class SupportVectors(NamedTuple):
    """What a dual's solution consists of.

    Args:
        alpha: the multipliers, shape (n,), each from 0 to C; example i is a support vector where it is above
        0. bias: b, which makes the decision for a new example z: Σᵢ αᵢ yᵢ K(xᵢ, z) + b. gap: how far the
        worst pair is from its condition; at most `tol` where the method arrived. steps: pairs that were
        moved.
    """

    alpha: Tensor
    bias: float
    gap: float
    steps: int


@plain_numbers
def smo(K: Tensor, y: Tensor, C: float = 1.0, tol: float = 1e-10, max_iter: int = 100_000) -> SupportVectors:
    """Minimise ½ αᵀQα − Σα with 0 ≤ α ≤ C and yᵀα = 0, where Qᵢⱼ = yᵢ yⱼ Kᵢⱼ, by pairs.

    With one constraint yᵀα = 0 the least set that can move is a pair. Along it the dual is a parabola: its
    minimum has a formula, cut off at the box. The first of the pair is the example that pulls the bias up the
    most; the second, of those that pull it down, the one whose parabola promises the largest drop. At the
    solution all of the first kind pull less than all of the second: the gap is 0.

    Args:
        K: the kernel between the examples, shape (n, n), symmetric; X Xᵀ for the linear one.
        y: labels −1 and 1, both present, shape (n,).
        C: the price of a violated margin, above 0.
        tol: the gap at which to stop.
        max_iter: at most so many pairs; with a gap above `tol` they ran out, or rounding leaves no step.

    Returns:
        The multipliers, the bias, the gap and the steps.

    Raises:
        TypeError: K is not a tensor of a float dtype, or y no vector.
        ValueError: K is not square, symmetric, finite or of y's length; a label is neither −1 nor 1, or one
            of them is missing; C is not above 0.

    Source:
        Platt, "Sequential minimal optimization", 1998; Fan, Chen and Lin, "Working set selection using second
        order information for training support vector machines", JMLR, 2005, for the choice of the pair.

    Examples:
        >>> x, y = torch.tensor([[-1.0], [1.0], [3.0]]), torch.tensor([-1.0, 1.0, 1.0])
        >>> smo(x @ x.T, y)
        SupportVectors(alpha=tensor([0.5000, 0.5000, 0.0000]), bias=0.0, gap=0.0, steps=1)
    """
    _check(K, y, C)
    tol, max_iter = at_least_zero("tol", tol), whole("max_iter", max_iter, least=0)
    K, y = K.detach(), y.detach().to(K)
    alpha, fresh = torch.zeros_like(y), True
    slope, steps = -torch.ones_like(y), 0  # of the dual, Qα − 1
    while True:
        pull, up, down = -y * slope, _may(alpha, y, C), _may(alpha, -y, C)
        i = int(torch.where(up, pull, -torch.inf).argmax())
        difference = torch.where(down, pull[i] - pull, -torch.inf)
        gap = float(difference.max())
        if gap <= tol and not fresh:  # the sum of all steps' slopes has rounding of its own
            slope, fresh = y * (K @ (alpha * y)) - 1, True
            continue
        if gap <= tol or steps == max_iter:
            break
        step = _move(alpha, y, i, *_second(K, i, difference), C)
        if step is None:
            break
        slope, fresh, steps = slope + y * step, False, steps + 1
    return SupportVectors(alpha, _bias(pull, alpha, C, float(pull[i]), gap), gap, steps)


def _may(alpha: Tensor, y: Tensor, C: float) -> Tensor:
    """Which multipliers may move by y times a positive step."""
    return torch.where(y > 0, alpha < C, alpha > 0)


def _second(K: Tensor, i: int, difference: Tensor) -> tuple[int, Tensor, Tensor]:
    """The second of the pair, the step to the minimum along it, and the change of K(α y) in a unit step."""
    curvature = (K[i, i] + K.diagonal() - 2 * K[i]).clamp(min=FLOOR)
    drop = torch.where(difference > 0, difference.square() / curvature, -torch.inf)
    j = int(drop.argmax())
    return j, difference[j] / curvature[j], K[i] - K[j]


def _move(
    alpha: Tensor, y: Tensor, i: int, j: int, wanted: Tensor, change: Tensor, C: float
) -> Tensor | None:
    """Move the pair in place as far as the box lets it; the change of K(α y), None where nothing moved."""
    ends = [(k, C if sign > 0 else 0.0, sign) for k, sign in ((i, y[i]), (j, -y[j]))]
    step = min([wanted, *(abs(end - alpha[k]) for k, end, _ in ends)])
    before = alpha[[i, j]]
    for k, end, sign in ends:
        alpha[k] = end if step == abs(end - alpha[k]) else alpha[k] + sign * step
    return None if torch.equal(before, alpha[[i, j]]) else step * change


def _bias(pull: Tensor, alpha: Tensor, C: float, highest: float, gap: float) -> float:
    """The pull of the examples on the margin; without any, the middle of what the conditions allow."""
    free = (alpha > 0) & (alpha < C)
    return float(pull[free].mean()) if free.any() else highest - gap / 2


def _check(K: Tensor, y: Tensor, C: float) -> None:
    check_floating(K, "smo", 2)
    if not isinstance(y, Tensor) or y.ndim != 1 or y.is_complex():
        raise TypeError("smo takes the labels as a tensor of shape (n,), as torch.tensor([-1, 1]).")
    for given in (K, y):
        check_values(given, "smo")
    if K.shape != (len(y), len(y)) or not K.isfinite().all():
        raise ValueError(
            f"K is finite and has a row and a column for each label; got {tuple(K.shape)}, {len(y)}."
        )
    if sorted(set(y.tolist())) != [-1, 1]:
        raise ValueError(f"The labels are -1 and 1, both of them; got {sorted(set(y.tolist()))[:5]}.")
    if (K - K.T).abs().max() > torch.finfo(K.dtype).eps ** 0.5 * K.abs().max():
        raise ValueError("K is symmetric, as K(x, z) = K(z, x); this one is not.")
    if not C > 0:
        raise ValueError(f"C is above 0; got {C}.")
