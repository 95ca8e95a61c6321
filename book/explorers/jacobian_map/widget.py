"""Jacobian as a map: a small square, its image, and the parallelogram that the Jacobian makes of it."""

import json
from collections.abc import Sequence
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.limits import in_range
from book.explorers.shared.points import holds, refuse_outside

TABLE = json.loads(Path(__file__).with_name("jacobian-map.json").read_text("utf-8"))
DEFAULTS, SIDES, MAPS = TABLE["defaults"], TABLE["sides"], TABLE["maps"]


class JacobianMap(Explorer):
    """Drag a small square; see its image under a map and the parallelogram that the Jacobian makes of it.

    Args:
        map: "polar", "square", "swirl", "shear", "pleat" or "layer".
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
    map = traitlets.Enum(tuple(MAPS), DEFAULTS["map"]).tag(sync=True)
    point = traitlets.List(traitlets.Float(), DEFAULTS["point"], minlen=2, maxlen=2).tag(sync=True)
    side = traitlets.Float(DEFAULTS["side"]).tag(sync=True)
    view = traitlets.Enum(tuple(TABLE["views"]), DEFAULTS["view"]).tag(sync=True)

    def __init__(
        self,
        map: str = DEFAULTS["map"],
        point: Sequence[float] | None = None,
        side: float = DEFAULTS["side"],
        view: str = DEFAULTS["view"],
        **options,
    ):
        known = MAPS.get(map, MAPS[DEFAULTS["map"]])  # an unknown name is refused by its trait
        point = [float(entry) for entry in (known["start"] if point is None else point)]
        super().__init__(map=map, point=point, side=float(side), view=view, **options)

    @traitlets.validate("point")
    def _inside(self, proposal):
        point = proposal["value"]
        what = f"The point {point} is outside the picture of {self.map}"
        refuse_outside(MAPS[self.map]["box"], point, what, ("x₁", "x₂"))
        return point

    @traitlets.validate("side")
    def _small(self, proposal):
        return in_range("The side", proposal["value"], SIDES)

    @traitlets.observe("map")
    def _new_map(self, change):
        """A point that the new map's box does not hold is replaced by the map's own start."""
        known = MAPS[change["new"]]
        if not holds(known["box"], self.point):
            self.point = [float(entry) for entry in known["start"]]
