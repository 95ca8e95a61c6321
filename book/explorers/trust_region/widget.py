"""Trust region: the best step within a radius, and what the model promises for it against the truth."""

import json
from pathlib import Path

import traitlets

from book.explorers.shared.ground import OnASurface
from book.explorers.shared.limits import in_range
from book.surfaces import SURFACES

TABLE = json.loads(Path(__file__).with_name("trust-region.json").read_text("utf-8"))
RADII, LIMITS, DEFAULT = TABLE["radii"], TABLE["limits"], TABLE["surface"]


class TrustRegionExplorer(OnASurface):
    """Drag a point and a radius; see the quadratic model's step within it, its promise, and the truth.

    Args:
        surface: "Rosenbrock", "Himmelblau", "Beale", "plateau", "saddle" or "bowl, κ = 10".
        start: the point, two numbers inside the picture; the surface's own start if left out.
        radius: how far the model is trusted; one that suits the surface if left out.

    Raises:
        traitlets.TraitError: an unknown surface, a point outside the picture, or a radius that is not between
            0.01 and 8.

    Examples:
        >>> TrustRegionExplorer("Himmelblau", radius=2)
        TrustRegionExplorer(surface='Himmelblau', start=(0.0, 0.0), radius=2.0)
    """

    tag = "descent-trust-region"
    state = ("surface", "start", "radius")
    fallback = (
        "Trust region: an explorer that draws a surface, its quadratic model within a circle, the step that "
        "the model takes there, and for every radius the drop that is promised beside the real one. It runs "
        "on the book's page and in a live notebook."
    )
    surface = traitlets.Enum(tuple(RADII), DEFAULT).tag(sync=True)
    radius = traitlets.Float(float(RADII[DEFAULT])).tag(sync=True)

    def __init__(self, surface: str = DEFAULT, start=None, radius=None, **options):
        known = SURFACES.get(surface, SURFACES[DEFAULT])  # an unknown name is refused by its trait
        start = known.start if start is None else tuple(float(entry) for entry in start)
        radius = float(RADII.get(surface, 1.0) if radius is None else radius)
        super().__init__(surface=surface, start=start, radius=radius, **options)

    @traitlets.validate("radius")
    def _trusted(self, proposal):
        return in_range("The radius", proposal["value"], LIMITS)
