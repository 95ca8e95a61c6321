"""Jacobian as a map: a small square, its image, and the parallelogram that the Jacobian makes of it."""

import math
from typing import NamedTuple

import torch
import traitlets
from torch import Tensor

from book.calculus import jacobian
from book.calculus.checks import Function
from book.explorers.shared.base import Explorer
from book.explorers.shared.points import holds, refuse_outside

SIDES = (0.01, 1.5)
PIECES = 24  # of each edge of the square
LOST = 1e-9  # a stretch no longer than this counts as zero
CLOSE = 0.1  # the largest distance, as a share of the image's size, up to which the picture is a good one
W = torch.tensor([[1.2, -0.8], [0.5, 1.0]], dtype=torch.float64)
B = torch.tensor([0.2, -0.3], dtype=torch.float64)


class Map(NamedTuple):
    """A map of the plane into itself.

    Args:
        f: takes shape (2,), returns shape (2,).
        box: the lowest and highest value of each input that the explorer shows.
        start: where the square lies at first.
    """

    f: Function
    box: tuple[tuple[float, float], ...]
    start: tuple[float, float]


def polar(x: Tensor) -> Tensor:
    """(r cos φ, r sin φ) for x = (r, φ)."""
    return x[0] * torch.stack([torch.cos(x[1]), torch.sin(x[1])])


def complex_square(x: Tensor) -> Tensor:
    """(x₁² − x₂², 2 x₁ x₂): the square of the complex number x₁ + i x₂."""
    return torch.stack([x[0] ** 2 - x[1] ** 2, 2 * x[0] * x[1]])


def swirl(x: Tensor) -> Tensor:
    """x, turned about the origin by the angle |x|² / 2."""
    angle = x.square().sum() / 2
    c, s = torch.cos(angle), torch.sin(angle)
    return torch.stack([c * x[0] - s * x[1], s * x[0] + c * x[1]])


def sine_shear(x: Tensor) -> Tensor:
    """(x₁ + 0.8 sin 2x₂, x₂)."""
    return torch.stack([x[0] + 0.8 * torch.sin(2 * x[1]), x[1]])


def pleat(x: Tensor) -> Tensor:
    """(x₁, x₂³ − x₁ x₂): Whitney's cusp, which folds the plane over inside a parabola."""
    return torch.stack([x[0], x[1] ** 3 - x[0] * x[1]])


def layer(x: Tensor) -> Tensor:
    """tanh(W x + b) with two units."""
    return torch.tanh(W @ x + B)


WIDE = ((-2.0, 2.0), (-2.0, 2.0))
MAPS = {
    "polar": Map(polar, ((0.0, 3.0), (-1.5, 1.5)), (2.0, 0.5)),
    "square": Map(complex_square, ((-1.5, 1.5), (-1.5, 1.5)), (0.8, 0.5)),
    "swirl": Map(swirl, WIDE, (0.9, 0.4)),
    "shear": Map(sine_shear, WIDE, (0.3, 0.6)),
    "pleat": Map(pleat, ((-1.5, 1.5), (-1.5, 1.5)), (0.9, 0.1)),
    "layer": Map(layer, WIDE, (0.5, -0.4)),
}


def readout(name: str, point: tuple[float, float], side: float) -> dict:
    """Return the numbers that the explorer shows, by autograd in float64, and the name of what it tells.

    Args:
        name: one of the names of `MAPS`.
        point: the middle of the square.
        side: its side.

    Returns:
        `value` and `jacobian` at the point; `det`, `longest` and `shortest` stretch; `image` and `linear`,
        what the map and its linear picture make of the square's boundary; `gap`, the largest distance
        between the two, and `half`, the same for half the side; `area`, by how much the area of the square
        grows; `story`.

    Examples:
        >>> shown = readout("polar", (2.0, 0.5), 0.1)
        >>> round(shown["det"], 6), round(shown["area"], 2), round(shown["gap"] / shown["half"], 1)
        (2.0, 2.0, 4.0)
        >>> shown["story"]
        'close'
    """
    f, x = MAPS[name].f, torch.tensor(point, dtype=torch.float64)
    J = jacobian(f, x)
    longest, shortest = torch.linalg.svdvals(J).tolist()
    det = torch.linalg.det(J).item()
    image, linear = images(f, J, x, side)
    gap = _largest_distance(image, linear)
    return {
        "value": f(x).tolist(),
        "jacobian": J.tolist(),
        "image": image.tolist(),
        "linear": linear.tolist(),
        "det": det,
        "longest": longest,
        "shortest": shortest,
        "gap": gap,
        "half": _largest_distance(*images(f, J, x, side / 2)),
        "area": _area(image) / side**2,
        "story": _story(det, longest, shortest, gap / side),
    }


