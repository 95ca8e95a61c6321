"""A trust region: how far to believe the parabola, and the best step within that distance."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from book.numerics.arguments import check_values
from book.numerics.number_types import number
from book.numerics.vector import dot, norm, power_of_two
from book.optim.conjugate_gradient import checked_product
from book.optim.full_batch import FullBatch, Point
from book.optim.line_search.unbounded import WITHOUT_END, Unbounded

LONGEST = 2.0**100
WIDER = 2.0**10  # times the radius, where a step to its edge is lost in rounding
TIE = 1 + 1e-9  # of two ends that are equally low but for rounding, the one ahead is taken
Product = Callable[[Tensor], Tensor]  # v ↦ H v


class TrustRegion(FullBatch):
    """The step that makes the parabola m(p) = f + gᵀp + ½ pᵀHp small among those no longer than Δ.

    Steihaug's conjugate gradients find it from products H v alone. Where they leave the region, or meet a
    direction along which the surface bends down, the step ends on the region's edge: negative curvature needs
    no repair. Then Δ learns from ρ, the drop of the loss over the drop that m promised: ρ below 1/4 makes it
    a quarter of the step's length, ρ above 3/4 at the edge doubles it. A step with ρ ≤ `eta`, or into inf or
    nan, is refused and a shorter one taken from the same products. Where a step to the edge would be lost in
    the rounding of the loss or of x, Δ is in no relation to them: it becomes 2¹⁰ times as long.

    It remembers `radius`, and counts `refused` steps beside `FullBatch`'s counts.

    Args:
        params, max_iter, tolerance_grad, tolerance_change: as for `FullBatch`.
        radius: the first Δ, above 0.
        max_radius: the largest Δ.
        eta: the least ρ with which a step is taken, in [0, 1/4).

    Raises:
        ValueError: a hyperparameter is outside its range; at a step, the loss falls without end.
        FloatingPointError: at a step, a product with the Hessian is not finite.

    Source:
        Steihaug, "The conjugate gradient method and trust regions in large scale optimization", SIAM Journal
        on Numerical Analysis, 1983; Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, algorithms
        4.1 and 7.2.

    Examples:
        >>> x = torch.nn.Parameter(torch.tensor([-1.2, 1.0], dtype=torch.float64))
        >>> optimizer = TrustRegion([x], max_iter=100)
        >>> _ = optimizer.step(lambda: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2)
        >>> x.data.round(decimals=6)
        tensor([1., 1.], dtype=torch.float64)
    """

    curved = True

    def __init__(
        self, params, *, radius: float = 1.0, max_radius: float = LONGEST, eta: float = 0.15, **options
    ):
        super().__init__(params, radius=radius, max_radius=max_radius, eta=eta, **options)

    def check(self, options: dict) -> dict:
        """Refuse hyperparameters that do not fit, radii out of order among them."""
        options = super().check(options)
        if not options["radius"] <= options["max_radius"]:
            raise ValueError(
                f"radius is at most max_radius; got {options['radius']} and {options['max_radius']}."
            )
        return options

    def advance(self, here: Point) -> Point:
        """A step within Δ that lowers the loss by enough; Δ for the next."""
        products: list[Tensor] = []
        refused, most = False, self.options["max_radius"]
        while True:
            radius = self.memory.get("radius", self.options["radius"])
            if here.value < -(torch.finfo(here.x.dtype).max ** 0.5):  # products of gradients are soon inf
                raise Unbounded(WITHOUT_END.format(here.value))
            found = steihaug(self._remembered(here, products), here.gradient, radius)
            unseen = not found.predicted > rounding(here) or (here.x + found.p).equal(here.x)
            if unseen and found.end != "inside" and not refused and radius < most:
                self.memory["radius"] = min(WIDER * radius, most)
                continue
            there = self.evaluate(here.x + found.p)
            ratio = gain_ratio(here, there, found.predicted)
            length = norm(found.p)
            if there.value == -math.inf or (ratio > 0 > there.value and length > LONGEST / 2):
                raise Unbounded(WITHOUT_END.format(there.value))
            self.memory["radius"] = next_radius(radius, ratio, length, most)
            if ratio > self.options["eta"]:
                return there
            self.count("refused")
            refused = True
            if not found.predicted > rounding(here) or there.x.equal(here.x):
                del self.memory["radius"]  # the next step starts anew
                return here

    def _remembered(self, here: Point, products: list[Tensor]) -> Product:
        """H v; a shorter step from the same point asks for the same products in the same order."""
        asked = iter(range(10 * len(here.x)))

        def product(v: Tensor) -> Tensor:
            if (index := next(asked)) == len(products):
                products.append(self.product(here, v))
            return products[index]

        return product


class Step(NamedTuple):
    """A step within a trust region.

    Args:
        p: shape (n,).
        predicted: m(0) − m(p), the drop that the parabola promises.
        end: "inside", where the parabola's own minimum was found; "boundary"; "curvature", on the boundary
            along a direction that bends down or not at all; "max_iter".
    """

    p: Tensor
    predicted: float
    end: str


def steihaug(
    product: Product,
    g: Tensor,
    radius: float,
    tolerance: float | None = None,
    max_iter: int | None = None,
) -> Step:
    """Conjugate gradients on m(p) = gᵀp + ½ pᵀHp from p = 0, stopped at ‖p‖ = Δ.

    Each p is longer than the last and m lower, so the first crossing of the boundary is where to stop. A
    direction d with dᵀHd ≤ 0 is followed to the boundary, to the lower one of its two ends.

    Args:
        product: v ↦ H v, for a symmetric H of shape (n, n), not necessarily positive definite.
        g: shape (n,).
        radius: Δ, above 0.
        tolerance: ends inside where ‖g + Hp‖ is at most this; None for min(½, √‖g‖) ‖g‖, with which Newton's
            steps still converge faster than linearly.
        max_iter: products at most; None for 10 n, as rounding makes n too few.

    Returns:
        The step.

    Raises:
        TypeError: Δ is not a number, or the product no function from a vector to one of its kind.
        ValueError: Δ is not above 0 and finite, or a product is of another shape.
        FloatingPointError: g or a product is not finite.

    Source:
        Steihaug, 1983; Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, algorithm 7.2.

    Examples:
        >>> H, g = torch.diag(torch.tensor([1.0, 4.0])), torch.tensor([1.0, 4.0])
        >>> step = steihaug(H.mv, g, radius=10.0, tolerance=1e-6)
        >>> step.p.round(decimals=4), step.end
        (tensor([-1., -1.]), 'inside')
        >>> steihaug(H.mv, g, radius=1.0).p.norm().round(decimals=4)
        tensor(1.)
    """
    if not 0 < number("radius", radius) < math.inf:
        raise ValueError(f"The radius must be above 0 and finite; got {radius}.")
    check_values(g, "steihaug")
    product = checked_product(product, g, "steihaug takes a product", "g")
    if not g.isfinite().all():
        raise FloatingPointError("The gradient is not finite here.")
    scale = power_of_two(g)  # m is as low in units of it, and no square leaves the dtype
    size, g, radius = norm(g), g / scale, radius / scale
    tolerance = min(0.5, size**0.5) * norm(g) if tolerance is None else tolerance / scale

    def step(p: Tensor, r: Tensor, end: str) -> Step:
        return Step(scale * p, scale * (scale * -dot(g + r, p) / 2), end)

    p, r, d = torch.zeros_like(g), g, -g
    for _ in range(10 * len(g) if max_iter is None else max_iter):
        squared = dot(r, r)
        if math.sqrt(squared) <= tolerance:
            return step(p, r, "inside")
        Hd = product(d)
        curvature = dot(d, Hd)
        if not math.isfinite(curvature + squared):
            raise FloatingPointError("The gradient, or its product with the Hessian, is not finite here.")
        if curvature <= 0:
            back, ahead = to_boundary(p, d, radius)
            heights = [t * dot(r, d) + t * t * curvature / 2 for t in (back, ahead)]
            share = back if heights[0] < TIE * heights[1] else ahead
            return step(p + share * d, r + share * Hd, "curvature")
        share = squared / curvature
        if norm(p + share * d) >= radius:
            share = to_boundary(p, d, radius)[1]
            return step(p + share * d, r + share * Hd, "boundary")
        p, r = p + share * d, r + share * Hd
        d = dot(r, r) / squared * d - r
    return step(p, r, "max_iter")


def to_boundary(p: Tensor, d: Tensor, radius: float) -> tuple[float, float]:
    """The two t with ‖p + t d‖ = Δ, the negative one first, without cancellation.

    Args:
        p: shape (n,), no longer than Δ.
        d: shape (n,), not 0.
        radius: Δ.

    Examples:
        >>> to_boundary(torch.tensor([0.0, 3.0]), torch.tensor([2.0, 0.0]), 5.0)
        (-2.0, 2.0)
    """
    a, b, c = dot(d, d), dot(p, d), dot(p, p) - radius**2
    far = -(b + math.copysign(math.sqrt(max(0.0, b * b - a * c)), b))
    one, other = far / a, c / far if far else 0.0
    return min(one, other), max(one, other)


def gain_ratio(here: Point, there: Point, predicted: float) -> float:
    """ρ, the drop from one point to another over the drop that was promised.

    Where the loss's digits no longer show so small a drop, the gradients decide: ρ is 1 where the new one is
    smaller, else 0. Where the new point is not finite, ρ is −inf.

    Args:
        here, there: the points.
        predicted: the promised drop.

    Examples:
        >>> one, two = (Point(torch.zeros(1), value, torch.zeros(1)) for value in (3.0, 2.0))
        >>> gain_ratio(one, two, 4.0)
        0.25
    """
    if not there.finite:
        return -math.inf
    drop = here.value - there.value
    if max(predicted, abs(drop)) <= rounding(here):
        return float(norm(there.gradient) < norm(here.gradient))
    return drop / predicted if predicted > 0 else -math.inf


def next_radius(radius: float, ratio: float, length: float, max_radius: float = math.inf) -> float:
    """Δ after a step: a quarter of the step where ρ < ¼, twice Δ where ρ > ¾ at the edge, else the same.

    Args:
        radius: Δ.
        ratio: ρ, as from `gain_ratio`.
        length: ‖p‖, at most Δ but for rounding.
        max_radius: the largest Δ.

    Source:
        Nocedal and Wright, Numerical Optimization, 2nd edition, 2006, algorithm 4.1; it takes a quarter of Δ
        where we take one of ‖p‖, so that no step within the new Δ is the one just refused.

    Examples:
        >>> next_radius(1.0, 0.1, 0.4), next_radius(1.0, 0.9, 1.0), next_radius(1.0, 0.9, 0.4)
        (0.1, 2.0, 1.0)
    """
    if not ratio >= 0.25:
        return min(length, radius) / 4
    if ratio > 0.75 and length >= (1 - 1e-6) * radius:
        return min(2 * radius, max_radius)
    return radius


def rounding(here: Point) -> float:
    """How much of a drop from a point's loss may be rounding: 4 ε of its size."""
    return 4 * torch.finfo(here.x.dtype).eps * abs(here.value)
