"""A constraint: a bowl, what is allowed, and at a point the forces that have to balance."""

import json
from collections.abc import Sequence
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.limits import in_range
from book.explorers.shared.points import refuse_outside

TABLE = json.loads(Path(__file__).with_name("constraint.json").read_text("utf-8"))
DEFAULTS, LIMITS, BOX, KINDS = TABLE["defaults"], TABLE["limits"], TABLE["box"], TABLE["kinds"]
POINTS = {"center": "middle of the bowl", "place": "constraint", "x": "point x"}


class Constraint(Explorer):
    """Drag a bowl, a constraint and a point; see which condition of a constrained minimum fails at the point.

    The bowl is f(x) = ((x₁ − a)² + 2 (x₂ − b)²) / 2 around its middle (a, b). At x three arrows are drawn:
    the pull −∇f, each wall's push −λ∇c with the λ that fits best, and what is left over of their sum.

    Args:
        kind: "wall", "corner" or "disc" for c(x) ≤ 0; "line" or "circle" for h(x) = 0; "cusp" for two walls
            whose gradients are dependent at the tip.
        center: the middle of the bowl.
        place: a point of the wall or line, the tip of a corner or cusp, the middle of a disc or circle.
        angle: degrees from the first axis to the wall's normal, which points to what is forbidden.
        radius: of a disc or circle, from 0.4 to 2.
        x: where the conditions are judged.

    Raises:
        traitlets.TraitError: an unknown kind, a point outside the picture, a number out of range.

    Examples:
        >>> Constraint("disc", center=(2, 0))
        Constraint(kind='disc', center=[2.0, 0.0], place=[0.2, 0.0], angle=20.0, radius=1.2, x=[-1.2, -0.9])
    """

    tag = "descent-constraint"
    state = ("kind", "center", "place", "angle", "radius", "x")
    fallback = (
        "Constraint: an explorer in which a bowl, a constraint and a point are dragged. Arrows show the pull "
        "of the bowl and the push of the walls, and a table says which condition of a minimum fails. It runs "
        "on the book's page and in a live notebook."
    )
    kind = traitlets.Enum(tuple(KINDS), DEFAULTS["kind"]).tag(sync=True)
    center = traitlets.List(traitlets.Float(), DEFAULTS["center"], minlen=2, maxlen=2).tag(sync=True)
    place = traitlets.List(traitlets.Float(), DEFAULTS["place"], minlen=2, maxlen=2).tag(sync=True)
    angle = traitlets.Float(DEFAULTS["angle"]).tag(sync=True)
    radius = traitlets.Float(DEFAULTS["radius"]).tag(sync=True)
    x = traitlets.List(traitlets.Float(), DEFAULTS["x"], minlen=2, maxlen=2).tag(sync=True)

    def __init__(
        self,
        kind: str = DEFAULTS["kind"],
        center: Sequence[float] = DEFAULTS["center"],
        place: Sequence[float] = DEFAULTS["place"],
        angle: float = DEFAULTS["angle"],
        radius: float = DEFAULTS["radius"],
        x: Sequence[float] = DEFAULTS["x"],
        **options,
    ):
        points = {"center": center, "place": place, "x": x}
        points = {name: [float(entry) for entry in point] for name, point in points.items()}
        super().__init__(kind=kind, angle=float(angle), radius=float(radius), **points, **options)

    @traitlets.validate(*POINTS)
    def _inside(self, proposal):
        name, point = proposal["trait"].name, proposal["value"]
        refuse_outside(BOX, point, f"The {POINTS[name]} {point} is outside the picture", ("x₁", "x₂"))
        return point

    @traitlets.validate(*LIMITS)
    def _in_range(self, proposal):
        name = proposal["trait"].name
        return in_range(f"The {name}", proposal["value"], LIMITS[name])
