"""What explorers on a surface share: which is shown first, its picture, a start inside it, how many steps."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.points import holds, refuse_outside
from book.surfaces import SURFACES, Surface

TABLE = json.loads(Path(__file__).with_name("ground.json").read_text("utf-8"))
DEFAULT, MOST_STEPS = TABLE["surface"], TABLE["most_steps"]


def picture(surface: Surface) -> tuple[tuple[float, float], ...]:
    """Return the square around the box of a surface: what the explorer shows, and where a start may lie.

    Examples:
        >>> picture(SURFACES["Beale"])
        ((-1.0, 4.5), (-2.75, 2.75))
    """
    half = max(high - low for low, high in surface.box) / 2
    return tuple(((low + high) / 2 - half, (low + high) / 2 + half) for low, high in surface.box)


class OnASurface(Explorer):
    """An explorer whose `start` lies in the picture of its `surface`; a subclass says which it offers."""

    surface: str  # the trait of a subclass
    start = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=SURFACES[DEFAULT].start).tag(
        sync=True
    )

    @traitlets.validate("start")
    def _inside(self, proposal):
        start, name = proposal["value"], self.surface
        what = f"The start {start} is outside the picture of {name}"
        refuse_outside(picture(SURFACES[name]), start, what, ("x", "y"))
        return start

    @traitlets.observe("surface")
    def _new_ground(self, change):
        """A start that the new surface's picture does not hold is replaced by the surface's own."""
        surface = SURFACES[change["new"]]
        if not holds(picture(surface), self.start):
            self.start = surface.start