def images(f: Function, J: Tensor, x: Tensor, side: float) -> tuple[Tensor, Tensor]:
    """Return the boundary of the square about x under the map and under its linear picture, (96, 2) each.

    Examples:
        >>> bent, straight = images(polar, torch.eye(2).double(), torch.zeros(2).double(), 1.0)
        >>> bent.shape, straight[0]
        (torch.Size([96, 2]), tensor([-0.5000, -0.5000], dtype=torch.float64))
    """
    t = side * (torch.arange(PIECES, dtype=x.dtype) / PIECES - 0.5)
    h = torch.full_like(t, side / 2)
    edges = [torch.stack(edge, dim=1) for edge in ((t, -h), (h, t), (-t, h), (-h, -t))]
    steps = torch.cat(edges)
    return torch.stack([f(x + step) for step in steps]), f(x) + steps @ J.T


def _largest_distance(points: Tensor, others: Tensor) -> float:
    return (points - others).norm(dim=1).max().item()


def _area(ring: Tensor) -> float:
    """The area inside a closed line, by the shoelace formula."""
    u, v = ring.T
    return (u * v.roll(-1) - v * u.roll(-1)).sum().abs().item() / 2


def _story(det: float, longest: float, shortest: float, gap: float) -> str:
    if shortest <= LOST:
        return "lost"
    if gap > CLOSE * longest:
        return "far"
    return "mirrored" if det < 0 else "close"


class JacobianMap(Explorer):
    """Drag a small square; see its image under a map and the parallelogram that the Jacobian makes of it.

    Args:
        map: a name of `MAPS`.
        point: the middle of the square, inside the map's box; the map's own start if left out.
        side: of the square, from 0.01 to 1.5.
        view: "whole", or "magnified" for a picture of the outputs as wide as the square's image.

    Raises:
        traitlets.TraitError: an unknown map or view, a point outside the box, or a side out of range.

    Examples:
        >>> JacobianMap("polar", side=0.5)
        JacobianMap(map='polar', point=[2.0, 0.5], side=0.5, view='whole')
    """

    tag = "descent-jacobian-map"
    state = ("map", "point", "side", "view")
    fallback = (
        "Jacobian as a map: an explorer that shows a small square, its image under a map of the plane, and "
        "the parallelogram that the Jacobian makes of it. It runs on the book's page and in a live notebook."
    )
    map = traitlets.Enum(tuple(MAPS), "swirl").tag(sync=True)
    point = traitlets.List(traitlets.Float(), [0.9, 0.4], minlen=2, maxlen=2).tag(sync=True)
    side = traitlets.Float(0.7).tag(sync=True)
    view = traitlets.Enum(("whole", "magnified"), "whole").tag(sync=True)

    def __init__(self, map: str = "swirl", point=None, side: float = 0.7, view: str = "whole", **options):
        known = MAPS.get(map, MAPS["swirl"])  # an unknown name is refused by its trait
        point = [float(entry) for entry in (known.start if point is None else point)]
        super().__init__(map=map, point=point, side=float(side), view=view, **options)

    @traitlets.validate("point")
    def _inside(self, proposal):
        point = proposal["value"]
        what = f"The point {point} is outside the picture of {self.map}"
        refuse_outside(MAPS[self.map].box, point, what, ("x₁", "x₂"))
        return point

    @traitlets.validate("side")
    def _small(self, proposal):
        low, high = SIDES
        if math.isnan(proposal["value"]) or not low <= proposal["value"] <= high:
            raise traitlets.TraitError(f"The side must be from {low:g} to {high:g}; got {proposal['value']}.")
        return proposal["value"]

    @traitlets.observe("map")
    def _new_map(self, change):
        """A point that the new map's box does not hold is replaced by the map's own start."""
        known = MAPS[change["new"]]
        if not holds(known.box, self.point):
            self.point = list(known.start)
